// `apparenet console`: many boxes at once, as they tell a broker, until a signal.
import type { Command } from 'commander';
import { parseConfiguration } from '../../box/config/parse-configuration.js';
import type { MqttSettings } from '../../model/configuration.js';
import { nameBrokerOptions } from '../../model/console-options.js';
import { ConfigError, UsageError } from '../../model/errors.js';
import { PART_PORTS } from '../../model/parts.js';
import { parseListenAddress, parseTlsOptions, parseWholeNumber } from '../arguments.js';
import { writeNote, type CommandContext } from '../command-context.js';

interface ConsoleOptions {
  readonly broker: string;
  readonly credentials?: string;
  readonly ca?: string;
  readonly fingerprint?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly mqttVersion?: string;
  readonly baseTopic?: string;
  readonly stateDir?: string;
  readonly maxMb: number;
  readonly days: number;
  readonly listen?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly plainHttp?: true;
  readonly asPort?: number;
  readonly uiPort?: number;
}

const HELP = `
Examples:
  apparenet console --broker mqtt://192.0.2.10
  apparenet console --broker mqtts://broker.example --credentials /etc/apparenet/mqtt.yaml --listen 0.0.0.0

It sends nothing to the boxes, and needs no right but to its folder and its ports.`;

const ANY_PORT = { low: 0, high: 65_535 };
const MEGABYTES = { low: 100, high: 10_000_000 };
const DAYS = { low: 1, high: 3_650 };
const DEFAULT_MB = 4_096;
const DEFAULT_DAYS = 400;

export function addConsole(program: Command, context: CommandContext): void {
  const whole =
    (option: string, range: typeof DAYS) =>
    (text: string): number =>
      parseWholeNumber(option, range, text);
  program
    .command('console')
    .summary('many boxes at once, as they tell a broker')
    .description(
      'Shows all boxes that publish to an MQTT broker: the worst first, what happened to them, and their past.',
    )
    .requiredOption('--broker <url>', 'mqtt://, mqtts://, ws:// or wss:// and the host')
    .option('--credentials <file>', 'YAML with username: and password:')
    .option('--ca <file>', 'whom to believe instead of the well-known authorities, PEM')
    .option('--fingerprint <sha256>', "of the broker's certificate: this one and no other")
    .option('--client-cert <file>', 'what the console shows of itself, PEM')
    .option('--client-key <file>', 'its key, PEM')
    .option('--mqtt-version <version>', '3.1.1 or 5 (3.1.1)')
    .option('--base-topic <topic>', 'what the topics of the boxes begin with (apparenet)')
    .option('--state-dir <folder>', 'where it keeps what it heard, instead of its own state folder')
    .option(
      '--max-mb <n>',
      `what the history of all boxes may take (${DEFAULT_MB})`,
      whole('--max-mb', MEGABYTES),
      DEFAULT_MB,
    )
    .option(
      '--days <n>',
      `how long minutes and reports are kept (${DEFAULT_DAYS})`,
      whole('--days', DAYS),
      DEFAULT_DAYS,
    )
    .option('--listen <address>', 'where API and page listen (127.0.0.1)', parseListenAddress)
    .option('--tls-cert <file>', 'certificate of API and page, PEM; its own beyond loopback')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--plain-http', 'no TLS beyond loopback either: passwords can then be read on the way')
    .option('--as-port <n>', `TCP port of the API (${PART_PORTS.as})`, whole('--as-port', ANY_PORT))
    .option('--ui-port <n>', `TCP port of the page (${PART_PORTS.ui})`, whole('--ui-port', ANY_PORT))
    .addHelpText('after', HELP)
    .action(async (options: ConsoleOptions) => {
      await run(options, context);
    });
}

async function run(options: ConsoleOptions, context: CommandContext): Promise<void> {
  const { maxMb, days, stateDir, listen, asPort, uiPort } = options;
  const tls = parseTlsOptions({ cert: options.tlsCert, key: options.tlsKey, plainHttp: options.plainHttp ?? false });
  const broker = parseBroker(options);
  const interrupts = context.watchInterrupts();
  try {
    const exitCode = await context.services.runConsole({
      ...{ broker, retention: { maxMb, days }, ...tls },
      ...(stateDir === undefined ? {} : { stateDir }),
      ...(listen === undefined ? {} : { listen }),
      ...(asPort === undefined ? {} : { asPort }),
      ...(uiPort === undefined ? {} : { uiPort }),
      signal: interrupts.signal,
      note: (line) => writeNote(context, line),
    });
    context.finish(exitCode);
  } finally {
    interrupts.close();
  }
}

/** By the rules of the box's configuration, in the words of the command line. @throws UsageError */
function parseBroker(options: ConsoleOptions): MqttSettings {
  const mqtt = {
    ...{ enabled: true, url: options.broker, credentialsFile: options.credentials, caFile: options.ca },
    ...{ fingerprint: options.fingerprint, certificateFile: options.clientCert, keyFile: options.clientKey },
    ...{ version: options.mqttVersion === '5' ? 5 : options.mqttVersion, baseTopic: options.baseTopic },
  };
  try {
    // What is undefined is left out; JSON is YAML.
    return parseConfiguration(JSON.stringify({ mqtt })).mqtt;
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new UsageError('usage.argument', nameBrokerOptions(cause.message), { cause });
  }
}
