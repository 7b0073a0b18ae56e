// `apparenet history`: what monitored targets were like, as a table, a chart, or text for other programs.
import type { Command } from 'commander';
import { EXIT, UsageError } from '../../model/errors.js';
import type { Incident } from '../../model/incident.js';
import { PERIODS_MS, type PeriodName } from '../../model/period-summary.js';
import { parseList } from '../arguments.js';
import { writeJson, type CommandContext } from '../command-context.js';
import { parseSpan, type HistorySpan, type SpanWords } from '../history-span.js';
import { renderOverview, renderTargetPast, type TargetPast } from '../history-text.js';
import { openKept } from '../open-kept.js';
import type { Past } from '../services.js';
import { renderWeek } from '../week-text.js';
import { addJsonOption } from './examination-options.js';

const HELP = `
Examples:
  apparenet history                          the last day of all targets, a line each
  apparenet history gateway --last 7d        a week of one target as a chart
  apparenet history --report                 the last seven days beside the seven before
  apparenet history --csv --last 30d > month.csv
  apparenet history gateway --period hour --json

Asks the analysis server, or reads its files where none runs. Exit status: 0; 3 where nothing is kept.`;

interface HistoryCommandOptions extends SpanWords {
  readonly period?: PeriodName;
  readonly stateDir?: string;
  readonly csv?: true;
  readonly jsonl?: true;
  readonly report?: true;
  readonly json?: true;
}

const PERIODS = Object.keys(PERIODS_MS) as PeriodName[];
const MOST_INCIDENTS = 1000;

export function addHistory(program: Command, context: CommandContext): void {
  const command = program
    .command('history')
    .summary('what the watched targets were like')
    .description('Shows what was measured of watched targets: of all in a line each, or of TARGET as a chart.')
    .argument('[TARGET]', 'name of a watched target')
    .option('--last <time>', 'so far back: 90min, 24h, 7d or 4w (24h)')
    .option('--from <instant>', 'from then on, ISO 8601')
    .option('--to <instant>', 'until then; without it until now')
    .option('--period <length>', `in steps of ${PERIODS.join(', ')}; without it what fits`, (text: string) => {
      return parseList('--period', PERIODS, text)[0];
    })
    .option('--report', 'the last seven days of all targets beside the seven before')
    .option('--csv', 'comma-separated values, a line each period')
    .option('--jsonl', 'a JSON document a line, each period with its whole distribution')
    .option('--state-dir <folder>', 'the folder of the history, where it is not in its usual place');
  addJsonOption(command)
    .addHelpText('after', HELP)
    .action((target: string | undefined, options: HistoryCommandOptions) => showHistory(target, options, context));
}

async function showHistory(
  target: string | undefined,
  options: HistoryCommandOptions,
  context: CommandContext,
): Promise<void> {
  const span = parseSpan(options, Date.now());
  if ([options.csv, options.jsonl, options.json].filter((chosen) => chosen === true).length > 1) {
    throw new UsageError('usage.argument', '--csv, --jsonl and --json do not go together: give one of them');
  }
  const past = await openKept(options.stateDir, context);
  const known = await past.listTargets();

  if (known.length === 0) {
    context.terminal.err.write('Nothing is kept yet: history begins when a target is watched.\n');
    context.finish(EXIT.unknown);
    if (options.json) writeJson(context, { ...span, targets: [] });
    return;
  }
  if (options.report) {
    const week = await past.readWeek(span.toMs);
    if (options.json) writeJson(context, week);
    else context.terminal.out.write(renderWeek(week, Intl.DateTimeFormat().resolvedOptions().timeZone));
    return;
  }
  const targets = target === undefined ? known : [requireTarget(target, known)];
  const { out } = context.terminal;
  if (options.csv ?? options.jsonl) {
    const range = { targets, period: options.period ?? 'minute', ...span };
    for await (const piece of past.exportSummaries(range, options.csv ? 'csv' : 'jsonl')) out.write(piece);
    return;
  }
  const pasts = await Promise.all(targets.map((name) => readPast(past, name, { span, options })));
  if (options.json) writeJson(context, { ...span, targets: pasts });
  else if (target !== undefined && pasts[0] !== undefined) {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    out.write(renderTargetPast(pasts[0], { span, columns: out.columns, timeZone }));
  } else out.write(renderOverview(pasts, span));
}

function requireTarget(target: string, known: readonly string[]): string {
  if (known.includes(target)) return target;
  const names = known.length === 0 ? 'nothing is kept yet' : `there are ${known.join(', ')}`;
  throw new UsageError('usage.argument', `no history of "${target}" is kept: ${names}`);
}

interface SpanQuestion {
  readonly span: HistorySpan;
  readonly options: HistoryCommandOptions;
}

async function readPast(past: Past, target: string, { span, options }: SpanQuestion): Promise<TargetPast> {
  const { period } = options;
  const query = { target, ...span, leastPoints: LEAST_POINTS, ...(period === undefined ? {} : { period }) };
  const [answer, incidents] = await Promise.all([
    past.querySummaries(query),
    past.listIncidents({ target, limit: MOST_INCIDENTS }),
  ]);
  return { target, ...answer, incidents: incidents.filter((incident) => touches(incident, span)) };
}

/** One for each character of a chart. */
const LEAST_POINTS = 96;

function touches({ startedMs, endedMs }: Incident, { fromMs, toMs }: HistorySpan): boolean {
  return startedMs < toMs && (endedMs ?? Infinity) >= fromMs;
}
