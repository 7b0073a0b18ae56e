// `apparenet run`: the parts of the product in this process, until a signal or, with --once, until the verdict.
import type { Command } from 'commander';
import { checkBrokerUrl } from '../../box/config/check-mqtt.js';
import { parseTarget } from '../../box/parse-target.js';
import { ConfigError, UsageError } from '../../model/errors.js';
import { DEPTH_BUDGET, type ExaminationEvent } from '../../model/examination.js';
import { CONFIG_PATH, PART_NAMES, PART_PORTS, type PartName, type RunPartsOptions } from '../../model/parts.js';
import type { Report } from '../../model/report.js';
import { parseList, parseListenAddress, parseTlsOptions, parseWholeNumber } from '../arguments.js';
import { writeJson, writeNote, type CommandContext } from '../command-context.js';
import { ProgressLine } from '../progress.js';
import { renderReport } from '../report-text.js';
import { addJsonOption } from './examination-options.js';

interface RunOptions {
  readonly examine?: string;
  readonly once?: true;
  readonly only?: readonly PartName[];
  readonly tpsSocket?: string;
  readonly stateDir?: string;
  readonly config?: string;
  readonly mqtt?: string;
  readonly listen?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly plainHttp?: true;
  readonly asPort?: number;
  readonly uiPort?: number;
  readonly udpPort?: readonly number[];
  readonly json?: true;
}

const HELP = `
Examples:
  sudo apparenet run                                  sequencer, analysis server and page, until Ctrl-C
  sudo apparenet run --examine 192.0.2.1              the same, and examines that address first
  sudo apparenet run --examine 192.0.2.1 --once       ends with the verdict on it
  apparenet run --only as,ui                          two of the parts; the sequencer runs elsewhere

What the configuration names is watched; nothing else is sent without a target. With --once nothing is watched,
and the exit status is the verdict.`;

/** Port 0 lets the kernel choose. */
const ANY_PORT = { low: 0, high: 65535 };

export function addRun(program: Command, context: CommandContext): void {
  const command = program
    .command('run')
    .summary('all three parts in one process')
    .description('Runs the sequencer, the analysis server and the page in one process.')
    .option('--examine <target>', 'examine this host or address as soon as the parts are ready', parseTarget)
    .option('--once', 'end after the verdict on the target')
    .option('--only <parts>', `only these of ${PART_NAMES.join(',')}`, (text) => parseList('--only', PART_NAMES, text))
    .option('--tps-socket <path>', "the sequencer's control socket")
    .option('--state-dir <folder>', 'takes the place of /run/apparenet and of the state folder')
    .option('--config <file>', `the configuration, instead of ${CONFIG_PATH}`)
    .option('--mqtt <url>', 'publish to this broker where the configuration names none', parseBrokerUrl)
    .option(
      '--listen <address>',
      'where API and page listen, above what the configuration says (127.0.0.1)',
      parseListenAddress,
    )
    .option('--tls-cert <file>', 'certificate of API and page, PEM; its own beyond loopback')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--plain-http', 'no TLS beyond loopback either: passwords can then be read on the way')
    .option('--as-port <n>', `TCP port of the analysis server (${PART_PORTS.as})`, parsePort('--as-port'))
    .option('--ui-port <n>', `TCP port of the page (${PART_PORTS.ui})`, parsePort('--ui-port'))
    .option(
      '--udp-port <n...>',
      `UDP ports of the reflector (${PART_PORTS.reflector.join(' and ')})`,
      (text, earlier: readonly number[] | undefined) => [...(earlier ?? []), parsePort('--udp-port')(text)],
    );
  addJsonOption(command)
    .addHelpText('after', HELP)
    .action(async (options: RunOptions) => {
      await run(options, context);
    });
}

/** @throws UsageError */
function parseBrokerUrl(text: string): string {
  try {
    checkBrokerUrl('--mqtt', text);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new UsageError('usage.argument', cause.message, { cause });
  }
  return text;
}

function parsePort(option: string): (text: string) => number {
  return (text) => parseWholeNumber(option, ANY_PORT, text);
}

async function run(options: RunOptions, context: CommandContext): Promise<void> {
  const { examine: target } = options;
  if (options.once && target === undefined) {
    throw new UsageError('usage.argument', '--once ends with a verdict: name its target with --examine');
  }
  if (options.json && target === undefined) {
    throw new UsageError('usage.argument', '--json prints the report on a target: name it with --examine');
  }
  const { out, err } = context.terminal;
  const progress =
    target === undefined ? undefined : new ProgressLine(err, { maxSeconds: DEPTH_BUDGET.normal.maxSeconds });
  const interrupts = context.watchInterrupts();
  let notes: readonly string[] = [];
  const onEvent = (event: ExaminationEvent): void => {
    if (event.kind === 'opened') notes = event.path.notes;
    progress?.show(event);
  };
  const onReport = (report: Report, pageUrl: string | null): void => {
    progress?.close();
    if (options.json) writeJson(context, report);
    else out.write(renderReport(report, { columns: out.columns, ink: out.ink, notes }));
    if (pageUrl !== null && !options.once && !interrupts.signal.aborted) writeNote(context, `page ${pageUrl}`);
  };
  try {
    const exitCode = await context.services.runParts({
      ...chooseParts(options),
      signal: interrupts.signal,
      note: (line) => (progress ? progress.say(line) : writeNote(context, line)),
      onEvent,
      onReport,
    });
    context.finish(exitCode);
  } finally {
    progress?.close();
    interrupts.close();
  }
}

/** Only what was typed; runParts knows the rest. */
function chooseParts(options: RunOptions): Omit<RunPartsOptions, 'signal' | 'note'> {
  return {
    ...(options.examine === undefined ? {} : { target: options.examine }),
    ...(options.once ? { once: true } : {}),
    ...(options.only ? { only: options.only } : {}),
    ...(options.tpsSocket === undefined ? {} : { socketPath: options.tpsSocket }),
    ...(options.stateDir === undefined ? {} : { stateDir: options.stateDir }),
    ...(options.config === undefined ? {} : { configPath: options.config }),
    ...(options.mqtt === undefined ? {} : { mqttUrl: options.mqtt }),
    ...(options.listen === undefined ? {} : { listen: options.listen }),
    ...parseTlsOptions({ cert: options.tlsCert, key: options.tlsKey, plainHttp: options.plainHttp ?? false }),
    ...(options.asPort === undefined ? {} : { asPort: options.asPort }),
    ...(options.uiPort === undefined ? {} : { uiPort: options.uiPort }),
    ...(options.udpPort ? { reflectorPorts: options.udpPort } : {}),
  };
}
