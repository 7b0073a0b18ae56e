// How long to wait before the broker is tried again. Pure.

const FIRST_MS = 1_000;
const MOST_MS = 60_000;

/**
 * After `failures` attempts in a row (1 or more): drawn evenly from the upper half of a span that doubles up to a minute, so that
 * boxes that lost the same broker do not all come back at once. `random` is in [0, 1).
 */
export function computeReconnectDelayMs(failures: number, random: number): number {
  const spanMs = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return spanMs * (0.5 + random / 2);
}
