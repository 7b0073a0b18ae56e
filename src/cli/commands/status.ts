// `apparenet status`: which parts answer, what the ports can do, how the clock and the machine are.
import type { Command } from 'commander';
import { readClockState, type ClockState } from '../../box/clock-state.js';
import { readMachineHealth, type MachineHealth } from '../../box/machine-health.js';
import { readHealth } from '../../box/part-health.js';
import { listPorts, type PortSummary } from '../../box/port-facts.js';
import { ApparenetError, EXIT, type ExitCode } from '../../model/errors.js';
import { PART_PORTS, VERSION, type PartName } from '../../model/parts.js';
import { readStatus } from '../../prober/remote/read-status.js';
import { writeJson, type CommandContext } from '../command-context.js';
import { renderStatus } from '../status-text.js';
import { addJsonOption } from './examination-options.js';

const HELP = `
Examples:
  apparenet status            the parts, the ports and the machine
  apparenet status --json     the same for a program

Exit status: 0 all three parts answer and are well; 1 some do; 3 none does.`;

/** Local answers come in milliseconds; a part that needs longer is not well. */
const ANSWER_TIMEOUT_MS = 1500;

export interface PartStatus {
  readonly part: PartName;
  readonly where: string;
  readonly state: 'up' | 'degraded' | 'down';
  readonly version: string | null;
  readonly uptimeSec: number | null;
  /** Why it is down, or null. */
  readonly problem: string | null;
}

export interface Status {
  readonly version: string;
  readonly parts: readonly PartStatus[];
  readonly ports: readonly PortSummary[];
  readonly clock: ClockState;
  readonly machine: MachineHealth | null;
}

export function addStatus(program: Command, context: CommandContext): void {
  const command = program
    .command('status')
    .summary('the parts, the ports and the machine')
    .description('Tells which parts answer, what the network ports can do, and how the clock and the machine are.');
  addJsonOption(command)
    .addHelpText('after', HELP)
    .action(async (options: { json?: true }) => {
      const status = await readWholeStatus(context);
      const { out } = context.terminal;
      if (options.json) writeJson(context, status);
      else out.write(renderStatus(status, out.ink));
      context.finish(computeStatusExit(status.parts));
    });
}

async function readWholeStatus(context: CommandContext): Promise<Status> {
  const [tps, as, ui, machine] = await Promise.all([
    readSequencer(context.services.readControlSocketPath()),
    readHttpPart('as', PART_PORTS.as),
    readHttpPart('ui', PART_PORTS.ui),
    readMachineHealth(ANSWER_TIMEOUT_MS),
  ]);
  return { version: VERSION, parts: [tps, as, ui], ports: listPorts(), clock: readClockState(), machine };
}

async function readSequencer(socketPath: string): Promise<PartStatus> {
  const part = { part: 'tps', where: socketPath } as const;
  try {
    const { version, uptimeSec } = await readStatus(socketPath, AbortSignal.timeout(ANSWER_TIMEOUT_MS));
    return { ...part, state: 'up', version, uptimeSec, problem: null };
  } catch (error) {
    if (!(error instanceof ApparenetError)) throw error;
    return { ...part, state: 'down', version: null, uptimeSec: null, problem: error.message };
  }
}

async function readHttpPart(part: PartName, port: number): Promise<PartStatus> {
  const where = `http://127.0.0.1:${port}`;
  const health = await readHealth('127.0.0.1', port, ANSWER_TIMEOUT_MS);
  if (health === null) return { part, where, state: 'down', version: null, uptimeSec: null, problem: null };
  const { version, uptimeSec, status } = health;
  return { part, where, state: status === 'ok' ? 'up' : 'degraded', version, uptimeSec, problem: null };
}

export function computeStatusExit(parts: readonly PartStatus[]): ExitCode {
  if (parts.every((part) => part.state === 'up')) return EXIT.ok;
  return parts.some((part) => part.state !== 'down') ? EXIT.warning : EXIT.unknown;
}
