// A weighted set of values as a median and the shortest interval that holds 95 %. How the weights came about is not known here.

export interface RateRange {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Cells below this share of the most likely one are cut off between refinements. */
export const NEGLIGIBLE = 1e-5;
const SHARE_INSIDE = 0.95;

/** Median and the shortest interval that holds 95 %: at a border, such as no other traffic at all, it reaches it. */
export function summarise(values: Float64Array, weights: Float64Array): RateRange {
  const likely: number[] = [];
  for (let i = 0; i < weights.length; i += 1) if ((weights[i] ?? 0) > NEGLIGIBLE) likely.push(i);
  const order = likely.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const total = order.reduce((sum, i) => sum + (weights[i] ?? 0), 0);
  const valueAt = (place: number): number => values[order[place] ?? 0] ?? 0;
  const weightAt = (place: number): number => weights[order[place] ?? 0] ?? 0;
  let median = 0;
  let [low, high] = [valueAt(0), valueAt(order.length - 1)];
  let from = 0;
  let inside = 0;
  let passed = 0;
  for (let place = 0; place < order.length; place += 1) {
    if (passed < total / 2) median = valueAt(place);
    passed += weightAt(place);
    inside += weightAt(place);
    while (inside - weightAt(from) >= SHARE_INSIDE * total) inside -= weightAt(from++);
    if (inside >= SHARE_INSIDE * total && valueAt(place) - valueAt(from) < high - low)
      [low, high] = [valueAt(from), valueAt(place)];
  }
  return { value: median, low, high };
}
