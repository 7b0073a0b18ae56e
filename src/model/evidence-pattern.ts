// The decisive pattern of a finding as figures: small enough to travel in a report, and enough for the terminal, the page and a file
// to draw the same picture from it.

export type AxisUnit = 'ns' | 'bytes' | 'ratio' | 'packets';

export interface PatternAxis {
  /** In words, without the unit: `time`, `IP length`, `lost`. */
  readonly label: string;
  readonly unit: AxisUnit;
}

export interface PatternSeries {
  readonly name: string;
  /** `losses` are marks along the x axis: their y is not looked at. */
  readonly mark: 'line' | 'dots' | 'bars' | 'losses';
  /** Of equal length, at most MOST_POINTS, x ascending. */
  readonly x: readonly number[];
  readonly y: readonly number[];
}

export interface EvidencePattern {
  /** What is seen, for somebody who cannot see it, too: one sentence. */
  readonly title: string;
  readonly x: PatternAxis;
  readonly y: PatternAxis;
  /** One at least, each with one point at least. */
  readonly series: readonly PatternSeries[];
}

/** Points of a series that a drawing can show and a report should carry. */
export const MOST_POINTS = 160;
