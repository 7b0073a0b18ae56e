// What the path does to marked packets: a few of each class, in rounds, so that no class has a moment of its own. Congestion
// experienced is not sent: it is a router's word, and a receiver must answer it.
import { ECN, computeTrafficClass } from '../../../model/traffic-class.js';
import { computePatternCost } from '../../../model/pattern-cost.js';
import type { Depth } from '../../../model/examination.js';
import type { Sequence } from '../../../model/sequence.js';
import { NS_PER_MS } from '../../../model/units.js';
import { computeLeastIntervalNs, computeLightSize, computeLingerNs } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';

/** CS0, CS1, AF11, AF21, AF31, AF41, EF, CS6: what networks distinguish (RFC 4594). */
const CODE_POINTS = [0, 8, 10, 18, 26, 34, 46, 48] as const;
const TRAFFIC_CLASSES: readonly number[] = [
  ...CODE_POINTS.map((dscp) => computeTrafficClass(dscp, ECN.notCapable)),
  computeTrafficClass(0, ECN.ect0),
  computeTrafficClass(0, ECN.ect1),
];
const ROUNDS: Readonly<Record<Depth, number>> = { quick: 3, normal: 5, deep: 20 };
const INTERVAL_NS = 4 * NS_PER_MS;
/** Beside the smallest packet: the follow-up and Class of Service TLVs of STAMP (RFC 8972 4.4, 4.7). */
const TLV_BYTES = 28;
/** Share of what is left that marks may take from an examination of everything. */
const MOST_TIME_SHARE = 0.2;

export function planClasses({ request, path, traces, allowance }: Knowledge): Sequence | null {
  if (traces.classes.length > 0) return null;
  const sizeBytes = Math.min(path.mtuBytes, Math.max(computeLightSize(path), path.minSizeBytes + TLV_BYTES));
  const intervalNs = Math.max(INTERVAL_NS, computeLeastIntervalNs(path));
  const pattern = { kind: 'class-sweep', trafficClasses: TRAFFIC_CLASSES, intervalNs, sizeBytes } as const;
  const round = { ...pattern, repeats: 1, seed: request.seed };
  const lingerNs = Math.min(computeLingerNs(traces), allowance.ns / 4);
  const share = request.quantity === 'dscp' ? 1 : MOST_TIME_SHARE;
  const cost = computePatternCost(round);
  const repeats = Math.min(
    ROUNDS[request.depth],
    Math.floor(allowance.bytes / cost.bytes),
    Math.floor((allowance.ns * share - lingerNs) / (intervalNs * cost.packets)),
  );
  if (repeats < 1) return null;
  return { id: 'classes', pattern: { ...round, repeats }, dscp: 0, dontFragment: false, lingerNs };
}
