// Packets of seven sizes, shuffled, one at a time: delay by size tells propagation and serialisation apart.
import { computePatternCost } from '../../../model/pattern-cost.js';
import type { Sequence } from '../../../model/sequence.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { readCapacity } from '../readings/train-readings.js';
import { DEPTH_PLANS } from '../plans/depth-plan.js';
import { computeLeastIntervalNs, computeLightSize, computeLingerNs } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';

const SIZES = 7;
const LEAST_INTERVAL_NS = 8 * NS_PER_MS;
/** Where no capacity is known: a full packet each 40 ms is 0.3 Mb/s. */
const BLIND_INTERVAL_NS = 40 * NS_PER_MS;
/** The sweep loads the narrow link at most so much, so that its packets don't queue behind each other. */
const MOST_LOAD = 0.3;
/** Fewer rounds than this say nothing about a smallest delay. */
const LEAST_ROUNDS = 3;

export function planSizes({ request, path, traces, allowance }: Knowledge): Sequence | null {
  if (traces.sizes.length > 0) return null;
  const sizesBytes = spreadSizes(computeLightSize(path), path.mtuBytes);
  if (sizesBytes.length < SIZES) return null;
  const capacity = readCapacity({ traces, path })?.estimate.value;
  const fullNs = ((path.mtuBytes + ETHERNET_HEADER_BYTES) * BITS_PER_BYTE * NS_PER_SEC) / (capacity ?? Infinity);
  const paceNs = capacity === undefined ? BLIND_INTERVAL_NS : fullNs / MOST_LOAD;
  const intervalNs = Math.round(Math.max(LEAST_INTERVAL_NS, paceNs, computeLeastIntervalNs(path)));
  const lingerNs = Math.min(computeLingerNs(traces), allowance.ns / 4);
  const seed = request.seed;
  const round = computePatternCost({ kind: 'size-sweep', sizesBytes, repeats: 1, intervalNs, seed });
  const repeats = Math.min(
    DEPTH_PLANS[request.depth].sweepRounds,
    Math.floor(allowance.bytes / round.bytes),
    Math.floor((allowance.ns - lingerNs) / (intervalNs * round.packets)),
  );
  if (repeats < LEAST_ROUNDS) return null;
  return {
    id: 'sizes',
    pattern: { kind: 'size-sweep', sizesBytes, repeats, intervalNs, seed },
    dscp: 0,
    dontFragment: false,
    lingerNs,
  };
}

/** Even steps from the smallest to the largest IP length, both included. */
function spreadSizes(smallest: number, largest: number): number[] {
  const sizes = Array.from({ length: SIZES }, (_, i) =>
    Math.round(smallest + ((largest - smallest) * i) / (SIZES - 1)),
  );
  return [...new Set(sizes)];
}
