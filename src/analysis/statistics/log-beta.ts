// The Beta function and its incomplete integral: what a Bayesian count of "so many of so many" needs.

const MAX_FRACTION_TERMS = 300;
const FRACTION_PRECISION = 1e-12;

/** Stirling's series is good to 1e-13 from here on. */
const STIRLING_ABOVE = 10;
const HALF_LN_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** ln Γ(x) for x > 0: Stirling's series (Abramowitz and Stegun 6.1.41), smaller arguments raised by Γ(x + 1) = x·Γ(x). */
export function computeLogGamma(x: number): number {
  let raised = x;
  let product = 1;
  while (raised < STIRLING_ABOVE) {
    product *= raised;
    raised += 1;
  }
  const inverse = 1 / raised;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
  return (raised - 0.5) * Math.log(raised) - raised + HALF_LN_TWO_PI + series - Math.log(product);
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
