// What the analysis server says of itself and of the box at /api/v1/health, as far as whoever asks may know it.
import type { BoxHealth, CertificateHealth } from './box-health.js';
import type { Incident } from './incident.js';
import type { PortNeighbour } from './link-evidence.js';
import { isLimitedByProbe } from './probe-limit.js';
import type { Report } from './report.js';

export type LastVerdict = Pick<Report, 'id' | 'target' | 'startedAt' | 'summary' | 'verdict'>;

export interface LastResults {
  readonly last: LastVerdict;
  /** How many of the newest reports were looked at, and how many of them the box itself limited. */
  readonly reports: number;
  readonly limitedByProbe: number;
  /** The same of each local port that they were sent from, sorted by name. */
  readonly ports: readonly PortResults[];
}

export interface PortResults {
  readonly port: string;
  readonly reports: number;
  readonly limitedByProbe: number;
}

export interface PartAnswer {
  readonly name: 'tps' | 'as';
  readonly up: boolean;
  /** Of the sequencer, where it is up and may be told. */
  readonly status?: {
    readonly version: string;
    readonly uptimeSec: number;
    readonly neighbours: readonly PortNeighbour[];
  };
}

/** How publishing goes. */
export interface MqttState {
  readonly connected: boolean;
  /** Why not; null while connected and before the first attempt ended. */
  readonly problem: string | null;
  /** What waits on disk, and how many messages were given up since the start. */
  readonly messages: number;
  readonly bytes: number;
  readonly dropped: number;
}

export interface ServerHealth {
  readonly status: 'ok' | 'degraded';
  readonly version: string;
  readonly uptimeSec: number;
  readonly parts: readonly PartAnswer[];
  /** The rest is for who has logged in. */
  readonly box?: BoxHealth;
  /** null where API and page speak plain HTTP. */
  readonly certificate?: CertificateHealth | null;
  /** null before the first report. */
  readonly results?: LastResults | null;
  /** Absent also where there is no history. */
  readonly openIncidents?: readonly Incident[];
  /** null where nothing is published over MQTT. */
  readonly mqtt?: MqttState | null;
}

/** Of the newest reports, the newest first; null for none. */
export function summarizeResults(reports: readonly Report[]): LastResults | null {
  const [report] = reports;
  if (!report) return null;
  const { id, target, startedAt, summary, verdict } = report;
  return {
    last: { id, target, startedAt, summary, verdict },
    reports: reports.length,
    limitedByProbe: reports.filter(isLimitedByProbe).length,
    ports: [...new Set(reports.map(({ port }) => port.name))].sort().map((port) => {
      const sent = reports.filter((one) => one.port.name === port);
      return { port, reports: sent.length, limitedByProbe: sent.filter(isLimitedByProbe).length };
    }),
  };
}
