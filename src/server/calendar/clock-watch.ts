// Tells when the wall clock was set, by the machine's own time, which nobody sets; and how long to wait after boot for a clock that
// follows a source. Pure; the caller reads both clocks every few seconds.

export interface ClockReading {
  /** Unix ms. */
  readonly wallMs: number;
  /** Of a clock that is never set, such as CLOCK_MONOTONIC, which stands still while the machine sleeps. */
  readonly steadyMs: number;
}

/** Less is what a time service corrects without setting the clock, and the time that reading both takes. */
const LEAST_STEP_MS = 2_000;
/** A box without a network starts its calendar as well. */
const MOST_WAIT_SEC = 600;

/** How far the wall clock was set between two readings, ms; forward is positive, 0 where it was not. */
export function computeStepMs(before: ClockReading, now: ClockReading): number {
  const stepMs = now.wallMs - before.wallMs - (now.steadyMs - before.steadyMs);
  return Math.abs(stepMs) < LEAST_STEP_MS ? 0 : stepMs;
}

/** `synchronized` is null where nobody tells. */
export function mayTrustClock(synchronized: boolean | null, sinceBootSec: number): boolean {
  return synchronized === true || sinceBootSec >= MOST_WAIT_SEC;
}

/** `3 days`, `2 h`, `90 s`. */
export function formatSpan(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
