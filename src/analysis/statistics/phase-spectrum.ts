// At which frequencies events keep one phase: Rayleigh's statistic |Σ exp(2πi·f·t)|²/n (Mardia and Jupp, Directional Statistics, 2000).
import { computeFourierPowers } from './fourier-sums.js';

export interface PhaseSpectrum {
  /** Frequencies at which the events keep their phase and the others do not, best first. */
  readonly peaks: readonly number[];
  /** Independent frequencies that were looked at. */
  readonly frequencies: number;
}

interface Range {
  readonly lowest: number;
  readonly highest: number;
  /** Peaks wanted. */
  readonly count: number;
}

/** Steps per independent frequency 1/span, of the search and of the refinement. */
const OVERSAMPLING = 4;
const FINE_STEPS = 20;

/** `events` and `others` of equal length > 1 in any unit of time; frequencies in its inverse. */
export function buildSpectrum(
  events: Float64Array,
  others: Float64Array,
  { lowest, highest, count }: Range,
): PhaseSpectrum {
  const step = 1 / (OVERSAMPLING * spanOf(events));
  const steps = Math.max(1, Math.ceil((highest - lowest) / step));
  const comb = { from: lowest, step, count: steps };
  const own = computeFourierPowers(events, comb);
  const rival = computeFourierPowers(others, comb);
  const gains = own.map((power, i) => (power - (rival[i] ?? 0)) / events.length);
  return {
    peaks: listPeaks(gains, count).map((i) => lowest + i * step),
    frequencies: Math.max(1, Math.ceil(steps / OVERSAMPLING)),
  };
}

/** Where the greatest local maxima are, best first. */
function listPeaks(gains: Float64Array, count: number): readonly number[] {
  const peaks: number[] = [];
  const gainOf = (i: number | undefined): number => (i === undefined ? -Infinity : (gains[i] ?? -Infinity));
  for (let i = 0; i < gains.length; i += 1) {
    const gain = gainOf(i);
    if (gain < gainOf(i - 1) || gain <= gainOf(i + 1) || gain <= gainOf(peaks[count - 1])) continue;
    peaks.push(i);
    peaks.sort((a, b) => gainOf(b) - gainOf(a));
    if (peaks.length > count) peaks.pop();
  }
  return peaks;
}

/** The best frequency within half an independent one. */
export function refineFrequency(events: Float64Array, frequency: number): number {
  const step = 1 / (FINE_STEPS * OVERSAMPLING * spanOf(events));
  const from = frequency - 2 * FINE_STEPS * step;
  const powers = computeFourierPowers(events, { from, step, count: 4 * FINE_STEPS + 1 });
  return from + powers.indexOf(Math.max(...powers)) * step;
}

function spanOf(times: Float64Array): number {
  return (
    times.reduce((most, time) => Math.max(most, time), -Infinity) -
    times.reduce((least, time) => Math.min(least, time), Infinity)
  );
}
