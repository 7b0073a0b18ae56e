// Seeded pseudo-random numbers, so that whatever is drawn by chance can be drawn again. Not for keys or secrets.
// Who owns the seed decides what is repeatable; nothing here reads a random source.

const UINT32_RANGE = 2 ** 32;

/** One stream of numbers; the same seed gives the same stream on every machine and Node version. */
export interface Random {
  /** 32 uniform bits, 0 … 2^32 − 1. Also a seed for an independent stream. */
  uint32(): number;
  /** In [0, 1), 53 bits. */
  uniform(): number;
  /** Exponential with this mean (≥ 0), by inversion. */
  exponential(mean: number): number;
  /** Gaussian, by the Box-Muller transform. */
  normal(mean: number, standardDeviation: number): number;
  /** A shuffled copy, every order equally likely (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
}

/** `seed` is any finite number; its lowest 53 integer bits count. */
export function createRandom(seed: number): Random {
  const uint32 = createXoshiro128(expandSeed(seed));
  const uniform = (): number => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) / 2 ** 53;
  let spare: number | null = null;
  const standardNormal = (): number => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return {
    uint32,
    uniform,
    exponential: (mean) => -mean * Math.log(1 - uniform()),
    normal: (mean, standardDeviation) => mean + standardDeviation * standardNormal(),
    shuffle<T>(items: readonly T[]): T[] {
      const order = [...items];
      for (let last = order.length - 1; last > 0; last -= 1) {
        const other = Math.floor(uniform() * (last + 1));
        const swapped = order[last] as T;
        order[last] = order[other] as T;
        order[other] = swapped;
      }
      return order;
    },
  };
}

/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47, 2021; public domain
 * reference at prng.di.unimi.it). Four 32-bit words, not all zero; period 2^128 − 1; needs no 64-bit arithmetic.
 */
export function createXoshiro128(state: readonly [number, number, number, number]): () => number {
  let [s0, s1, s2, s3] = state;
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotateLeft(s3, 11);
    return result;
  };
}

/** Four well-mixed words from one number: a Weyl sequence through the 32-bit finaliser of MurmurHash3 (Appleby). */
function expandSeed(seed: number): [number, number, number, number] {
  const whole = Math.floor(Math.abs(seed));
  const low = (whole % UINT32_RANGE) | 0;
  const high = Math.floor(whole / UINT32_RANGE) ^ (seed < 0 ? 0x55555555 : 0);
  let weyl = low;
  const nextWord = (): number => {
    weyl = (weyl + 0x9e3779b9) | 0;
    return mixWord(weyl ^ mixWord(high));
  };
  // The finaliser is a bijection and the four Weyl values differ, so at most one word is zero.
  return [nextWord(), nextWord(), nextWord(), nextWord()];
}

function mixWord(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));
