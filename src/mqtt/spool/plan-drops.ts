// Which waiting messages are given up when too much, or too old, waits for a broker that is away. Pure.

/** States are told anew every minute anyway; an event is what nobody wants to miss. */
export const DROP_ORDER = ['state', 'report', 'event'] as const;
export type WaitingKind = (typeof DROP_ORDER)[number];

export interface Waiting {
  readonly kind: WaitingKind;
  readonly bytes: number;
  /** Of what it tells, Unix ms. */
  readonly atMs: number;
}

export interface SpoolLimits {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/**
 * What to give up of `waiting`, oldest first, so that the rest is within the limits: what is too old, then the oldest states, then
 * the oldest reports, then the oldest events.
 */
export function planDrops<Entry extends Waiting>(
  waiting: readonly Entry[],
  limits: SpoolLimits,
  nowMs: number,
): Entry[] {
  const tooOld = waiting.filter(({ atMs }) => nowMs - atMs > limits.maxAgeMs);
  const rest = waiting.filter((entry) => !tooOld.includes(entry));
  let bytes = rest.reduce((sum, entry) => sum + entry.bytes, 0);
  const tooMuch: Entry[] = [];
  for (const entry of DROP_ORDER.flatMap((kind) => rest.filter((one) => one.kind === kind))) {
    if (bytes <= limits.maxBytes) break;
    tooMuch.push(entry);
    bytes -= entry.bytes;
  }
  return [...tooOld, ...tooMuch];
}
