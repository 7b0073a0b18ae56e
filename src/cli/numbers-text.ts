// The numbers of a report: one column where only round trips were seen, two where each direction has its own figures.
// What was not measured is left out, not shown as a dash.
import type { DelayEstimate, Directional, Estimate, Estimates } from '../model/estimates.js';
import { describeMarks } from './classes-text.js';
import { formatEstimate, formatFigure, RATE, RATIO, TIME, type UnitFamily } from '../model/figures.js';
import type { Ink } from './ink.js';
import { alignRows, ITEM_GAP, wrapItems } from './layout.js';
import { describeIncrease } from './loaded-text.js';

type Row = readonly [label: string, ...cells: string[]];

export interface NumbersView {
  readonly columns: number;
  readonly ink: Ink;
}

/** Lines of the table; none where nothing was measured. */
export function renderNumbers(estimates: Estimates, view: NumbersView): string[] {
  const rows = hasDirections(estimates) ? planTwoWayRows(estimates) : planRoundTripRows(estimates);
  if (rows.length === 0) return [];
  const label = Math.max(...rows.map(([name]) => name.length));
  return alignRows(rows)
    .flatMap((line, i) => (line.length <= view.columns ? [line] : stackCells(rows[i] ?? [''], label, view.columns)))
    .map((line) => view.ink('quiet', line.slice(0, label)) + line.slice(label));
}

/** A row too wide for the terminal: its cells one below the other, behind its label. */
function stackCells([name, ...cells]: Row, labelColumns: number, columns: number): string[] {
  return cells.flatMap((cell, i) =>
    wrapItems(cell.split(ITEM_GAP), `${(i === 0 ? name : '').padEnd(labelColumns)}  `, columns),
  );
}

/** Loss alone does not need two columns: its directions fit in one cell. */
function hasDirections({ capacity, available, maximum, oneWay }: Estimates): boolean {
  return [capacity.reverse, available.reverse, maximum.reverse, oneWay.reverse].some((figure) => figure !== null);
}

function planRoundTripRows(estimates: Estimates): Row[] {
  const { capacity, available, maximum } = estimates;
  const loss = describeLoss(estimates);
  const nothingLost = (estimates.loss.roundTrip ?? estimates.loss.forward)?.value === 0;
  const rows: Row[] = [];
  if (capacity.forward && nothingLost) {
    rows.push(['capacity', describeRate(capacity.forward), ...loss.map((text) => `loss ${text}`)]);
  } else {
    if (capacity.forward) rows.push(['capacity', describeRate(capacity.forward)]);
    rows.push(...loss.map((text): Row => ['loss', text]));
  }
  if (available.forward) rows.push(['available', describeRate(available.forward), ...describeUtilization(estimates)]);
  if (maximum.forward) rows.push(['maximum', describeRate(maximum.forward)]);
  return [...rows, ...planDelayRows(estimates), ...planFactRows(estimates)];
}

/** At most one text: each direction by itself where something was lost and it is known where. */
function describeLoss(estimates: Estimates): string[] {
  const { roundTrip, forward, reverse } = estimates.loss;
  const whole = roundTrip ?? forward;
  if (!whole) return [];
  if (whole.value === 0 || !forward || !reverse) return [`${formatEstimate(whole, RATIO)}${describeRuns(estimates)}`];
  const there = `${formatEstimate(forward, RATIO)} forward`;
  return [`${there}, ${formatEstimate(reverse, RATIO)} reverse${describeRuns(estimates)}`];
}

function planTwoWayRows(estimates: Estimates): Row[] {
  const { capacity, available, maximum, loss, lossRuns, utilization, oneWay } = estimates;
  const rows: Row[] = [['', 'forward', 'reverse']];
  const add = (label: string, pair: Directional<Estimate>, family: UnitFamily): void => {
    if (pair.forward ?? pair.reverse) rows.push([label, cell(pair.forward, family), cell(pair.reverse, family)]);
  };
  add('capacity', capacity, RATE);
  add('available', available, RATE);
  add('in use', utilization, RATIO);
  add('maximum', maximum, RATE);
  if (loss.forward ?? loss.reverse) add('loss', loss, RATIO);
  else if (loss.roundTrip) rows.push(['loss', `${formatEstimate(loss.roundTrip, RATIO)}, round trip`]);
  if (lossRuns && describeRuns(estimates) !== '') rows.push(['', `up to ${lossRuns.maxLength} lost in a row`]);
  if (oneWay.forward && oneWay.reverse) {
    rows.push([
      oneWay.isAbsolute ? 'one way' : 'variation',
      describeSpread(oneWay.forward),
      describeSpread(oneWay.reverse),
    ]);
  }
  return [...rows, ...planDelayRows(estimates), ...planFactRows(estimates)];
}

function cell(estimate: Estimate | null, family: UnitFamily): string {
  if (!estimate) return 'not measured';
  return family === RATE && isBound(estimate) ? describeBound(estimate) : formatEstimate(estimate, family);
}

/** Where there is room, a bound has its reason beside it. */
function describeRate(estimate: Estimate): string {
  if (!isBound(estimate)) return formatEstimate(estimate, RATE);
  return `${describeBound(estimate)}, the ${estimate.limitedBy === 'probe' ? "probe's" : "target's"} own limit`;
}

/** A rate that a machine at either end could not exceed is a lower bound of the path's, whatever its interval says. */
function isBound({ limitedBy }: Estimate): boolean {
  return limitedBy === 'probe' || limitedBy === 'target';
}

function describeBound(estimate: Estimate): string {
  return `at least ${formatFigure(estimate.value, RATE)}`;
}

function describeUtilization({ utilization }: Estimates): string[] {
  return utilization.forward ? [`in use ${formatEstimate(utilization.forward, RATIO)}`] : [];
}

/** Single losses need no words; runs do. */
function describeRuns({ lossRuns, loss }: Estimates): string {
  const partial = (loss.roundTrip?.value ?? 0) < 1;
  return lossRuns && partial && lossRuns.maxLength > 1 ? `, up to ${lossRuns.maxLength} in a row` : '';
}

/** Medians say what is usual and the 99th percentile what hurts; both in the unit of the median. */
function describeSpread(delay: DelayEstimate): string {
  return `${formatFigure(delay.p50Ns, TIME)}  p99 ${formatFigure(delay.p99Ns, TIME)}`;
}

function planDelayRows({ rtt, propagation, jitter, loaded }: Estimates): Row[] {
  if (!rtt) return [];
  const apart = [
    ...(propagation ? [`propagation ${formatEstimate(propagation, TIME)}`] : []),
    ...(jitter ? [`jitter ${formatFigure(jitter.rfc3550Ns, TIME)}`] : []),
  ];
  return [
    ['delay', describeSpread(rtt), ...(apart.length > 0 ? [apart.join(ITEM_GAP)] : [])],
    ...planLoadedRows(loaded),
  ];
}

function planLoadedRows(loaded: Estimates['loaded']): Row[] {
  if (!loaded) return [];
  return (['up', 'down', 'both'] as const).flatMap((name): Row[] => {
    const delay = loaded[name];
    return delay ? [[`load ${name}`, describeIncrease(delay, loaded.idle)]] : [];
  });
}

function planFactRows({ mtu, dscp, reordering, duplication, voice }: Estimates): Row[] {
  const facts = [
    ...(mtu ? [describeMtu(mtu)] : []),
    ...(dscp ? [describeMarks(dscp)].filter((text) => text !== '') : []),
    ...(reordering ? [`reordering ${formatEstimate(reordering, RATIO)}`] : []),
    ...(duplication ? [`duplicates ${formatEstimate(duplication, RATIO)}`] : []),
    ...(voice ? [`voice MOS ${voice.mos.toFixed(1)} of 4.4`] : []),
  ];
  return facts.length === 0 ? [] : [['packets', facts.join(ITEM_GAP)]];
}

function describeMtu(mtu: NonNullable<Estimates['mtu']>): string {
  const reverse =
    mtu.reverseBytes === null || mtu.reverseBytes === mtu.forwardBytes ? '' : `, back ${mtu.reverseBytes}`;
  return `mtu ${mtu.forwardBytes}${reverse}`;
}
