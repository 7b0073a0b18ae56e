// What `status` tells: which parts answer, what the ports can do, how the clock and the machine are.
import { AbilitiesStore } from '../box/abilities-store.js';
import { readClockState, type ClockState } from '../box/clock-state.js';
import { readMachineHealth, type MachineHealth } from '../box/machine-health.js';
import { readHealth, readLastVerdict, type LastVerdict } from '../box/part-health.js';
import { listPorts, type PortSummary } from '../box/port-facts.js';
import { ApparenetError, EXIT, type ExitCode } from '../model/errors.js';
import type { PortAbilities } from '../model/path.js';
import { PART_PORTS, VERSION, type PartName } from '../model/parts.js';
import { readStatus } from '../prober/remote/read-status.js';

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

export interface PortStatus extends PortSummary {
  /** What a calibration found; null where there was none. */
  readonly abilities: PortAbilities | null;
}

export interface ApplianceStatus {
  readonly version: string;
  readonly parts: readonly PartStatus[];
  readonly ports: readonly PortStatus[];
  readonly clock: ClockState;
  readonly machine: MachineHealth | null;
  /** null where the analysis server does not answer or has examined nothing yet. */
  readonly lastVerdict: LastVerdict | null;
}

/** Every question is asked at once and bounded in time. */
export async function readApplianceStatus(socketPath: string): Promise<ApplianceStatus> {
  const [tps, as, ui, machine, lastVerdict] = await Promise.all([
    readSequencer(socketPath),
    readHttpPart('as', PART_PORTS.as),
    readHttpPart('ui', PART_PORTS.ui),
    readMachineHealth(ANSWER_TIMEOUT_MS),
    readLastVerdict(PART_PORTS.as, ANSWER_TIMEOUT_MS),
  ]);
  const store = new AbilitiesStore();
  const ports = listPorts().map((port) => ({ ...port, abilities: store.read(port.facts.name) }));
  return { version: VERSION, parts: [tps, as, ui], ports, clock: readClockState(), machine, lastVerdict };
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
