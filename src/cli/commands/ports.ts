// `apparenet ports`: who listens on 3237-3239, on this machine by looking or on another by asking.
import type { Command } from 'commander';
import { readLocalListeners, type Listener, type PortUse } from '../../box/listeners.js';
import { parseTarget } from '../../box/parse-target.js';
import type { Judgement } from '../../box/registered-ports.js';
import { readRemotePorts, type RemotePort } from '../../box/remote-ports.js';
import { EXIT, type ExitCode } from '../../model/errors.js';
import { writeJson, type CommandContext } from '../command-context.js';
import { alignRows } from '../layout.js';
import { addJsonOption } from './examination-options.js';

const HELP = `
Examples:
  apparenet ports                 this machine; looks only, sends nothing
  sudo apparenet ports            the same, and sees other users' programs
  apparenet ports 192.0.2.1       asks that machine: three connections, two pages, one test packet

Exit status: 0 all of it ours, known or free; 1 something to look into; 3 the machine does not answer.`;

export function addPorts(program: Command, context: CommandContext): void {
  const command = program
    .command('ports')
    .summary('who listens on 3237-3239, here or there')
    .description("Tells who listens on appareNet's ports 3237-3239: ours, known others, or something to look into.")
    .argument('[HOST]', 'machine to ask; without it this one is looked at');
  addJsonOption(command)
    .addHelpText('after', HELP)
    .action(async (host: string | undefined, options: { json?: true }) => {
      if (host === undefined) showLocalPorts(options.json === true, context);
      else await showRemotePorts(parseTarget(host), options.json === true, context);
    });
}

const JUDGEMENT_WORDS: Readonly<Record<Judgement, string>> = {
  ours: 'ours',
  known: 'known other',
  unexpected: 'look into this',
  unidentified: 'not visible',
  free: 'free',
  silent: 'no answer',
};

function showLocalPorts(json: boolean, context: CommandContext): void {
  const uses = readLocalListeners();
  if (json) writeJson(context, { host: null, ports: uses });
  else context.terminal.out.write(renderListeners(uses));
  context.finish(computeListenersExit(uses));
}

/** One line a listener; a port that nobody holds has a line too, unless the product does not use it. */
export function renderListeners(uses: readonly PortUse[]): string {
  const shown = uses.filter((use) => use.used || use.listeners.length > 0);
  const rows = shown.flatMap((use) => {
    const port = `${use.port}/${use.protocol}`;
    if (use.listeners.length === 0) return [[port, use.service, JUDGEMENT_WORDS.free]];
    return use.listeners.map((listener) => [port, use.service, ...describeListener(listener)]);
  });
  return `${alignRows([['port', 'for', 'here', 'program', 'address', ''], ...rows]).join('\n')}\n`;
}

function describeListener(listener: Listener): string[] {
  const program = listener.program === null ? `user ${listener.uid}` : `${listener.program} (${listener.pid ?? '?'})`;
  return [JUDGEMENT_WORDS[listener.judgement], program, nameAddress(listener.address), listener.note];
}

function nameAddress(address: string): string {
  return address === '0.0.0.0' || address === '::' ? `all (${address})` : address;
}

export function computeListenersExit(uses: readonly PortUse[]): ExitCode {
  const odd = uses.some((use) => use.listeners.some((listener) => listener.judgement === 'unexpected'));
  return odd ? EXIT.warning : EXIT.ok;
}

/** Enough for a path around the world, short enough to wait for. */
const ANSWER_TIMEOUT_MS = 1500;

async function showRemotePorts(host: string, json: boolean, context: CommandContext): Promise<void> {
  const answer = await readRemotePorts(host, ANSWER_TIMEOUT_MS);
  if (json) writeJson(context, answer);
  else context.terminal.out.write(renderRemotePorts(answer.ports));
  context.finish(computeRemoteExit(answer.ports));
}

export function renderRemotePorts(ports: readonly RemotePort[]): string {
  const rows = ports.map((port) => [
    `${port.port}/${port.protocol}`,
    port.service,
    JUDGEMENT_WORDS[port.judgement],
    port.note,
  ]);
  return `${alignRows([['port', 'for', 'there', ''], ...rows]).join('\n')}\n`;
}

export function computeRemoteExit(ports: readonly RemotePort[]): ExitCode {
  if (ports.some((port) => port.judgement === 'unexpected')) return EXIT.warning;
  return ports.every((port) => port.judgement === 'silent') ? EXIT.unknown : EXIT.ok;
}
