// Bursts at several spacings: does the path reorder packets that come close together, and which of them does it lose? Small
// packets in short bursts, so that a queue of a few kB is no fault of theirs; their losses are no part of the loss ratio.
import { computePatternCost } from '../../../model/pattern-cost.js';
import type { Sequence } from '../../../model/sequence.js';
import { BITS_PER_BYTE, NS_PER_MS, NS_PER_SEC, NS_PER_US } from '../../../model/units.js';
import { DEPTH_PLANS } from '../plans/depth-plan.js';
import { computeLeastIntervalNs, computeLightSize, computeLingerNs } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';
import { answersTrains, readCapacity } from '../readings/train-readings.js';

/** From one packet to the next in a burst (RFC 4737 section 7.2 asks for several): one run each. */
const GAPS_NS = [0, 50 * NS_PER_US, 250 * NS_PER_US];
const PACKETS_PER_BURST = 6;
const LEAST_SPACING_NS = 9 * NS_PER_MS;
/** The narrow link has so many times a burst's own time to pass it on before the next one. */
const RECOVERY = 3;
/** Longest run; on a slow line it takes fewer bursts. */
const LONGEST_NS = 0.33 * NS_PER_SEC;
const LEAST_BURSTS = 3;

export function planSpacing({ request, path, traces, allowance }: Knowledge): Sequence | null {
  const gapNs = GAPS_NS[traces.spacing.length];
  if (gapNs === undefined || !answersTrains(path)) return null;
  const sizeBytes = computeLightSize(path);
  const shape = { kind: 'train', packetsPerTrain: PACKETS_PER_BURST, gapNs, spacingNs: 0, sizeBytes } as const;
  const burst = computePatternCost({ ...shape, trains: 1 });
  const capacity = readCapacity({ traces, path })?.estimate.value ?? Infinity;
  const burstNs = (burst.bytes * BITS_PER_BYTE * NS_PER_SEC) / capacity;
  const leastNs = Math.max(RECOVERY * burstNs, PACKETS_PER_BURST * computeLeastIntervalNs(path), LEAST_SPACING_NS);
  const spacingNs = Math.round(leastNs);
  const lingerNs = Math.round(Math.min(computeLingerNs(traces), allowance.ns / 4));
  const periodNs = spacingNs + (PACKETS_PER_BURST - 1) * gapNs;
  const trains = Math.min(
    DEPTH_PLANS[request.depth].spacingBursts,
    Math.floor(allowance.bytes / burst.bytes),
    Math.floor(allowance.packets / burst.packets),
    Math.floor(Math.min(LONGEST_NS, allowance.ns - lingerNs) / periodNs),
  );
  if (trains < LEAST_BURSTS) return null;
  return {
    id: `spacing-${gapNs / NS_PER_US}us`,
    pattern: { ...shape, trains, spacingNs },
    dscp: 0,
    dontFragment: false,
    lingerNs,
  };
}
