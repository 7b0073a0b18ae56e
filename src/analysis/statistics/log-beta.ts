// The Beta function and its incomplete integral: what a Bayesian count of "so many of so many" needs.

/** Lanczos coefficients, g = 7, n = 9 (Godfrey 2001): relative error below 1e-13 for x > 0. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const MAX_FRACTION_TERMS = 300;
const FRACTION_PRECISION = 1e-12;

/** ln Γ(x) for x > 0. */
export function computeLogGamma(x: number): number {
  const shifted = x - 1;
  const t = shifted + 7.5;
  const sum = LANCZOS.reduce((total, c, i) => (i === 0 ? c : total + c / (shifted + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** ln B(a, b) for a, b > 0. */
export function computeLogBeta(a: number, b: number): number {
  return computeLogGamma(a) + computeLogGamma(b) - computeLogGamma(a + b);
}

/** P(X ≤ x) of a Beta(a, b) variable, by Lentz's continued fraction (Abramowitz and Stegun 26.5.8). */
export function computeBetaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - computeBetaCdf(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log(1 - x) - computeLogBeta(a, b)) / a;
  return Math.min(1, Math.max(0, front / computeBetaFraction(x, a, b)));
}

/** The denominator of the fraction. Ends when a step changes nothing, at the latest after MAX_FRACTION_TERMS. */
function computeBetaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let d = 0;
  let c = 1;
  let fraction = 1;
  for (let m = 0; m <= MAX_FRACTION_TERMS; m += 1) {
    for (const term of m === 0 ? [oddTerm(0)] : [evenTerm(m), oddTerm(m)]) {
      d = 1 / nonZero(1 + term * d);
      c = nonZero(1 + term / c);
      fraction *= c * d;
    }
    if (m > 0 && Math.abs(c * d - 1) < FRACTION_PRECISION) break;
  }
  return fraction;

  function oddTerm(m: number): number {
    return (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
  }
  function evenTerm(m: number): number {
    return (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
  }
  function nonZero(value: number): number {
    return Math.abs(value) < tiny ? tiny : value;
  }
}
