// The packets of a load in either direction and of the probes beside it, and what they cost.
import { computePatternCost } from '../../model/pattern-cost.js';
import type { PathDescription } from '../../model/path.js';
import type { Cost, Pattern, Sequence } from '../../model/sequence.js';
import { NS_PER_MS } from '../../model/units.js';
import { computeLightSize } from './knowledge.js';
import { computeLoadSize } from './load-train.js';
import type { LoadKind } from './loaded-readings.js';

export const PROBE_INTERVAL_NS = 10 * NS_PER_MS;

export interface LoadShape {
  readonly durationNs: number;
  readonly nearGapNs: number;
  readonly farGapNs: number;
}

type LoadPatterns = Pick<Sequence, 'pattern' | 'farPattern'>;

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
function planNear(path: PathDescription, kind: LoadKind, { durationNs, nearGapNs }: LoadShape): Pattern {
  const probeSizeBytes = computeLightSize(path);
  const probes = { kind: 'probed-load', durationNs, probeIntervalNs: PROBE_INTERVAL_NS, probeSizeBytes } as const;
  if (kind === 'down') return { ...probes, loadGapNs: durationNs, loadSizeBytes: probeSizeBytes };
  return { ...probes, loadGapNs: nearGapNs, loadSizeBytes: computeLoadSize(path) };
}

function planFar(path: PathDescription, { durationNs, farGapNs }: LoadShape): Pattern {
  const packetsPerTrain = Math.max(1, Math.floor(durationNs / farGapNs));
  const sizeBytes = computeLoadSize(path);
  return { kind: 'train', trains: 1, packetsPerTrain, gapNs: farGapNs, spacingNs: 0, sizeBytes };
}
