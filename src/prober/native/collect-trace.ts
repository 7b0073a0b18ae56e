// Columns of the engine -> a trace: matches what came back to what was sent, and decides which stamps the trace may use.
import { TX_STATUS, type RunResult } from '../../../device/nic/native-port.js';
import { ProtocolError } from '../../model/errors.js';
import type { Cost, Schedule } from '../../model/sequence.js';
import { TRACE_FLAG, type PathMessage, type StampSource, type Trace } from '../../model/trace.js';
import { ETHERNET_HEADER_BYTES, NS_PER_US } from '../../model/units.js';
import { formatAddress } from '../../packet/address.js';
import { parseReply, type LinkLayer } from '../../packet/reply-match.js';
import type { IcmpErrorReply, Reply } from '../../packet/reply.js';
import { createBlankTrace, type MutableTrace } from './blank-trace.js';
import { FarClock } from './far-clock.js';
import { NO_OWN_QUEUE, type OwnQueue } from './own-queue.js';
import type { Match, ProbeKind } from './probe-kind.js';

/** Which row a received frame belongs to. */
export type ReplyMatcher = Pick<ProbeKind, 'matchAnswer' | 'matchQuote' | 'ownsQuote'>;

export interface CollectOptions {
  readonly sequenceId: string;
  readonly schedule: Schedule;
  readonly lingerNs: number;
  readonly result: RunResult;
  /** After this many received frames the engine was told to end early; 0 for never. */
  readonly expectFrames: number;
  readonly kind: ReplyMatcher;
  /** The far end was asked to send, too. */
  readonly hasFarTrain: boolean;
  readonly linkLayer: LinkLayer;
  readonly stampPorts: readonly number[];
  /** What address resolution cost just before. */
  readonly resolutionCost: Cost;
  /** Of the port that packets left by. */
  readonly ownQueue?: OwnQueue;
}

/** Pure: the same columns give the same trace. */
export function collectTrace(options: CollectOptions): Trace {
  const { result, schedule, ownQueue = NO_OWN_QUEUE } = options;
  const trace = createBlankTrace(options.sequenceId, schedule, result.baseWallNs);
  const stamps = chooseStamps(result, ownQueue);
  fillSent(trace, result, { source: stamps.tx, ownQueue });
  const farClock = new FarClock();
  const messages = new Map<string, PathMessage>();
  fillReceived(trace, options, stamps.rx, { farClock, messages });
  if (endedEarly(options)) markUnheard(trace, options);
  const far = farClock.fill(trace, options.hasFarTrain);
  return {
    ...trace,
    clock: stamps.rx === 'hardware' ? 'phc' : 'wall',
    baseNs: stamps.rx === 'hardware' ? result.baseHardwareNs : result.baseWallNs,
    stamps: { ...stamps, far },
    cost: computeCost(options),
    receiveOverflows: result.counters.socketDrops + result.counters.ringOverflows,
    clockStepNs: Math.abs(result.clockStepNs) < MIN_STEP_NS ? 0 : result.clockStepNs,
    messages: [...messages.values()],
    interrupted: result.stop !== 'complete',
  };
}

/**
 * Slewing moves CLOCK_REALTIME and CLOCK_MONOTONIC alike, so their difference changes by steps only. Below this it is the jitter of
 * reading two clocks one after the other (up to some microseconds where the reader was interrupted).
 */
const MIN_STEP_NS = 20 * NS_PER_US;

/** Stamps of one source must be there for this share of the packets, or the next worse source is taken for all. */
const MIN_STAMPED_SHARE = 0.9;

/**
 * Hardware only where both directions have it: one NIC clock, no other. User stamps stand in on the side that lacks the kernel's, and
 * where packets leave through a queue that holds them back: kernel and NIC stamp behind it.
 */
function chooseStamps(result: RunResult, { holding }: OwnQueue): { tx: StampSource; rx: StampSource } {
  const { tx, rx, counters } = result;
  const sent = Math.max(1, counters.sent);
  const received = Math.max(1, rx.count);
  const isEnough = (column: Float64Array, of: number): boolean => countStamps(column) >= MIN_STAMPED_SHARE * of;
  if (holding === null && rx.count > 0 && isEnough(tx.hardwareNs, sent) && isEnough(rx.hardwareNs, received)) {
    return { tx: 'hardware', rx: 'hardware' };
  }
  return {
    tx: holding === null && isEnough(tx.kernelNs, sent) ? 'kernel' : 'user',
    rx: rx.count === 0 || isEnough(rx.kernelNs, received) ? 'kernel' : 'user',
  };
}

function countStamps(column: Float64Array): number {
  let count = 0;
  for (const ns of column) if (!Number.isNaN(ns)) count += 1;
  return count;
}

const TX_FLAG: Readonly<Record<number, number>> = {
  [TX_STATUS.pending]: TRACE_FLAG.canceled,
  [TX_STATUS.sent]: TRACE_FLAG.sent,
  [TX_STATUS.failed]: TRACE_FLAG.localDrop,
  [TX_STATUS.canceled]: TRACE_FLAG.canceled,
};

interface Departing {
  readonly source: StampSource;
  readonly ownQueue: OwnQueue;
}

function fillSent(trace: MutableTrace, result: RunResult, { source, ownQueue }: Departing): void {
  const refused = ownQueue.dropping === null ? TRACE_FLAG.localDrop : TRACE_FLAG.sent;
  const column = { hardware: result.tx.hardwareNs, kernel: result.tx.kernelNs, user: result.tx.userNs }[source];
  for (let i = 0; i < trace.count; i++) {
    const ns = column[i] ?? NaN;
    const told = result.tx.status[i] ?? 0;
    const status = told === TX_STATUS.noBuffers ? refused : (TX_FLAG[told] ?? 0);
    const missing = status === TRACE_FLAG.sent && Number.isNaN(ns) ? TRACE_FLAG.noTxStamp : 0;
    trace.txOffsetNs[i] = ns;
    trace.flags[i] = status | missing;
  }
}

interface Gathered {
  readonly farClock: FarClock;
  readonly messages: Map<string, PathMessage>;
}

function fillReceived(trace: MutableTrace, options: CollectOptions, source: StampSource, gathered: Gathered): void {
  const { rx } = options.result;
  const column = { hardware: rx.hardwareNs, kernel: rx.kernelNs, user: rx.userNs }[source];
  let arrivals = 0;
  for (let k = 0; k < rx.count; k++) {
    const frame = rx.bytes.subarray(rx.start[k] ?? 0, rx.start[k + 1] ?? 0);
    const reply = readReply(frame, options);
    if (!reply) continue;
    const match = options.kind.matchAnswer(reply, frame);
    if (!match) {
      if (reply.kind === 'icmp-error') noteMessage(trace, reply, options.kind, gathered.messages);
      continue;
    }
    const i = match.index;
    // Who answers what was never sent cannot be our target, whatever it knows.
    if (((trace.flags[i] ?? 0) & TRACE_FLAG.sent) === 0) continue;
    if (trace.arrival[i] !== -1) {
      trace.duplicates[i] = (trace.duplicates[i] ?? 0) + 1;
      continue;
    }
    const ns = column[k] ?? NaN;
    trace.rxOffsetNs[i] = ns;
    const missing = Number.isNaN(ns) ? TRACE_FLAG.noRxStamp : 0;
    trace.flags[i] = ((trace.flags[i] ?? 0) & ~TRACE_FLAG.errorReply) | TRACE_FLAG.answered | missing;
    trace.arrival[i] = arrivals++;
    trace.replySizeBytes[i] = reply.sizeBytes;
    trace.replyTtl[i] = reply.ttl;
    noteMarks(trace, i, reply, match);
    if (match.far) {
      // Another flow is another session there, with a count of its own.
      if (match.far.isCounted && match.far.flow === 0) trace.farSequence[i] = match.far.sequence;
      gathered.farClock.add(i, match.far);
    }
  }
}

/** Replies that carry the mark of their request. A TCP stack chooses its own, and an error message has a fixed one. */
const MIRRORS: ReadonlySet<Reply['kind']> = new Set(['echo-reply', 'stamp']);

/** A refused wish leaves the reply with a mark of the far end's choice: nothing is known of the way back. */
function noteMarks(trace: MutableTrace, row: number, reply: Reply, { far, quotedClass }: Match): void {
  const arrived = far?.marks?.receivedClass ?? quotedClass;
  if (arrived !== undefined) trace.farTrafficClass[row] = arrived;
  const isMirrored = MIRRORS.has(reply.kind) && far?.marks?.isRefused !== true;
  if (isMirrored) trace.replyTrafficClass[row] = reply.trafficClass;
}

/** null for what does not parse: the kernel filter looks at a few fields only, the rest may be anything. */
function readReply(frame: Uint8Array, options: CollectOptions): Reply | null {
  try {
    return parseReply(frame, options.linkLayer, options.stampPorts);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** Different ones that a trace keeps: a path has tens of routers, a forger has any number of addresses. */
const MAX_MESSAGES = 256;

/**
 * A router asks three seconds long for a host that does not answer on its link before it says so: of packets of an earlier run, and
 * true of this one. That a packet was too big is true of that packet alone.
 */
function isLateVerdict({ errorKind, quoted }: IcmpErrorReply, kind: ReplyMatcher): boolean {
  return (errorKind === 'unreachable' || errorKind === 'time-exceeded') && kind.ownsQuote(quoted);
}

function noteMessage(
  trace: MutableTrace,
  reply: IcmpErrorReply,
  kind: ReplyMatcher,
  messages: Map<string, PathMessage>,
): void {
  const index = kind.matchQuote(reply.quoted);
  if (index === null && !isLateVerdict(reply, kind)) return;
  if (index !== null && trace.arrival[index] === -1)
    trace.flags[index] = (trace.flags[index] ?? 0) | TRACE_FLAG.errorReply;
  const from = formatAddress(reply.source);
  const key = `${reply.errorKind} ${reply.code} ${from} ${reply.mtuBytes ?? ''}`;
  if (messages.size === MAX_MESSAGES && !messages.has(key)) return;
  const count = (messages.get(key)?.count ?? 0) + 1;
  messages.set(key, { kind: reply.errorKind, code: reply.code, from, mtuBytes: reply.mtuBytes, count });
}

/**
 * Answers may have been on their way when the engine stopped listening: on request, with its port, or because enough frames had
 * come, among which copies and error messages count, too.
 */
function endedEarly({ result, expectFrames }: CollectOptions): boolean {
  const frames = result.rx.count + result.counters.ringOverflows;
  return result.stop !== 'complete' || (expectFrames > 0 && frames >= expectFrames);
}

/**
 * Rows without any answer that were listened for less than twice the slowest round trip of this run. By the engine's readings of
 * the wall clock on both sides; the last frame or packet is the latest moment at which it surely listened.
 */
function markUnheard(trace: MutableTrace, { result, lingerNs }: CollectOptions): void {
  const { tx, rx } = result;
  const sentNs = (i: number): number => tx.userNs[i] ?? NaN;
  let endNs = rx.userNs[rx.count - 1] ?? 0;
  let slowestNs = 0;
  for (let i = 0; i < trace.count; i++) {
    if (sentNs(i) > endNs) endNs = sentNs(i);
    const rttNs = (trace.rxOffsetNs[i] ?? NaN) - (trace.txOffsetNs[i] ?? NaN);
    if (rttNs > slowestNs) slowestNs = rttNs;
  }
  const patienceNs = slowestNs > 0 ? Math.min(lingerNs, 2 * slowestNs) : lingerNs;
  const settled = TRACE_FLAG.answered | TRACE_FLAG.errorReply;
  for (let i = 0; i < trace.count; i++) {
    const flags = trace.flags[i] ?? 0;
    const isOpen = (flags & TRACE_FLAG.sent) !== 0 && (flags & settled) === 0;
    if (isOpen && endNs - sentNs(i) < patienceNs) trace.flags[i] = flags | TRACE_FLAG.unheard;
  }
}

function computeCost({ result, schedule, resolutionCost }: CollectOptions): Cost {
  let packets = resolutionCost.packets;
  let bytes = resolutionCost.bytes;
  for (let i = 0; i < schedule.count; i++) {
    if (result.tx.status[i] !== TX_STATUS.sent) continue;
    packets += 1;
    bytes += (schedule.sizeBytes[i] ?? 0) + ETHERNET_HEADER_BYTES;
  }
  return { packets, bytes };
}
