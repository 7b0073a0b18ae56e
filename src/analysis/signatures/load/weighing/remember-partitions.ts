// What a hypothesis says of the rows, made once where it is the same whatever our own trains overflowed.
import type { LoadEvidence, LoadHypothesis, Overflow, Partition } from '../load-hypothesis.js';

/**
 * Most partitions do not depend on what overflowed and are made once; the others know the packets of trains by their ratio only, so that
 * they differ where packets that were sent alone overflowed something.
 */
export function rememberPartitions(evidence: LoadEvidence, hypothesis: LoadHypothesis): LoadHypothesis {
  const made: { readonly overflow: Overflow; readonly partitions: readonly Partition[] }[] = [];
  const isAlike = (one: Overflow, other: Overflow): boolean =>
    hypothesis.heedsOverflow !== true || overflowsSame(evidence.rows, one, other);
  return {
    ...hypothesis,
    partition: (_evidence, overflow) => {
      const known = made.find((before) => isAlike(before.overflow, overflow));
      if (known !== undefined) return known.partitions;
      const partitions = hypothesis.partition(evidence, overflow);
      made.push({ overflow, partitions });
      return partitions;
    },
  };
}

/** Whether of the rows that were sent by themselves the same found no room. */
function overflowsSame({ count, isSparse }: LoadEvidence['rows'], one: Overflow, other: Overflow): boolean {
  for (let i = 0; i < count; i += 1) {
    if (isSparse[i] === 1 && (one[i] === 0) !== (other[i] === 0)) return false;
  }
  return true;
}
