// Which share of the packets is lost at each place of a burst: a full queue spares the first ones, a collision those at the ends, a
// bad cable none. Large and small packets apart, and beside them what is lost of packets that are sent one at a time.
import type { EvidencePattern, PatternSeries } from '../../model/evidence-pattern.js';
import type { Trace } from '../../model/trace.js';
import { computeFates } from '../estimators/packet-fate.js';
import { buildSeries } from './pattern-series.js';

const BINS = 12;
/** Shorter bursts have no middle. */
const LEAST_BURST = 4;

interface Cell {
  sent: number;
  lost: number;
}
type SizeClass = 'large' | 'small';

/** null where no burst was sent. */
export function composeLossByPlace(light: readonly Trace[], bursts: readonly Trace[]): EvidencePattern | null {
  const largest = bursts.reduce((most, trace) => trace.sizeBytes.reduce((a, b) => Math.max(a, b), most), 0);
  const classOf = (sizeBytes: number): SizeClass => (2 * sizeBytes >= largest ? 'large' : 'small');
  const inBursts: Record<SizeClass, Cell[]> = { large: createCells(BINS), small: createCells(BINS) };
  const alone: Record<SizeClass, Cell> = { large: { sent: 0, lost: 0 }, small: { sent: 0, lost: 0 } };
  for (const trace of bursts) {
    for (const { row, place, isLost } of listPlaces(trace)) {
      const bin = Math.min(BINS - 1, Math.floor(place * BINS));
      countOne(inBursts[classOf(trace.sizeBytes[row] ?? 0)][bin], isLost);
    }
  }
  for (const trace of light) {
    for (const [row, fate] of computeFates(trace).entries()) {
      if (fate !== 'excluded') countOne(alone[classOf(trace.sizeBytes[row] ?? 0)], fate === 'lost');
    }
  }
  const series = (['large', 'small'] as const).flatMap((size) => buildClass(size, inBursts[size], alone[size]));
  if (!series.some(({ mark }) => mark === 'bars')) return null;
  return {
    title: 'Share of packets lost, by their place in a burst',
    x: { label: 'place in the burst, from the first to the last packet', unit: 'ratio' },
    y: { label: 'lost', unit: 'ratio' },
    series,
  };
}

function createCells(count: number): Cell[] {
  return Array.from({ length: count }, () => ({ sent: 0, lost: 0 }));
}

function countOne(cell: Cell | undefined, isLost: boolean): void {
  if (cell === undefined) return;
  cell.sent += 1;
  if (isLost) cell.lost += 1;
}

function buildClass(size: SizeClass, cells: readonly Cell[], alone: Cell): PatternSeries[] {
  const points = cells.map(({ sent, lost }, i) => [(i + 0.5) / BINS, lost / sent] as const);
  const bars = buildSeries(`${size} packets in bursts`, 'bars', points);
  const ratio = alone.lost / alone.sent;
  const line = buildSeries(`${size} packets one at a time`, 'line', [
    [0, ratio],
    [1, ratio],
  ]);
  return bars === null ? [] : line === null ? [bars] : [bars, line];
}

/** `place` 0-1 among the packets of its burst that left. */
function listPlaces(trace: Trace): { row: number; place: number; isLost: boolean }[] {
  const byBurst = new Map<number, number[]>();
  const fates = computeFates(trace);
  for (const [row, fate] of fates.entries()) {
    const burst = trace.burst[row] ?? 0;
    if (fate !== 'excluded') byBurst.set(burst, [...(byBurst.get(burst) ?? []), row]);
  }
  return [...byBurst.values()]
    .filter(({ length }) => length >= LEAST_BURST)
    .flatMap((rows) => rows.map((row, i) => ({ row, place: i / (rows.length - 1), isLost: fates[row] === 'lost' })));
}
