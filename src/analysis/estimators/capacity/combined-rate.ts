// Rates with intervals made into one. Which of them belong together is decided elsewhere.

export interface Rate {
  readonly rateBitsPerSec: number;
  readonly relativeHalfWidth: number;
}

export interface Combined {
  readonly value: number;
  readonly halfWidth: number;
}

export function toRate({ value, halfWidth }: Combined): Rate {
  return { rateBitsPerSec: value, relativeHalfWidth: halfWidth };
}

/** Inverse-variance mean; its half-width never below what the spread of the trains themselves says. */
export function combine(rates: readonly Rate[]): Combined {
  let weights = 0;
  let sum = 0;
  for (const rate of rates) {
    const weight = rate.relativeHalfWidth ** -2;
    weights += weight;
    sum += weight * rate.rateBitsPerSec;
  }
  const value = sum / weights;
  const scatter = rates.reduce(
    (total, rate) => total + rate.relativeHalfWidth ** -2 * (rate.rateBitsPerSec / value - 1) ** 2,
    0,
  );
  const spread = rates.length > 1 ? 2 * Math.sqrt(scatter / weights / (rates.length - 1)) : 0;
  return { value, halfWidth: Math.min(1, Math.max(1 / Math.sqrt(weights), spread)) };
}
