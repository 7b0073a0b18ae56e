// Numbers with their units as a person reads them. The API speaks ns, bits per second and ratios; only here they become ms,
// Mb/s and percent.

const DIGITS = 3;

/** Three significant digits, no exponent: 0.0123, 4.20, 96.9, 1240. */
function round(value) {
  const rounded = Number(value.toPrecision(DIGITS));
  if (rounded === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(rounded)));
  return rounded.toFixed(Math.min(6, Math.max(0, DIGITS - 1 - magnitude)));
}

function scale(value, units) {
  const [factor, unit] = units.find(([limit]) => Math.abs(value) >= limit) ?? units.at(-1);
  return { factor, unit };
}

const TIMES = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [1, 'ns'],
];
const RATES = [
  [1e9, 'Gb/s'],
  [1e6, 'Mb/s'],
  [1e3, 'kb/s'],
  [1, 'b/s'],
];
const SIZES = [
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
  [1, 'B'],
];

function withUnit(value, units) {
  const { factor, unit } = scale(value, units);
  return `${round(value / factor)} ${unit}`;
}

export const formatTime = (ns) => withUnit(ns, TIMES);
export const formatRate = (bitsPerSec) => withUnit(bitsPerSec, RATES);
export const formatBytes = (bytes) => withUnit(bytes, SIZES);

/** 0.182 → "18.2 %"; none lost reads "0 %", all lost "100 %". */
export function formatRatio(ratio) {
  const percent = ratio * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  return percent < 0.01 ? '< 0.01 %' : `${Number(percent.toPrecision(DIGITS))} %`;
}

export const formatCount = (count) => count.toLocaleString('en');

/** "96.6 to 97.2 Mb/s": the 95 % interval in the unit of its upper end; null where it is a point. */
export function formatInterval({ low, high }, kind) {
  if (low === high) return null;
  if (kind === 'ratio') return `${formatRatio(low).replace(' %', '')} to ${formatRatio(high)}`;
  const { factor, unit } = scale(high, kind === 'rate' ? RATES : TIMES);
  return `${round(low / factor)} to ${round(high / factor)} ${unit}`;
}

/** A rate at which the probe itself was the limit is a lower bound of the path's. */
export function formatEstimate(estimate, kind) {
  const format = { rate: formatRate, time: formatTime, ratio: formatRatio }[kind];
  const bound = kind === 'rate' && estimate.limitedBy === 'probe' ? 'at least ' : '';
  return bound + format(estimate.value);
}
