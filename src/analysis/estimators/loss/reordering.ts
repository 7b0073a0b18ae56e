// Which share of the replies came out of order, over all packets and by how far apart they were sent.
import type { Estimate, ReorderingBySpacing } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { listAnsweredRows } from '../packet-fate.js';
import { computeDesignEffect, estimateRatio } from '../ratio.js';
import type { RatioGroup } from '../ratio.js';

const BEYOND_METHOD = 'no reply came later than the latest seen, Wilson interval';
const METHOD = 'replies behind one to a later packet (RFC 4737), Wilson interval';
/** Packets that follow each other share their fate: one that overtakes leaves several behind it. They count as one group. */
const GROUP_ROWS = 8;

/** Type-P-Reordered (RFC 4737 section 3): a reply is reordered if a packet sent later was answered before it. */
export function estimateReordering(traces: readonly Trace[]): Estimate | null {
  const { reordered, received, effect } = countReordered(traces);
  return estimateRatio(reordered, received, METHOD, effect);
}

function countReordered(traces: readonly Trace[]) {
  const groups = traces.flatMap(countGroups);
  const received = groups.reduce((sum, { trials }) => sum + trials, 0);
  const reordered = groups.reduce((sum, { count }) => sum + count, 0);
  return { received, reordered, effect: computeDesignEffect(groups) };
}

/**
 * One entry for each gap between the packets of a burst, in ascending order; every trace holds bursts of one gap. The extent of
 * a reordered packet is how many arrivals lie between it and the earliest reply that should have come after it (RFC 4737
 * section 4.2.2). null without a trace that was answered.
 */
export function estimateReorderingBySpacing(traces: readonly Trace[]): ReorderingBySpacing[] | null {
  const byGap = new Map<number, Trace[]>();
  for (const trace of traces) {
    const gapNs = (trace.plannedOffsetNs[1] ?? Number.NaN) - (trace.plannedOffsetNs[0] ?? Number.NaN);
    if (gapNs >= 0 && Number.isFinite(gapNs)) byGap.set(gapNs, [...(byGap.get(gapNs) ?? []), trace]);
  }
  const rows = [...byGap]
    .sort(([a], [b]) => a - b)
    .flatMap(([gapNs, group]) => {
      const ratio = estimateReordering(group);
      const maxExtent = group.map(computeMaxExtent).reduce((most, extent) => Math.max(most, extent), 0);
      const { received, effect } = countReordered(group);
      const beyondExtent = estimateRatio(0, received, BEYOND_METHOD, effect);
      return ratio === null || beyondExtent === null ? [] : [{ gapNs, ratio, maxExtent, beyondExtent }];
    });
  return rows.length === 0 ? null : rows;
}

function listByArrival(trace: Trace): number[] {
  return [...listAnsweredRows(trace)].sort((a, b) => (trace.arrival[a] ?? 0) - (trace.arrival[b] ?? 0));
}

/** Answered rows that came behind one sent later. */
export function listReorderedRows(trace: Trace): ReadonlySet<number> {
  const reordered = new Set<number>();
  let nextExpected = 0;
  for (const row of listByArrival(trace)) {
    if (row < nextExpected) reordered.add(row);
    else nextExpected = row + 1;
  }
  return reordered;
}

function countGroups(trace: Trace): readonly RatioGroup[] {
  const known = groupsSeen.get(trace) ?? groupRows(trace, listReorderedRows(trace));
  groupsSeen.set(trace, known);
  return known;
}

/** A trace never changes, and all of them are counted again with each new one; forgotten with the trace. */
const groupsSeen = new WeakMap<Trace, readonly RatioGroup[]>();

function groupRows(trace: Trace, reordered: ReadonlySet<number>): RatioGroup[] {
  const groups = new Map<number, { count: number; trials: number }>();
  for (const row of listAnsweredRows(trace)) {
    const key = (trace.burst[row] ?? 0) * MOST_GROUPS + Math.floor((trace.position[row] ?? 0) / GROUP_ROWS);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { count: reordered.has(row) ? 1 : 0, trials: 1 });
    else {
      group.count += reordered.has(row) ? 1 : 0;
      group.trials += 1;
    }
  }
  return [...groups.values()];
}

/** Of one burst: positions have 32 bits. */
const MOST_GROUPS = 2 ** 32 / GROUP_ROWS;

/** Rows sent later than every one before them are the running maxima; the first of them above a late row is its earliest. */
function computeMaxExtent(trace: Trace): number {
  const maxima: { readonly row: number; readonly order: number }[] = [];
  let most = 0;
  for (const [order, row] of listByArrival(trace).entries()) {
    const earliest = maxima.find((maximum) => maximum.row > row);
    if (earliest === undefined) maxima.push({ row, order });
    else most = Math.max(most, order - earliest.order);
  }
  return most;
}
