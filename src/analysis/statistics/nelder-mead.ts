// A minimum without derivatives, for a few parameters: the simplex of Nelder and Mead (Computer Journal 7, 1965).

export interface Minimum {
  readonly at: readonly number[];
  readonly value: number;
}

export interface Simplex {
  readonly start: readonly number[];
  /** First step along each parameter; none may be 0. */
  readonly steps: readonly number[];
  readonly maxEvaluations: number;
  /** Ends when the best and the worst corner differ by less than this. */
  readonly tolerance: number;
}

/** Ends by `tolerance` or `maxEvaluations`; where `compute` is Infinity is out of bounds. */
export function findMinimum(compute: (at: readonly number[]) => number, simplex: Simplex): Minimum {
  const { start, steps, maxEvaluations, tolerance } = simplex;
  const evaluate = (at: readonly number[]): Minimum => ({ at, value: compute(at) });
  let corners = [
    evaluate(start),
    ...steps.map((step, i) => evaluate(start.map((value, j) => (i === j ? value + step : value)))),
  ];
  let evaluations = corners.length;
  while (evaluations < maxEvaluations) {
    corners.sort((a, b) => a.value - b.value);
    const best = corners[0] ?? { at: start, value: Infinity };
    const worst = corners.at(-1) ?? best;
    const second = corners.at(-2) ?? best;
    if (worst.value - best.value < tolerance) break;
    const others = corners.slice(0, -1);
    const center = start.map((_, i) => others.reduce((sum, { at }) => sum + (at[i] ?? 0), 0) / others.length);
    const move = (factor: number): Minimum =>
      evaluate(center.map((value, i) => value + factor * (value - (worst.at[i] ?? 0))));
    const reflected = move(1);
    evaluations += 2;
    let replaced = reflected;
    if (reflected.value < best.value) replaced = pickLess(move(2), reflected);
    else if (reflected.value >= second.value) replaced = reflected.value < worst.value ? move(0.5) : move(-0.5);
    else evaluations -= 1;
    if (replaced.value < worst.value) {
      corners = [...others, replaced];
      continue;
    }
    corners = [
      best,
      ...corners.slice(1).map(({ at }) => evaluate(at.map((value, i) => (value + (best.at[i] ?? 0)) / 2))),
    ];
    evaluations += corners.length;
  }
  return corners.reduce(pickLess);
}

function pickLess(a: Minimum, b: Minimum): Minimum {
  return b.value < a.value ? b : a;
}
