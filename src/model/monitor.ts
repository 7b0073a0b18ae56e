// What is watched and how closely: the words of the configuration, the API and the history. How the file is read is box/'s
// business, when what is sent the server's.
import type { Depth } from './examination.js';
import type { ViaChoice } from './path.js';

/** What lies between the probe and everywhere: which of them failed is told by comparing targets. */
export const SEGMENTS = ['link', 'gateway', 'provider', 'beyond'] as const;
export type Segment = (typeof SEGMENTS)[number];

/** Of a minute of one target; null or absent: learnt from its own past. */
export interface Thresholds {
  readonly rttMs?: number;
  readonly lossPercent?: number;
  readonly jitterMs?: number;
}

/** One target that is watched all the time. */
export interface MonitorTarget {
  /** `[a-z0-9_-]{1,32}`, unique: it names the series of its history and its MQTT topics. */
  readonly name: string;
  /** An address or a name; `gateway` is the default gateway, whichever it is at the moment. */
  readonly address: string;
  readonly via: ViaChoice;
  /** The network port to send from; absent where the route decides. */
  readonly port?: string;
  readonly segment: Segment;
  /** From one light packet to the next, ms. */
  readonly intervalMs: number;
  /** Of the examination that a breach starts. */
  readonly depth: Depth;
  readonly thresholds: Thresholds | 'learn';
  readonly enabled: boolean;
}
