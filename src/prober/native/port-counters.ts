// How many bytes a port moved, for whoever on this machine: the kernel's own counters.
import { readFileSync } from 'node:fs';
import type { PortBytes } from '../../model/trace.js';
import { NS_PER_MS } from '../../model/units.js';

export interface PortCounters {
  readonly sent: number;
  readonly received: number;
  /** On the clock of performance.now. */
  readonly atMs: number;
}

/** null where the kernel has no such counters, or the port is gone. Two small reads, about 20 us. */
export function readPortCounters(port: string, directory = '/sys/class/net'): PortCounters | null {
  try {
    const read = (name: string): number => Number(readFileSync(`${directory}/${port}/statistics/${name}`, 'latin1'));
    const counters = { sent: read('tx_bytes'), received: read('rx_bytes'), atMs: performance.now() };
    return Number.isFinite(counters.sent) && Number.isFinite(counters.received) ? counters : null;
  } catch {
    return null;
  }
}

/** null where either reading is missing, or the counters began anew in between. */
export function computePortBytes(before: PortCounters | null, after: PortCounters | null): PortBytes | null {
  if (before === null || after === null) return null;
  const sent = after.sent - before.sent;
  const received = after.received - before.received;
  const durationNs = Math.round((after.atMs - before.atMs) * NS_PER_MS);
  return sent >= 0 && received >= 0 && durationNs > 0 ? { sent, received, durationNs } : null;
}
