// How many bytes a port moved, for whoever on this machine: the kernel's own counters.
import { readKernelCounters, type KernelCounters } from '../../box/native-host.js';
import type { PortBytes } from '../../model/trace.js';
import { NS_PER_MS } from '../../model/units.js';

export interface PortCounters {
  readonly sent: number;
  readonly received: number;
  /** On the clock of performance.now. */
  readonly atMs: number;
}

type ByteCounters = Pick<KernelCounters, 'txBytes' | 'rxBytes'>;

/** null where the port is gone. One question to the kernel, about 20 us: reading them from /sys takes twice as long. */
export function readPortCounters(
  port: string,
  readKernel: (port: string) => ByteCounters | null = readKernelCounters,
): PortCounters | null {
  const counters = readKernel(port);
  return counters === null ? null : { sent: counters.txBytes, received: counters.rxBytes, atMs: performance.now() };
}

/** null where either reading is missing, or the counters began anew in between. */
export function computePortBytes(before: PortCounters | null, after: PortCounters | null): PortBytes | null {
  if (before === null || after === null) return null;
  const sent = after.sent - before.sent;
  const received = after.received - before.received;
  const durationNs = Math.round((after.atMs - before.atMs) * NS_PER_MS);
  return sent >= 0 && received >= 0 && durationNs > 0 ? { sent, received, durationNs } : null;
}
