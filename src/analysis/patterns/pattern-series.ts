// Points for a drawing: as few as it can show, rounded to what an eye can tell, none of them missing a figure.
import { MOST_POINTS } from '../../model/evidence-pattern.js';
import type { PatternSeries } from '../../model/evidence-pattern.js';

export type Point = readonly [x: number, y: number];

const DIGITS = 5;

/** null without a finite point. Of too many, each nth is kept, and the last. */
export function buildSeries(name: string, mark: PatternSeries['mark'], points: readonly Point[]): PatternSeries | null {
  const finite = points
    // Rounding comes first: the greatest numbers overflow by it.
    .map(([x, y]): Point => [round(x), round(y)])
    .filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
    .sort(([a], [b]) => a - b);
  if (finite.length === 0) return null;
  const step = Math.max(1, (finite.length - 1) / (MOST_POINTS - 1));
  const count = Math.min(finite.length, MOST_POINTS);
  const kept = Array.from({ length: count }, (_, i) => finite[Math.round(i * step)] ?? [0, 0]);
  return { name, mark, x: kept.map(([x]) => x), y: kept.map(([, y]) => y) };
}

function round(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
