// Runs a property many times; a failure prints the seed and the smallest counter-example (fast-check does both).
import fc from 'fast-check';

/** PACKET_TEST_SEED repeats a failure; PACKET_TEST_RUNS searches longer. */
const SEED = Number(process.env['PACKET_TEST_SEED'] ?? Date.now() % 2 ** 31);
const RUNS = Number(process.env['PACKET_TEST_RUNS'] ?? 500);

export function check<T>(values: fc.Arbitrary<T>, property: (value: T) => void): void {
  fc.assert(
    fc.property(values, (value) => property(value)),
    { seed: SEED, numRuns: RUNS },
  );
}

export function octetsOf(minLength: number, maxLength = minLength): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength, maxLength });
}

export const uint8 = fc.nat(0xff);
export const uint16 = fc.nat(0xffff);
export const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
