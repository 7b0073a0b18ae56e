// The order of sizes in one direction: from what passed and failed so far to the sizes of the next round. Pure search; how a round
// becomes packets is the phase's business.
import { LEAST_TRIES } from '../../estimators/loss/size-limit.js';
import type { SizeLimit, Trials } from '../../estimators/loss/size-limit.js';

/** What networks use: IPv6's least, tunnels, PPPoE, Ethernet, jumbo frames. */
const USUAL_SIZES = [1280, 1400, 1420, 1480, 1492, 1500, 9000] as const;
/** Parts into which a round cuts what is left between the largest that passed and the smallest that failed. */
const PARTS = 4;
/** At the path's loss a size is lost as often as this by chance. */
const MOST_CHANCE = 0.03;
const MOST_TRIES = 4;

export interface SizeRound {
  readonly id: string;
  /** Ascending, none twice. */
  readonly sizesBytes: readonly number[];
  /** Packets of each size. */
  readonly tries: number;
  /** Whether it may be the last one, so that what comes late must be waited for. */
  readonly isLast: boolean;
}

export interface SearchRange {
  readonly ceilingBytes: number;
  /** MTU that a router named; null where none did. */
  readonly namedBytes: number | null;
}

/** The next round up to the ceiling; null where the limit is known to the byte, or nothing was found to fail. */
export function planSizeRound(limit: SizeLimit | null, { ceilingBytes, namedBytes }: SearchRange): SizeRound | null {
  const ceiling: SizeRound = { id: 'mtu', sizesBytes: [ceilingBytes], tries: LEAST_TRIES, isLast: false };
  const least = limit?.suspects[0];
  if (limit === null) return ceiling;
  if (limit.passedBytes >= ceilingBytes) return null;
  if (least === undefined) return ceiling;
  const { passedBytes, controls } = limit;
  const isCertain = limit.failedBytes === least.sizeBytes;
  if (least.sizeBytes === passedBytes + 1) {
    const sizesBytes = [passedBytes, least.sizeBytes];
    return isCertain
      ? null
      : { id: 'mtu-confirm', sizesBytes, tries: Math.max(2, LEAST_TRIES - least.tries), isLast: true };
  }
  // A failure that loss may explain is tried again beside the search, before the search believes in it.
  const again = isCertain || controls.lost === 0 ? [] : [least.sizeBytes];
  const { id, sizes } = chooseBetween(passedBytes, least.sizeBytes, namedBytes);
  return { id, sizesBytes: [...sizes, ...again], tries: computeTries(controls), isLast: false };
}

/** Above `passed` and below `failed`, which are at least 2 apart: what was named, what is usual, then even cuts. */
function chooseBetween(passed: number, failed: number, named: number | null): { id: string; sizes: number[] } {
  const isBetween = (size: number): boolean => size > passed && size < failed;
  if (named !== null && isBetween(named)) return { id: 'mtu-named', sizes: [named, named + 1].filter(isBetween) };
  const usual = USUAL_SIZES.filter(isBetween);
  if (usual.length > 0) return { id: 'mtu-usual', sizes: usual };
  const cuts = Array.from({ length: PARTS - 1 }, (_, i) => Math.round(passed + ((i + 1) * (failed - passed)) / PARTS));
  // Where a usual size passed, it is mostly the limit itself.
  const next = USUAL_SIZES.some((size) => size === passed) ? [passed + 1] : [];
  return { id: 'mtu-search', sizes: [...new Set([...next, ...cuts])].filter(isBetween) };
}

/** So many that a size which passes is not often missed by all of them. */
function computeTries({ tried, lost }: Trials): number {
  if (lost === 0) return 1;
  const ratio = Math.min(0.9, (lost + 1) / (tried + 2));
  return Math.min(MOST_TRIES, Math.ceil(Math.log(MOST_CHANCE) / Math.log(ratio)));
}
