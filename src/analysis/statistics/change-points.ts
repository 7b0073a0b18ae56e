// Where a series changes its level: all changes at once, whatever the shape of the noise.

/** Of the points' ranks no shorter stretch is looked at. */
const LEAST_POINTS = 5;
/** Penalty of a change in units of ln n. */
const PENALTY = 3;

/**
 * Indices at which a new level begins, ascending. PELT (Killick, Fearnhead, Eckley, "Optimal detection of changepoints with a linear
 * computational cost", JASA 107, 2012) with the rank cost of Lung-Yut-Fong, Lévy-Leduc and Cappé (2015), −n · (mean of the centred
 * ranks)² / variance of the ranks. `correlationTime` (≥ 1) is how many values in a row say the same (correlation-time.ts): a change
 * must explain as many times more.
 */
export function findChangePoints(values: ArrayLike<number>, correlationTime = 1): number[] {
  const count = values.length;
  if (count < 2 * LEAST_POINTS) return [];
  const sums = sumCentredRanks(values);
  const variance = (count * count - 1) / 12;
  const costOf = (from: number, to: number): number =>
    -(((sums[to] ?? 0) - (sums[from] ?? 0)) ** 2) / ((to - from) * variance);
  const penalty = computeChangePenalty(count, correlationTime);
  const best = new Float64Array(count + 1).fill(Infinity);
  best[0] = -penalty;
  const changeBefore = new Int32Array(count + 1);
  let candidates = [0];
  for (let to = LEAST_POINTS; to <= count; to += 1) {
    for (const from of candidates) {
      const cost = (best[from] ?? Infinity) + costOf(from, to) + penalty;
      if (to - from < LEAST_POINTS || !(cost < (best[to] ?? Infinity))) continue;
      best[to] = cost;
      changeBefore[to] = from;
    }
    // A beginning that is worse by now without a penalty stays worse.
    candidates = candidates.filter(
      (from) => to - from < LEAST_POINTS || (best[from] ?? 0) + costOf(from, to) <= (best[to] ?? 0),
    );
    candidates.push(to - LEAST_POINTS + 1);
  }
  return listChanges(changeBefore);
}

/** What a change must explain of `count` (> 0) values to be one, in the unit of the cost. */
export function computeChangePenalty(count: number, correlationTime: number): number {
  return PENALTY * Math.log(count) * Math.max(1, correlationTime);
}

/** Ends: each change lies before the one it was reached from. */
function listChanges(changeBefore: Int32Array): number[] {
  const changes: number[] = [];
  for (let at = changeBefore.at(-1) ?? 0; at > 0; at = changeBefore[at] ?? 0) changes.unshift(at);
  return changes;
}

/** Entry i is the sum of the first i ranks less their mean; equal values share their mean rank. */
function sumCentredRanks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (let i = from; i < to; i += 1) ranks[order[i] ?? 0] = (from + to - 1) / 2;
    from = to;
  }
  const sums = new Float64Array(values.length + 1);
  const middle = (values.length - 1) / 2;
  for (const [i, rank] of ranks.entries()) sums[i + 1] = (sums[i] ?? 0) + rank - middle;
  return sums;
}
