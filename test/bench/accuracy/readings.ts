// What the bench reads out of a report for each quantity, and how an error of it is counted.
import type { Quantity } from '../../../src/model/examination.js';
import type { Estimate } from '../../../src/model/estimates.js';
import type { Report } from '../../../src/model/report.js';
import type { Truth } from './drawn-path.js';

export interface QuantityReading {
  /** The unit that errors are printed in. */
  readonly unit: '% of truth' | '% of capacity' | 'us' | 'points';
  readonly readEstimate: (report: Report) => Estimate | null;
  readonly readTruth: (truth: Truth) => number;
  /** Signed, in `unit`. */
  readonly computeError: (value: number, truth: Truth) => number;
  readonly target: string;
  /** Only on paths without other traffic: what gets through beside it depends on how hard the load pushes. */
  readonly isOfIdlePaths?: true;
}

export const READINGS = {
  capacity: {
    unit: '% of truth',
    readEstimate: ({ estimates }) => estimates.capacity.forward,
    readTruth: (truth) => truth.capacityBitsPerSec,
    computeError: (value, truth) => 100 * (value / truth.capacityBitsPerSec - 1),
    target: 'median <= 1, p95 <= 3; <= 2 s, <= 2 MB',
  },
  available: {
    unit: '% of capacity',
    readEstimate: ({ estimates }) => estimates.available.forward,
    readTruth: (truth) => truth.availableBitsPerSec,
    computeError: (value, truth) => (100 * (value - truth.availableBitsPerSec)) / truth.capacityBitsPerSec,
    target: '<= 5; <= 5 s, <= 2 MB',
  },
  propagation: {
    unit: 'us',
    readEstimate: ({ estimates }) => estimates.propagation,
    readTruth: (truth) => truth.propagationNs,
    computeError: (value, truth) => (value - truth.propagationNs) / 1e3,
    target: 'bias <= 2 us with kernel stamps',
  },
  maximum: {
    unit: '% of truth',
    readEstimate: ({ estimates }) => estimates.maximum.forward,
    readTruth: (truth) => truth.maximumBitsPerSec,
    computeError: (value, truth) => 100 * (value / truth.maximumBitsPerSec - 1),
    target: '<= 1 of line rate; <= 3 s',
    isOfIdlePaths: true,
  },
  loss: {
    unit: 'points',
    readEstimate: ({ estimates }) => estimates.loss.roundTrip,
    readTruth: (truth) => truth.lossRatio,
    computeError: (value, truth) => 100 * (value - truth.lossRatio),
    target: 'interval holds the truth',
  },
} as const satisfies Partial<Readonly<Record<Quantity, QuantityReading>>>;

export type BenchQuantity = keyof typeof READINGS;
export const BENCH_QUANTITIES = Object.keys(READINGS) as readonly BenchQuantity[];
