// Figures as the page writes them: the words of the command line (model/figures.js), with the interval apart, below its value.
import { formatFigure, formatRanged, pickUnit, RATE, RATIO, TIME, VOLUME } from './model/figures.js';

export const formatTime = (ns) => formatFigure(ns, TIME);
/** With its 95 % interval, an end of which may be open. */
export const formatTimeRanged = (ns, interval) => formatRanged(ns, interval, TIME);
export const formatRate = (bitsPerSec) => formatFigure(bitsPerSec, RATE);
export const formatBytes = (bytes) => formatFigure(bytes, VOLUME);
export const formatRatio = (ratio) => formatFigure(ratio, RATIO);
export const formatCount = (count) => count.toLocaleString('en');

const PER_BYTE = [{ name: 'ns/byte', size: 1 }];
const PPM = [{ name: 'ppm', size: 1 }];
const FAMILIES = { rate: RATE, time: TIME, ratio: RATIO, perByte: PER_BYTE, ppm: PPM };
const LIMITS = { probe: 'the probe', noise: 'noise', samples: 'too few samples', target: 'the target' };
const MOST_DECIMALS = 6;

/** `{value: '96.9 Mb/s', small: '96.6 to 97.2 Mb/s'}`. A rate that a machine at either end limited is a bound of the path's. */
export function describeEstimate(estimate, kind) {
  const { value, low, high, quality, limitedBy } = estimate;
  const isBound = kind === 'rate' && (limitedBy === 'probe' || limitedBy === 'target');
  const figure = formatFigure(value, FAMILIES[kind]);
  const notes = [
    isBound ? null : formatInterval({ value, low, high }, FAMILIES[kind]),
    limitedBy === null ? null : `limited by ${LIMITS[limitedBy]}`,
    quality === 'good' ? null : `${quality} quality`,
  ];
  return { value: isBound ? `at least ${figure}` : figure, small: notes.filter(Boolean).join(' · ') };
}

/**
 * "96.6 to 97.2 Mb/s", "below 0.9 %", "above 82 %" in the unit of the value; null where the interval is a point. Rounded outward, so
 * that it never claims more than was measured.
 */
function formatInterval({ value, low, high }, family) {
  if (!(high > low)) return null;
  const { name, size } = pickUnit(value === 0 ? high : value, family);
  const decimals = Math.max(0, Math.min(MOST_DECIMALS, 1 - Math.floor(Math.log10((high - low) / size))));
  const down = roundTo(Math.floor, low / size, decimals);
  const up = roundTo(Math.ceil, high / size, decimals);
  if (low >= value) return `below ${up} ${name}`;
  return high <= value ? `above ${down} ${name}` : `${down} to ${up} ${name}`;
}

/** The margin absorbs binary fractions. */
function roundTo(direction, value, decimals) {
  const scale = 10 ** decimals;
  const margin = direction === Math.ceil ? -1e-6 : 1e-6;
  return String(Number((direction(value * scale + margin) / scale).toFixed(decimals)));
}
