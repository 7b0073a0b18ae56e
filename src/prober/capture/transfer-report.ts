// What a TCP transfer between two hosts tells of the path: round trips by its acknowledgements, loss by what was sent again, the
// most that passed in a second. Pure.
import { composeEstimates } from '../../analysis/examination/report/compose-estimates.js';
import { createNoTraces } from '../../analysis/examination/knowledge.js';
import type { Knowledge, TracesByPhase } from '../../analysis/examination/knowledge.js';
import { estimateRatio } from '../../analysis/estimators/ratio.js';
import { computeMedian } from '../../analysis/statistics/quantile.js';
import { formatFigure, RATE, TIME } from '../../model/figures.js';
import type { PathDescription } from '../../model/path.js';
import type { Estimate, Estimates } from '../../model/estimates.js';
import { TRACE_FLAG, type Trace } from '../../model/trace.js';
import { BITS_PER_BYTE, NS_PER_SEC } from '../../model/units.js';
import { createBlankTrace } from '../native/blank-trace.js';
import type { DirectionCounts, RoundTripSample, TcpDirection } from './tcp-direction.js';
import { listRoundTrips, type TcpTransfer } from './tcp-transfer.js';

const HEADER_BYTES = { ipv4: 40, ipv6: 60 } as const;
/** Above a lower bound anything is possible; the interval says so by this factor, as for a live maximum. */
const UNBOUNDED_FACTOR = 10;
const EDGE_SHARE = 0.02;
/** Round trips kept: as many as tell a 99th percentile well. */
const MOST_SAMPLES = 100_000;

/** Handshakes where nobody's data was answered, else the data. */
export function traceTransfer(transfer: TcpTransfer, baseNs: bigint): TracesByPhase {
  const { handshakes, data } = listRoundTrips(transfer);
  const traces = createNoTraces();
  if (handshakes.length > 0) traces.reach.push(traceSamples('handshakes', handshakes, baseNs));
  if (data.length > 0) traces.delay.push(traceSamples('acknowledgements', data.slice(0, MOST_SAMPLES), baseNs));
  return traces;
}

function traceSamples(id: string, samples: readonly RoundTripSample[], baseNs: bigint): Trace {
  const count = samples.length;
  const firstNs = samples[0]?.sentNs ?? 0;
  const offsetNs = Float64Array.from(samples, ({ sentNs }) => sentNs - firstNs);
  const schedule = {
    count,
    offsetNs,
    sizeBytes: Uint16Array.from(samples, ({ sizeBytes }) => sizeBytes),
    burst: new Uint32Array(count),
    position: Uint32Array.from({ length: count }, (_, i) => i),
    trafficClass: new Uint8Array(count),
    flow: new Uint8Array(count),
  };
  return {
    ...createBlankTrace(id, schedule, baseNs + BigInt(Math.round(firstNs))),
    txOffsetNs: offsetNs,
    rxOffsetNs: Float64Array.from(samples, ({ acknowledgedNs }) => acknowledgedNs - firstNs),
    arrival: Int32Array.from({ length: count }, (_, i) => i),
    flags: new Uint16Array(count).fill(TRACE_FLAG.sent | TRACE_FLAG.answered),
  };
}

/** Pace and size of a transfer's packets are TCP's own: what needs an even pace is left out. */
export function estimateTransfer(knowledge: Knowledge, transfer: TcpTransfer): Estimates {
  const [forward, reverse] = [transfer.forward, transfer.reverse].map(sumCounts);
  const both = sumCounts([...transfer.forward, ...transfer.reverse]);
  const loss = { forward: estimateLoss(forward), reverse: estimateLoss(reverse) };
  return {
    ...composeEstimates(knowledge),
    maximum: { forward: estimateMaximum(transfer.forward), reverse: estimateMaximum(transfer.reverse) },
    loss: { roundTrip: chooseLarger(loss.forward, loss.reverse), ...loss },
    lossRuns: null,
    lossEpisodes: null,
    lossTable: null,
    jitter: null,
    voice: null,
    queueing: null,
    propagation: null,
    serialisation: null,
    reordering: estimateRatio(both.reordered, both.segments, 'segments that came behind a later one (RFC 4737)'),
    duplication: estimateRatio(
      both.copies,
      both.segments,
      'segments that came twice with one identification (RFC 5560)',
    ),
    mtu: estimateMtu(transfer),
  };
}

function sumCounts(directions: readonly TcpDirection[]): DirectionCounts {
  const sum: DirectionCounts = { segments: 0, lost: 0, reordered: 0, copies: 0 };
  for (const { counts } of directions) {
    sum.segments += counts.segments;
    sum.lost += counts.lost;
    sum.reordered += counts.reordered;
    sum.copies += counts.copies;
  }
  return sum;
}

function estimateLoss(counts: DirectionCounts | undefined): Estimate | null {
  if (counts === undefined) return null;
  const { segments, lost } = counts;
  return estimateRatio(Math.min(lost, segments), segments, 'TCP segments that had to be sent again, Wilson interval');
}

/** Where data went in one direction, the other one's few requests say little. */
function chooseLarger(a: Estimate | null, b: Estimate | null): Estimate | null {
  if (a === null || b === null) return a ?? b;
  return a.samples >= b.samples ? a : b;
}

interface Passed {
  readonly atNs: number;
  readonly sizeBytes: number;
  readonly payloadBytes: number;
}

function listPassed(directions: readonly TcpDirection[]): Passed[] {
  return directions.flatMap(({ passed }) => passed).sort((a, b) => a.atNs - b.atNs);
}

/** Packets with data between two of them at least a second apart, or all there are; the path may carry more (RFC 9097). */
function estimateMaximum(directions: readonly TcpDirection[]): Estimate | null {
  const passed = listPassed(directions);
  const spanNs = (passed.at(-1)?.atNs ?? 0) - (passed[0]?.atNs ?? 0);
  if (spanNs <= 0) return null;
  const wantedNs = Math.min(NS_PER_SEC, spanNs);
  let best = { bitsPerSec: 0, packets: 0 };
  let bytes = 0;
  let from = 0;
  // The first packet of a window only marks its beginning.
  for (const [to, { atNs, sizeBytes }] of passed.entries()) {
    if (to > 0) bytes += sizeBytes;
    while (atNs - (passed[from + 1]?.atNs ?? Infinity) >= wantedNs) {
      from += 1;
      bytes -= passed[from]?.sizeBytes ?? 0;
    }
    const windowNs = atNs - (passed[from]?.atNs ?? 0);
    const bitsPerSec = windowNs >= wantedNs ? (bytes * BITS_PER_BYTE * NS_PER_SEC) / windowNs : 0;
    if (bitsPerSec > best.bitsPerSec) best = { bitsPerSec, packets: to - from };
  }
  if (best.packets === 0) return null;
  return {
    value: best.bitsPerSec,
    low: best.bitsPerSec * (1 - EDGE_SHARE),
    high: best.bitsPerSec * UNBOUNDED_FACTOR,
    method: 'best second of recorded TCP data, IP packets without link headers: the path may carry more',
    samples: best.packets,
    quality: spanNs < NS_PER_SEC ? 'poor' : 'fair',
    limitedBy: 'samples',
  };
}

/** The largest packet that was acknowledged; a sender's card cuts what is longer than both announced. */
function estimateMtu(transfer: TcpTransfer): Estimates['mtu'] {
  const sizes = transfer.forward.flatMap(({ samples }) => samples.map(({ sizeBytes }) => sizeBytes));
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  const most = computeAnnouncedMtu(transfer);
  const forwardBytes = Math.min(largest, most ?? largest);
  if (forwardBytes === 0 || (most === null && largest > USUAL_MTU)) return null;
  return {
    forwardBytes,
    reverseBytes: null,
    failedBytes: { forward: null, reverse: null },
    isAnnounced: null,
    announcement: null,
    fragmentsPass: null,
  };
}

const USUAL_MTU = 1500;

function computeAnnouncedMtu({ maximumSegmentBytes, target }: TcpTransfer): number | null {
  if (maximumSegmentBytes === null) return null;
  return maximumSegmentBytes + (target.includes(':') ? HEADER_BYTES.ipv6 : HEADER_BYTES.ipv4);
}

export function describeTransferPath(transfer: TcpTransfer): Pick<PathDescription, 'mtuBytes' | 'replySize'> {
  return { mtuBytes: computeAnnouncedMtu(transfer) ?? USUAL_MTU, replySize: 'small' };
}

/** What a reader must know of a transfer's figures, and what has no place among them. */
export function describeTransfer(transfer: TcpTransfer): string[] {
  const { handshakes, maximumSegmentBytes, forwardClasses, reverseClasses } = transfer;
  const { data } = listRoundTrips(transfer);
  const probeSide = handshakes.flatMap(({ probeRttNs }) => probeRttNs ?? []);
  const targetSide = handshakes.flatMap(({ targetRttNs }) => targetRttNs ?? []);
  const marks = [...new Set([...forwardClasses, ...reverseClasses])];
  return [
    ...describeRate(transfer.forward, 'to the target'),
    ...describeRate(transfer.reverse, 'from the target'),
    data.length > 0
      ? 'Round trips are of TCP data and its acknowledgement: they hold the queue the transfer made, and the receiver may wait'
      : 'No data went to the target: round trips are those of the handshakes alone',
    'Loss is what TCP sent again; a transfer fills queues until they drop, so that no fault is judged by it',
    ...(probeSide.length > 0 && targetSide.length > 0
      ? [
          `By the handshakes ${formatFigure(computeMedian(targetSide), TIME)} from the recording point to the target and back, ` +
            `${formatFigure(computeMedian(probeSide), TIME)} to the opener and back`,
        ]
      : []),
    ...(maximumSegmentBytes === null
      ? []
      : [`Segments of at most ${maximumSegmentBytes} bytes were announced; larger packets were not tried`]),
    ...(marks.some((mark) => mark !== 0)
      ? [
          `Traffic classes (DSCP · 4 + ECN): ${listMarks(forwardClasses)} to the target, ${listMarks(reverseClasses)} from it`,
        ]
      : []),
  ];
}

/** Of 1 s or more: below it an average says nothing. */
function describeRate(directions: readonly TcpDirection[], way: string): string[] {
  const passed = listPassed(directions);
  const spanNs = (passed.at(-1)?.atNs ?? 0) - (passed[0]?.atNs ?? 0);
  if (spanNs < NS_PER_SEC) return [];
  const bytes = passed.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0);
  const bitsPerSec = (bytes * BITS_PER_BYTE * NS_PER_SEC) / spanNs;
  return [`${formatFigure(bitsPerSec, RATE)} of data ${way} on average, over ${(spanNs / NS_PER_SEC).toFixed(1)} s`];
}

function listMarks(marks: ReadonlySet<number>): string {
  return [...marks].sort((a, b) => a - b).join(' ');
}
