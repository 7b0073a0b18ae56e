// Forward delays for who follows a queue over time: one line for both clocks, so that a queue which is never empty and grows is not taken
// for a clock or a longer route.
import { computeOneWayVariation } from '../delay/one-way-delay.js';
import { selectStamped } from '../delay/one-way-samples.js';
import type { OneWaySamples } from '../delay/one-way-samples.js';
import { fitOneClock } from '../delay/clock-skew.js';

const WINDOWS = 16;
/** A clock that is stepped moves both directions by as much, a queue one of them. */
const STEADY = 0.25;

/**
 * With a constant in them, ns, one for each row with the far end's stamps; null with too few. Where the clock did not keep to one line they
 * are above the smallest of each piece of it.
 */
export function computeForwardDelays(samples: OneWaySamples): Float64Array | null {
  const usable = selectStamped(samples);
  const skew = fitOneClock(usable);
  if (skew === null) return null;
  const forward = usable.forwardNs.map((delay, i) => delay - skew * (usable.sentNs[i] ?? 0));
  const reverse = usable.reverseNs.map((delay, i) => delay + skew * (usable.sentNs[i] ?? 0));
  const isOneClock = measureMoves(reverse) <= STEADY * measureMoves(forward);
  return isOneClock ? forward : (computeOneWayVariation(samples).variationNs.forward ?? forward);
}

/** By how much the smallest delays of some windows differ, ns. */
function measureMoves(delayNs: Float64Array): number {
  const length = Math.ceil(delayNs.length / WINDOWS);
  const least = Array.from({ length: Math.ceil(delayNs.length / length) }, (_, window) =>
    delayNs.subarray(window * length, (window + 1) * length).reduce((a, b) => Math.min(a, b), Infinity),
  );
  return Math.max(...least) - Math.min(...least);
}
