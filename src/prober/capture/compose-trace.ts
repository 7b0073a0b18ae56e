// A run of recorded requests and their answers -> a trace, as a prober of ours would have given it. Pure.
import type { Schedule } from '../../model/sequence.js';
import { TRACE_FLAG, type Trace } from '../../model/trace.js';
import { ETHERNET_HEADER_BYTES, NS_PER_SEC, NS_PER_US } from '../../model/units.js';
import { createBlankTrace, type MutableTrace } from '../native/blank-trace.js';
import { FarClock } from '../native/far-clock.js';
import type { Exchange, ProbeRow } from './exchange.js';
import { BACK_TO_BACK_NS, LARGEST_LIGHT, type PlacedRun, type RunShape } from './run-shape.js';

export interface TraceSource {
  readonly exchange: Exchange;
  /** Wall clock of the recording's first packet. */
  readonly baseNs: bigint;
  /** The recording's last packet, ns after `baseNs`. */
  readonly endNs: number;
}

/** Short bursts of small packets are at gaps that a person would choose: no finer than this. */
const PLAN_STEP_NS = 10 * NS_PER_US;
/** A reply may take so many times the slowest one before its absence at the end of a recording counts as loss. */
const PATIENCE = 2;
/** Where nothing was answered a second has to do (RFC 7680: Tmax is the observer's choice). */
const BLIND_PATIENCE_NS = NS_PER_SEC;

export function composeTrace({ shape, id }: PlacedRun, { exchange, baseNs, endNs }: TraceSource): Trace {
  const { rows } = shape;
  const firstNs = rows[0]?.atNs ?? 0;
  const trace = createBlankTrace(id, planAsSent(shape, exchange), baseNs + BigInt(firstNs));
  const farClock = new FarClock();
  const patienceNs = computePatienceNs(exchange.rows);
  rows.forEach((row, i) => {
    trace.txOffsetNs[i] = row.atNs - firstNs;
    trace.flags[i] = TRACE_FLAG.sent | describeFate(row, endNs - patienceNs);
    fillAnswer(trace, row, i, { firstNs, farClock });
  });
  numberArrivals(trace, rows);
  const far = farClock.fill(trace, false);
  const bytes = rows.reduce((sum, { sizeBytes }) => sum + sizeBytes + ETHERNET_HEADER_BYTES, 0);
  return {
    ...trace,
    stamps: { ...trace.stamps, far },
    cost: { packets: rows.length, bytes },
    messages: rows.some(({ isRefused }) => isRefused) ? [...exchange.messages.values()] : [],
  };
}

function describeFate({ answer, isRefused, atNs }: ProbeRow, latestNs: number): number {
  if (answer !== null) return TRACE_FLAG.answered;
  if (isRefused) return TRACE_FLAG.errorReply;
  return atNs > latestNs ? TRACE_FLAG.unheard : 0;
}

function computePatienceNs(rows: readonly ProbeRow[]): number {
  const slowest = rows.reduce((most, { atNs, answer }) => Math.max(most, (answer?.atNs ?? atNs) - atNs), 0);
  return slowest > 0 ? PATIENCE * slowest : BLIND_PATIENCE_NS;
}

interface Filling {
  readonly firstNs: number;
  readonly farClock: FarClock;
}

function fillAnswer(trace: MutableTrace, row: ProbeRow, i: number, { firstNs, farClock }: Filling): void {
  trace.duplicates[i] = Math.min(0xffff, row.duplicates);
  const { answer } = row;
  if (answer === null) return;
  trace.rxOffsetNs[i] = answer.atNs - firstNs;
  trace.replySizeBytes[i] = answer.sizeBytes;
  trace.replyTtl[i] = answer.ttl;
  trace.replyTrafficClass[i] = answer.trafficClass;
  trace.farTrafficClass[i] = answer.requestClass;
  if (answer.far === null) return;
  const flow = trace.flow[i] ?? 0;
  if (answer.far.isCounted && flow === 0) trace.farSequence[i] = answer.far.sequence;
  farClock.add(i, { ...answer.far, flow });
}

function numberArrivals(trace: MutableTrace, rows: readonly ProbeRow[]): void {
  const answered = [...rows.keys()].filter((i) => rows[i]?.answer !== null);
  answered.sort((a, b) => (rows[a]?.answer?.atNs ?? 0) - (rows[b]?.answer?.atNs ?? 0));
  answered.forEach((row, order) => (trace.arrival[row] = order));
}

/** What was planned nobody recorded: packets that left together were meant to, and the others left when they did. */
function planAsSent({ rows, burst, burstGapNs, sizesBytes }: RunShape, { rows: all }: Exchange): Schedule {
  const count = rows.length;
  const firstNs = rows[0]?.atNs ?? 0;
  const isLight = (sizesBytes[0] ?? 0) <= LARGEST_LIGHT;
  const stepped = isLight ? PLAN_STEP_NS * Math.round(burstGapNs / PLAN_STEP_NS) : burstGapNs;
  const gapNs = burstGapNs < BACK_TO_BACK_NS ? 0 : stepped;
  const firstFlow = all[0]?.flow;
  const position = new Uint32Array(count);
  const offsetNs = new Float64Array(count);
  rows.forEach((row, i) => {
    const isFollower = i > 0 && burst !== null && burst[i] === burst[i - 1];
    position[i] = isFollower ? (position[i - 1] ?? 0) + 1 : burst === null ? i : 0;
    offsetNs[i] = isFollower ? (offsetNs[i - 1] ?? 0) + gapNs : row.atNs - firstNs;
  });
  return {
    count,
    offsetNs,
    sizeBytes: Uint16Array.from(rows, ({ sizeBytes }) => sizeBytes),
    burst: burst ?? new Uint32Array(count),
    position,
    trafficClass: Uint8Array.from(rows, ({ trafficClass }) => trafficClass),
    flow: Uint8Array.from(rows, ({ flow }) => (flow === firstFlow ? 0 : 1)),
  };
}
