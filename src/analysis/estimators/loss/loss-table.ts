// What is lost by packet size and by place in a burst: queues, policers and collisions each spare other packets. Counts only;
// what they mean is for the signatures.
import type { LossCell } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { computeFates } from '../packet-fate.js';

type Place = LossCell['place'];

const PLACES: readonly Place[] = ['alone', 'first', 'interior', 'last'];

export interface TracesByPace {
  /** Packets one at a time, each far from the next. */
  readonly paced: readonly Trace[];
  /** Packets in bursts, as their `burst` column tells. */
  readonly bursts: readonly Trace[];
}

/**
 * One cell for each size (IP bytes) and place that was sent, by size and then by place. First and last are the first and last
 * packet of a burst that left the machine. null where nothing was sent.
 */
export function computeLossTable({ paced, bursts }: TracesByPace): LossCell[] | null {
  const cells = new Map<number, { readonly sizeBytes: number; readonly place: Place; sent: number; lost: number }>();
  const add = (sizeBytes: number, place: Place, isLost: boolean): void => {
    const key = PLACES.length * sizeBytes + PLACES.indexOf(place);
    const cell = cells.get(key) ?? { sizeBytes, place, sent: 0, lost: 0 };
    cell.sent += 1;
    if (isLost) cell.lost += 1;
    cells.set(key, cell);
  };
  for (const trace of paced) {
    for (const [row, fate] of computeFates(trace).entries()) {
      if (fate !== 'excluded') add(trace.sizeBytes[row] ?? 0, 'alone', fate === 'lost');
    }
  }
  for (const trace of bursts) {
    const fates = computeFates(trace);
    for (const rows of groupSentRows(trace, fates)) {
      for (const [index, row] of rows.entries()) {
        add(trace.sizeBytes[row] ?? 0, placeOf(index, rows.length), fates[row] === 'lost');
      }
    }
  }
  if (cells.size === 0) return null;
  return [...cells.values()].sort(
    (a, b) => a.sizeBytes - b.sizeBytes || PLACES.indexOf(a.place) - PLACES.indexOf(b.place),
  );
}

function groupSentRows(trace: Trace, fates: readonly string[]): number[][] {
  const byBurst = new Map<number, number[]>();
  for (const [row, fate] of fates.entries()) {
    if (fate === 'excluded') continue;
    const burst = trace.burst[row] ?? 0;
    const rows = byBurst.get(burst);
    if (rows) rows.push(row);
    else byBurst.set(burst, [row]);
  }
  return [...byBurst.values()];
}

function placeOf(index: number, length: number): Place {
  if (length === 1) return 'alone';
  return index === 0 ? 'first' : index === length - 1 ? 'last' : 'interior';
}
