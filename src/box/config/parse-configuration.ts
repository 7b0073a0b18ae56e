// The text of config.yaml becomes a Configuration, or one error that names the field. Reads no file.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { validateDetailed } from 'node-cron';
import { parseDocument } from 'yaml';
import { ConfigError, UsageError } from '../../model/errors.js';
import type { Configuration } from '../../model/configuration.js';
import type { MonitorTarget, Segment } from '../../model/monitor.js';
import { parseTarget } from '../parse-target.js';
import { checkMqtt } from './check-mqtt.js';
import { checkServer } from './check-server.js';
import { describeMismatch } from './describe-mismatch.js';
import { CONFIG_SCHEMA } from './schema.js';
import { suggestWord } from './suggest-word.js';

/** The target that stands for the default gateway, whichever it is. */
export const GATEWAY = 'gateway';

/** What the schema lets through: `segment` follows from the address where it is not said. */
type WrittenTarget = Omit<MonitorTarget, 'segment'> & { readonly segment?: Segment };
type WrittenConfiguration = Omit<Configuration, 'targets' | 'timeZone'> & {
  readonly targets: readonly WrittenTarget[];
  readonly timeZone?: string;
};

/** The schema is our own: to check it, or to make the check of a short file fast, would only make the start slow. */
const ajv = new Ajv2020({
  ...{ useDefaults: true, verbose: true, allErrors: true, strictTypes: false },
  ...{ meta: false, validateSchema: false, code: { optimize: false } },
});
const fillAndCheck = ajv.compile<WrittenConfiguration>(CONFIG_SCHEMA);

/** An empty text gives the defaults: no target, nothing to do. @throws ConfigError */
export function parseConfiguration(text: string): Configuration {
  const document = parseDocument(text, { prettyErrors: true });
  const [broken] = document.errors;
  if (broken) throw new ConfigError(formatLine(broken.linePos), describeSyntax(broken.message));
  return checkConfiguration(document.toJS() ?? {});
}

/** @throws ConfigError */
export function checkConfiguration(value: unknown): Configuration {
  const filled = dropEmpty(value);
  if (!fillAndCheck(filled)) {
    const errors = fillAndCheck.errors ?? [];
    // A key that is wrongly spelt is missing as well.
    const error = errors.find(({ keyword }) => keyword === 'additionalProperties') ?? errors[0];
    throw error ? describeMismatch(error) : new ConfigError('configuration', 'is malformed');
  }
  checkNames('targets', filled.targets);
  checkNames('schedule', filled.schedule);
  checkTimeZone(filled.timeZone);
  checkSchedule(filled);
  checkServer(filled.server);
  checkMqtt(filled.mqtt);
  filled.quietHours.forEach(({ from, to }, i) => {
    if (from === to) throw new ConfigError(`quietHours[${i}].to`, 'must differ from its beginning');
  });
  return { ...filled, timeZone: filled.timeZone ?? null, targets: filled.targets.map(completeTarget) };
}

/** A copy without the keys of the file that have nothing but comments behind them: they count as left out. */
function dropEmpty(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return structuredClone(Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null)));
}

function formatLine(position: readonly [{ line: number; col: number }, ...unknown[]] | undefined): string {
  return position ? `line ${position[0].line}, column ${position[0].col}` : 'configuration';
}

/** The library adds the place and a picture of it, and speaks of several documents to programmers. */
function describeSyntax(message: string): string {
  if (message.includes('multiple documents')) return 'a line of --- begins a second document: there can be only one';
  return message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message;
}

function checkNames(list: string, named: readonly { readonly name: string }[]): void {
  const seen = new Map<string, number>();
  named.forEach(({ name }, i) => {
    const first = seen.get(name);
    if (first !== undefined)
      throw new ConfigError(`${list}[${i}].name`, `${name} is the name of ${list}[${first}] already`);
    seen.set(name, i);
  });
}

function checkTimeZone(timeZone: string | undefined): void {
  if (timeZone === undefined) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    const meant = suggestWord(timeZone, Intl.supportedValuesOf('timeZone'));
    const advice = meant === null ? 'take one such as Europe/Berlin or UTC' : `did you mean ${meant}?`;
    throw new ConfigError('timeZone', `${timeZone} is no time zone; ${advice}`);
  }
}

function checkSchedule({ schedule, targets }: WrittenConfiguration): void {
  const known = targets.map(({ name }) => name);
  schedule.forEach((job, i) => {
    checkCron(`schedule[${i}].at`, job.at);
    job.targets.forEach((name, j) => {
      if (known.includes(name)) return;
      const meant = suggestWord(name, known);
      const advice = meant === null ? `name one of targets` : `did you mean ${meant}?`;
      throw new ConfigError(`schedule[${i}].targets[${j}]`, `no target is called ${name}; ${advice}`);
    });
  });
}

/** cron(5): minute, hour, day of the month, month, day of the week. A sixth field would be seconds, which nothing here needs. */
function checkCron(field: string, at: string): void {
  const advice = 'give minute, hour, day of the month, month and day of the week, such as "30 3 * * *" for 03:30';
  if (at.trim().split(/\s+/).length !== 5) throw new ConfigError(field, `has not five fields; ${advice}`);
  const { valid, errors } = validateDetailed(at);
  if (!valid) throw new ConfigError(field, `${describeCron(errors[0]?.message)}; ${advice}`);
}

/** `61 is a invalid expression for minute` as people say it. */
function describeCron(message = 'is no time of the calendar'): string {
  return message
    .replace(/ is an? invalid expression for /, ' is no ')
    .replace(/ is an impossible day of month for the given month$/, ': that month has no such day');
}

function completeTarget(target: WrittenTarget, i: number): MonitorTarget {
  const segment = target.segment ?? (target.address === GATEWAY ? 'gateway' : 'beyond');
  try {
    return { ...target, segment, address: parseTarget(target.address) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new ConfigError(`targets[${i}].address`, error.message);
  }
}
