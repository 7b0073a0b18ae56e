// What is sent to learn a port's own limits: a quiet run, two floods, and packets just far enough apart to be told from each other.
import type { PathDescription } from '../../model/path.js';
import type { Budget, Sequence } from '../../model/sequence.js';
import { computePatternCost } from '../../model/pattern-cost.js';
import { NS_PER_MS, NS_PER_US } from '../../model/units.js';

export const CALIBRATION_PARTS = ['noise', 'batches', 'flood-small', 'flood-large'] as const;
export type CalibrationPart = (typeof CALIBRATION_PARTS)[number];

/** Apart by more than any two interrupts need, together by less than drivers let them wait. */
export const BATCH_GAP_NS = 20 * NS_PER_US;
const LARGEST_PACKET = 1_500;
const LINGER_NS = 100 * NS_PER_MS;

/** About 5 MB in all. */
export function planCalibration(path: PathDescription, part: CalibrationPart): Sequence {
  const small = path.minSizeBytes;
  const large = Math.min(path.mtuBytes, LARGEST_PACKET);
  const base = { id: part, dscp: 0, dontFragment: true, lingerNs: LINGER_NS } as const;
  switch (part) {
    case 'noise':
      return { ...base, pattern: { kind: 'isochronous', count: 400, intervalNs: NS_PER_MS, sizeBytes: small } };
    case 'batches':
      return { ...base, pattern: planTrains(40, 12, small, { gapNs: BATCH_GAP_NS, spacingNs: 5 * NS_PER_MS }) };
    case 'flood-small':
      return { ...base, pattern: planTrains(1, 20_000, small, { gapNs: 0, spacingNs: 0 }) };
    case 'flood-large':
      return { ...base, pattern: planTrains(1, 1_500, large, { gapNs: 0, spacingNs: 0 }) };
  }
}

/** Just what the sequence costs. */
export function planBudget({ pattern }: Sequence): Budget {
  const { packets, bytes } = computePatternCost(pattern);
  return { maxPackets: packets, maxBytes: bytes };
}

function planTrains(
  trains: number,
  packetsPerTrain: number,
  sizeBytes: number,
  times: { readonly gapNs: number; readonly spacingNs: number },
): Sequence['pattern'] {
  return { kind: 'train', trains, packetsPerTrain, sizeBytes, ...times };
}
