// The packets of a load in either direction and of the probes beside it, and what they cost.
import { computePatternCost } from '../../../model/pattern-cost.js';
import type { PathDescription } from '../../../model/path.js';
import type { Cost, Pattern, Sequence } from '../../../model/sequence.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { computeLightSize } from '../knowledge.js';
import { computeLoadSize } from './load-train.js';
import type { LoadKind } from '../readings/loaded-readings.js';

/** A quarter of them is judged for each flow, and an overload of two drops every second: 75 remain where 73 bound a 95th percentile. */
const MOST_PROBES = 600;
/** Under a load that drops one in five, as many remain. */
const ENOUGH_PROBES = 400;
/** Of what fills the path, so that the load stays the load; slow links are loaded for longer instead. */
const MOST_PROBE_SHARE = 0.08;
const LONGEST_INTERVAL_NS = 10 * NS_PER_MS;

export interface LoadShape {
  readonly durationNs: number;
  readonly probeIntervalNs: number;
  readonly nearGapNs: number;
  readonly farGapNs: number;
}

type LoadPatterns = Pick<Sequence, 'pattern' | 'farPattern'>;

/** ns from probe to probe that a path of this rate (bits of frames per second) bears. */
export function computeDensestInterval(path: PathDescription, rateBitsPerSec: number): number {
  const probeBits = (computeLightSize(path) + ETHERNET_HEADER_BYTES) * BITS_PER_BYTE;
  return Math.ceil(Math.min(LONGEST_INTERVAL_NS, (probeBits * NS_PER_SEC) / (MOST_PROBE_SHARE * rateBitsPerSec)));
}

/** How long a load has to last for enough probes. */
export function computeProbedDuration(densestIntervalNs: number): number {
  return ENOUGH_PROBES * densestIntervalNs;
}

export function computeProbeInterval(densestIntervalNs: number, durationNs: number): number {
  return Math.max(densestIntervalNs, Math.ceil(durationNs / MOST_PROBES));
}

export function planLoadPatterns(path: PathDescription, kind: LoadKind, shape: LoadShape): LoadPatterns {
  const near = planNear(path, kind, shape);
  return kind === 'up' ? { pattern: near } : { pattern: near, farPattern: planFar(path, shape) };
}

export function computeLoadCost({ pattern, farPattern }: LoadPatterns): Cost {
  const near = computePatternCost(pattern);
  const far = farPattern === undefined ? { packets: 0, bytes: 0 } : computePatternCost(farPattern);
  return { packets: near.packets + far.packets, bytes: near.bytes + far.bytes };
}

/** While the far end sends alone, one small packet stands for the load: the probes beside it are the same. */
function planNear(path: PathDescription, kind: LoadKind, shape: LoadShape): Pattern {
  const { durationNs, probeIntervalNs, nearGapNs } = shape;
  const probeSizeBytes = computeLightSize(path);
  const probes = { kind: 'probed-load', durationNs, probeIntervalNs, probeSizeBytes } as const;
  if (kind === 'down') return { ...probes, loadGapNs: durationNs, loadSizeBytes: probeSizeBytes };
  return { ...probes, loadGapNs: nearGapNs, loadSizeBytes: computeLoadSize(path) };
}

function planFar(path: PathDescription, { durationNs, farGapNs }: LoadShape): Pattern {
  const packetsPerTrain = Math.max(1, Math.floor(durationNs / farGapNs));
  const sizeBytes = computeLoadSize(path);
  return { kind: 'train', trains: 1, packetsPerTrain, gapNs: farGapNs, spacingNs: 0, sizeBytes };
}
