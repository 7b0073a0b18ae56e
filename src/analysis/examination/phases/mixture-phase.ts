// Bursts in which runs of large and of small packets follow each other: do they take the narrow place's time by the byte or by the
// packet? How many fit into the time; what they tell is read elsewhere.
import type { Sequence } from '../../../model/sequence.js';
import { computePatternCost } from '../../../model/pattern-cost.js';
import { BITS_PER_BYTE, NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { selectLargeTrains } from '../../estimators/capacity/capacity.js';
import { computeLingerNs } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';
import { BLIND_PATIENCE_NS, computeLargeSize } from '../plans/train-plan.js';
import { answersTrains, readTrainRates } from '../readings/train-readings.js';

/** Within a run neither the size before nor what later links take for it changes the gaps; short runs meet the same traffic of others. */
const RUN_PACKETS = 4;
const RUNS_OF_EACH = 3;
const SMALL_SHARE = 0.25;
/** Sizes closer than this tell nothing. */
const LEAST_CONTRAST = 2;
/** At 1 Gb/s and noise of 8 us the sizes then differ by eight standard errors; slow lines have little noise and little time. */
const MOST_BURSTS = 6;
const LEAST_BURSTS = 3;
const WANTED_NS = 400 * NS_PER_MS;
/** Each burst finds the queue of the one before it empty, if packets take no longer than the large ones did. */
const DRAIN_FACTOR = 1.25;
const LEAST_SPACING_NS = 10 * NS_PER_MS;
const MOST_SHARE = 0.5;

/** Once, when the first train has told how long a large packet takes. A quick examination has no time for it. */
export function planMixture(knowledge: Knowledge): Sequence | null {
  const { request, path, traces, allowance } = knowledge;
  if (request.quantity !== null || request.depth === 'quick' || traces.mixture.length > 0) return null;
  const latest = answersTrains(path) ? selectLargeTrains(readTrainRates(traces)).at(-1) : undefined;
  if (latest === undefined || !(latest.rateBitsPerSec > 0)) return null;
  const large = computeLargeSize(knowledge);
  const small = Math.max(path.minSizeBytes, Math.round(SMALL_SHARE * large));
  if (large < LEAST_CONTRAST * small) return null;
  const sizesBytes = listSizes(large, small);
  const burstNs = (sizesBytes.length * latest.frameBytes * BITS_PER_BYTE * NS_PER_SEC) / latest.rateBitsPerSec;
  const spacingNs = Math.round(Math.max(LEAST_SPACING_NS, DRAIN_FACTOR * burstNs));
  const bursts = Math.min(MOST_BURSTS, Math.max(LEAST_BURSTS, Math.round(WANTED_NS / burstNs)));
  const pattern = { kind: 'mixed-burst', bursts, sizesBytes, spacingNs } as const;
  const lingerNs = Math.round(computeLingerNs(traces) + Math.max(burstNs, BLIND_PATIENCE_NS));
  const { bytes, packets } = computePatternCost(pattern);
  const isAffordable =
    bytes <= MOST_SHARE * allowance.bytes &&
    packets <= allowance.packets &&
    bursts * spacingNs + lingerNs <= MOST_SHARE * allowance.ns;
  return isAffordable ? { id: 'train-mixture', pattern, dscp: 0, dontFragment: false, lingerNs } : null;
}

function listSizes(large: number, small: number): readonly number[] {
  const run = (sizeBytes: number): readonly number[] => new Array<number>(RUN_PACKETS).fill(sizeBytes);
  return Array.from({ length: RUNS_OF_EACH }, () => [...run(large), ...run(small)]).flat();
}
