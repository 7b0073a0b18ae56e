// Random sequences for property tests: every pattern kind, small and absurd values alike.
import fc from 'fast-check';
import type { Cost, Pattern, Schedule, Sequence } from '../../../src/model/sequence.js';
import { ETHERNET_HEADER_BYTES } from '../../../src/model/units.js';
import { MAX_DURATION_NS } from '../../../src/sequencer/patterns/fields.js';

export interface ValueRanges {
  readonly count: fc.Arbitrary<number>;
  readonly time: fc.Arbitrary<number>;
  readonly size: fc.Arbitrary<number>;
}

/** Values that are within bounds field by field; the whole may still be too long. */
export const SMALL_VALUES: ValueRanges = {
  count: fc.integer({ min: 1, max: 40 }),
  time: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e9, noNaN: true }), fc.integer({ min: 0, max: 1_000_000 })),
  size: fc.integer({ min: 20, max: 65_535 }),
};

/** Whatever a number can be. */
export const HOSTILE_VALUES: ValueRanges = {
  count: fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.integer(), fc.double(), fc.constant(1e9)),
  time: fc.oneof(fc.constant(0), fc.double(), fc.double({ min: 0, max: MAX_DURATION_NS })),
  size: fc.oneof(fc.integer({ min: 20, max: 65_535 }), fc.integer(), fc.double()),
};

export function arbitraryPattern({ count, time, size }: ValueRanges): fc.Arbitrary<Pattern> {
  const sizesBytes = fc.array(size, { minLength: 1, maxLength: 12 });
  const seed = fc.maxSafeInteger();
  const spreadFactor = fc.double({ min: 1.001, max: 3, noNaN: true });
  const shape = { spacingNs: time, sizeBytes: size };
  return fc.oneof(
    fc.record({ kind: fc.constant('single' as const), sizeBytes: size }),
    fc.record({ kind: fc.constant('isochronous' as const), count, intervalNs: time, sizeBytes: size }),
    fc.record({ kind: fc.constant('poisson' as const), count, meanIntervalNs: time, sizeBytes: size, seed }),
    fc.record({ kind: fc.constant('train' as const), trains: count, packetsPerTrain: count, gapNs: time, ...shape }),
    fc.record({
      kind: fc.constant('watched-train' as const),
      trains: count,
      packetsPerTrain: count,
      gapNs: time,
      ...shape,
      spacingNs: fc.integer({ min: 1, max: 1_000_000 }),
      watchPackets: count,
      watchSizeBytes: size,
    }),
    fc.record({ kind: fc.constant('pair' as const), pairs: count, ...shape }),
    fc.record({
      kind: fc.constant('chirp' as const),
      chirps: count,
      packetsPerChirp: count,
      firstGapNs: time,
      spreadFactor,
      ...shape,
    }),
    fc.record({ kind: fc.constant('size-sweep' as const), sizesBytes, repeats: count, intervalNs: time, seed }),
    fc.record({ kind: fc.constant('mixed-burst' as const), bursts: count, sizesBytes, spacingNs: time }),
    fc.record({
      kind: fc.constant('two-way-burst' as const),
      bursts: count,
      packetsPerBurst: count,
      gapNs: time,
      ...shape,
    }),
  );
}

export function sequenceOf(pattern: Pattern): Sequence {
  return { id: 'test', pattern, dscp: 0, dontFragment: true, lingerNs: 1e8 };
}

/** Packet by packet, what `planCost` says in closed form. */
export function sumCost({ count, sizeBytes }: Schedule): Cost {
  return { packets: count, bytes: sizeBytes.reduce((sum, size) => sum + size + ETHERNET_HEADER_BYTES, 0) };
}
