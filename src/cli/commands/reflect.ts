// `apparenet reflect`: only the reflector, in the foreground, until Ctrl-C.
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { requirePort } from '../../box/port-facts.js';
import { DeviceError, EXIT, ProtocolError, UsageError } from '../../model/errors.js';
import { PART_PORTS } from '../../model/parts.js';
import { parsePrefix } from '../../packet/address.js';
import { parseWholeNumber } from '../arguments.js';
import { writeNote, type CommandContext } from '../command-context.js';
import { renderCounters } from '../counters-text.js';
import type { RunningReflector, StartReflectorOptions } from '../services.js';

interface ReflectOptions {
  readonly port?: string;
  readonly allow?: readonly string[];
  readonly udpPort?: readonly number[];
  readonly trains: boolean;
}

const HELP = `
Examples:
  sudo apparenet reflect                          answers STAMP packets from private addresses on udp/3237 and udp/862
  sudo apparenet reflect --port eth1 --allow 198.51.100.0/24 2001:db8::/32

Replies are never larger than requests, are limited in rate, and go only to allowed sources. Packets of its own, so that the way
back can be measured by itself, are sent only to a source that has proved to receive there, goes on asking, and within a quota;
--no-trains switches them off. Ctrl-C ends it with exit status 0.`;

const REFRESH_MS = 1000;
const CLEAR_LINE = '\r\u001b[2K';

export function addReflect(program: Command, context: CommandContext): void {
  program
    .command('reflect')
    .summary('only the reflector, in the foreground')
    .description('Answers STAMP test packets (RFC 8762) of other machines until Ctrl-C.')
    .option('--port <name>', 'only on this network port; without it on all')
    .option(
      '--allow <prefix...>',
      'sources to answer; without it private, link-local and loopback ranges',
      collectPrefix,
    )
    .option(
      '--udp-port <n...>',
      `UDP ports (${PART_PORTS.reflector.join(' and ')}); 0 lets the kernel choose`,
      collectPort,
    )
    .option('--no-trains', 'only answer, send no packets of its own')
    .addHelpText('after', HELP)
    .action(async (options: ReflectOptions) => {
      await reflect(options, context);
    });
}

function collectPrefix(text: string, earlier: readonly string[] | undefined): string[] {
  try {
    parsePrefix(text);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const right = 'give one such as 198.51.100.0/24 or 2001:db8::/32';
    throw new UsageError('usage.argument', `--allow cannot be "${text}": ${right}`);
  }
  return [...(earlier ?? []), text];
}

function collectPort(text: string, earlier: readonly number[] | undefined): number[] {
  return [...(earlier ?? []), parseWholeNumber('--udp-port', { low: 0, high: 65535 }, text)];
}

async function reflect(options: ReflectOptions, context: CommandContext): Promise<void> {
  if (options.port !== undefined) requirePort(options.port);
  const interrupts = context.watchInterrupts();
  try {
    const reflector = await context.services.startReflector(chooseReflector(options));
    try {
      announce(reflector, options, context);
      await showCounters(reflector, context, interrupts.signal);
    } finally {
      await reflector.close();
    }
    context.terminal.out.write(`${renderCounters(reflector.counters())}\n`);
    context.finish(EXIT.ok);
  } finally {
    interrupts.close();
  }
}

function chooseReflector({ port, allow, udpPort, trains }: ReflectOptions): StartReflectorOptions {
  return {
    ...(port === undefined ? {} : { port }),
    ...(allow ? { allow } : {}),
    ...(udpPort ? { udpPorts: udpPort } : {}),
    trains,
  };
}

function announce(reflector: RunningReflector, options: ReflectOptions, context: CommandContext): void {
  const ports = reflector.udpPorts.map((port) => `udp/${port}`).join(' and ');
  const where = options.port === undefined ? 'all ports' : options.port;
  const sources = options.allow?.join(', ') ?? 'private, link-local and loopback addresses';
  writeNote(context, `reflecting on ${ports}, ${where}, for ${sources}; Ctrl-C ends`);
  for (const note of reflector.notes) writeNote(context, `note: ${note}`);
}

/** Ends when the signal aborts. @throws DeviceError once the reflector no longer answers. */
async function showCounters(reflector: RunningReflector, context: CommandContext, signal: AbortSignal): Promise<void> {
  const { err } = context.terminal;
  while (!signal.aborted) {
    const problem = reflector.problem();
    if (problem !== null) throw new DeviceError('device.gone', problem);
    if (err.isTty) err.write(CLEAR_LINE + renderCounters(reflector.counters()).slice(0, err.columns - 1));
    // The signal ends the pause early; that is no error.
    await setTimeout(REFRESH_MS, undefined, { signal }).catch(() => undefined);
  }
  if (err.isTty) err.write(CLEAR_LINE);
}
