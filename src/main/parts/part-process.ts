// One part as a process of its own: its options, its signals, its end. Loads neither the commands nor the other parts, since
// three such processes share a small machine.
import { parseArgs } from 'node:util';
import { parseListenAddress, parseTlsOptions, parseWholeNumber } from '../../cli/arguments.js';
import { describeFailure } from '../../cli/failure.js';
import { watchInterrupts } from '../../cli/interrupts.js';
import { EXIT, UsageError } from '../../model/errors.js';
import type { ExitCode } from '../../model/errors.js';
import { CONFIG_PATH, PART_PORTS } from '../../model/parts.js';
import type { PartName, RunPartsOptions } from '../../model/parts.js';
import { runParts } from '../run.js';

const OPTION_WORDS = {
  'tps-socket': "<path>    the sequencer's control socket",
  'state-dir': '<folder>   takes the place of /run/apparenet and of the state folder',
  config: `<file>          the configuration, instead of ${CONFIG_PATH}`,
  'as-port': `<n>          TCP port of the analysis server (${PART_PORTS.as})`,
  'ui-port': `<n>          TCP port of the page (${PART_PORTS.ui})`,
  listen: '<address>       where to listen, 127.0.0.1 unless the configuration says otherwise; beyond it one logs in',
  'tls-cert': '<file>     certificate of API and page, PEM; its own beyond loopback',
  'tls-key': '<file>      its key, PEM',
  'plain-http': '         no TLS beyond loopback either: passwords can then be read on the way',
  'udp-port': `<n>         UDP port of the reflector (${PART_PORTS.reflector.join(' and ')}); may be repeated`,
} as const;
type Option = keyof typeof OPTION_WORDS;

const OPTIONS_OF: Readonly<Record<PartName, readonly Option[]>> = {
  tps: ['tps-socket', 'state-dir', 'udp-port'],
  as: ['tps-socket', 'state-dir', 'config', 'as-port', 'listen', 'tls-cert', 'tls-key', 'plain-http'],
  ui: ['state-dir', 'config', 'as-port', 'ui-port', 'listen', 'tls-cert', 'tls-key', 'plain-http'],
};

/** Ends the process: after a signal, or at once where the part cannot start. */
export async function runPartProcess(part: PartName): Promise<never> {
  const words = process.argv.slice(2);
  const exitCode = await serve(part, words).catch((error: unknown) => {
    const withStack = (process.env['APPARENET_DEBUG'] ?? '') !== '';
    const failure = describeFailure(error, [`apparenet-${part}`, ...words], withStack);
    for (const line of failure.lines) process.stderr.write(`${line}\n`);
    return failure.exitCode;
  });
  process.exit(exitCode);
}

async function serve(part: PartName, words: readonly string[]): Promise<ExitCode> {
  const options = parseOptions(part, words);
  if (options === null) {
    process.stdout.write(composeHelp(part));
    return EXIT.ok;
  }
  const interrupts = watchInterrupts(() => undefined);
  const note = (line: string) => void process.stderr.write(`${line}\n`);
  return runParts({ only: [part], signal: interrupts.signal, note, ...options });
}

/** null where help was asked for. @throws UsageError `usage.argument` */
function parseOptions(part: PartName, words: readonly string[]): Partial<RunPartsOptions> | null {
  const { help, 'plain-http': plainHttp = false, ...texts } = splitWords(part, words);
  if (help) return null;
  const parsePort = (option: Option, text: string) => parseWholeNumber(`--${option}`, { low: 0, high: 65_535 }, text);
  const {
    'tps-socket': sockets,
    'state-dir': folders,
    'as-port': asPorts,
    'ui-port': uiPorts,
    'udp-port': udp,
    listen: addresses,
    config: files,
  } = texts;
  const [socketPath, stateDir] = [sockets?.at(-1), folders?.at(-1)];
  const configPath = files?.at(-1);
  const [asPort, uiPort] = [asPorts?.at(-1), uiPorts?.at(-1)];
  return {
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(configPath === undefined ? {} : { configPath }),
    ...(asPort === undefined ? {} : { asPort: parsePort('as-port', asPort) }),
    ...(uiPort === undefined ? {} : { uiPort: parsePort('ui-port', uiPort) }),
    ...(addresses === undefined ? {} : { listen: parseListenAddress(addresses.at(-1) ?? '') }),
    ...parseTlsOptions({ cert: texts['tls-cert']?.at(-1), key: texts['tls-key']?.at(-1), plainHttp }),
    ...(udp ? { reflectorPorts: udp.map((text) => parsePort('udp-port', text)) } : {}),
  };
}

type Words = { help?: boolean; 'plain-http'?: boolean } & Partial<Record<Exclude<Option, 'plain-http'>, string[]>>;

function splitWords(part: PartName, words: readonly string[]): Words {
  const text = { type: 'string', multiple: true } as const;
  const known = Object.fromEntries(
    OPTIONS_OF[part].map((name) => [name, name === 'plain-http' ? ({ type: 'boolean' } as const) : text]),
  );
  try {
    return parseArgs({ args: [...words], options: { ...known, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (cause) {
    const [reason = ''] = cause instanceof Error ? cause.message.split('. ') : [];
    throw new UsageError('usage.argument', `${reason}; see apparenet-${part} --help`, { cause });
  }
}

function composeHelp(part: PartName): string {
  const rows = OPTIONS_OF[part].map((name) => `  --${name} ${OPTION_WORDS[name]}\n`);
  return `Usage: apparenet-${part} [options]\n
What the service unit starts; on a terminal "apparenet run --only ${part}" is the same.\n
Options:
${rows.join('')}  -h, --help             print help\n
Example:
  apparenet-${part} ${OPTIONS_OF[part].includes('tps-socket') ? '--tps-socket /run/apparenet/tps.sock' : '--ui-port 8080'}
`;
}
