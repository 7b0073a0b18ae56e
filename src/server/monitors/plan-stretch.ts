// Which light packets come next: slots of an even grid that begins anew with each period, so that no run reaches over its end. Pure.
export interface GridPosition {
  /** Unix ms. */
  readonly nowMs: number;
  /** Of a period, ms; one begins at each multiple of it. */
  readonly lengthMs: number;
  /** From slot to slot, ms (> 0). */
  readonly intervalMs: number;
  /** Of the first slot after the begin of the period, ms (below `lengthMs`). */
  readonly phaseMs: number;
  /** The stretch lasts no longer than this, ms; it has one slot at least. */
  readonly mostMs: number;
}

export interface PlannedStretch {
  /** Of its first slot, Unix ms, not before `nowMs`. */
  readonly startMs: number;
  readonly count: number;
}

/** The slots left in this period; those of the next where none is left. */
export function planStretch(position: GridPosition): PlannedStretch {
  const { nowMs, lengthMs, intervalMs, phaseMs, mostMs } = position;
  const beginMs = Math.floor(nowMs / lengthMs) * lengthMs;
  const slots = Math.ceil((lengthMs - phaseMs) / intervalMs);
  const next = Math.max(0, Math.ceil((nowMs - beginMs - phaseMs) / intervalMs));
  const most = Math.max(1, Math.floor(mostMs / intervalMs));
  if (next >= slots) return { startMs: beginMs + lengthMs + phaseMs, count: Math.min(most, slots) };
  return { startMs: beginMs + phaseMs + next * intervalMs, count: Math.min(most, slots - next) };
}

/** The largest phase, ms: what a minute needs to be complete grows with it. */
const MOST_PHASE_MS = 1_000;
/** A timer that wakes a little early must not send into the period before. */
const LEAST_PHASE_MS = 20;
/** Multiples of it lie as evenly as can be, however many there are. */
const GOLDEN_RATIO = 0.618_034;

/** Of the `ordinal`-th target, 0-1: however many there are, they lie apart. */
export function computeShare(ordinal: number): number {
  return (ordinal * GOLDEN_RATIO) % 1;
}

/** Of a target by its share of all instants: packets of different targets leave at different instants. Less than `intervalMs`, which is above 20. */
export function computePhase(share: number, intervalMs: number): number {
  return LEAST_PHASE_MS + Math.floor(share * (Math.min(intervalMs, MOST_PHASE_MS) - LEAST_PHASE_MS));
}
