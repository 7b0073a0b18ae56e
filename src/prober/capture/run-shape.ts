// How the packets of a run were sent: one by one or in bursts, of one size or many, with one mark or many. From that it is told which
// phase of an examination they serve. Pure.
import { FRAGMENTS_ID } from '../../analysis/estimators/loss/size-fates.js';
import { LONG_STREAM } from '../../analysis/examination/readings/stream-traces.js';
import { LOAD_ID } from '../../analysis/examination/readings/train-readings.js';
import type { PhaseName } from '../../analysis/examination/knowledge.js';
import { computeMedian, computePercentile, sortAscending } from '../../analysis/statistics/quantile.js';
import { NS_PER_US } from '../../model/units.js';
import type { ProbeRow } from './exchange.js';

export interface RunShape {
  readonly rows: readonly ProbeRow[];
  /** Distinct, ascending. */
  readonly sizesBytes: readonly number[];
  readonly trafficClasses: number;
  /** Share of the rows that are of the smallest size. */
  readonly smallestShare: number;
  /** Index of the burst of each row; null where the packets are paced one by one. */
  readonly burst: Uint32Array | null;
  /** Usual gap inside a burst. */
  readonly burstGapNs: number;
}

export interface PlacedRun {
  readonly shape: RunShape;
  readonly phase: PhaseName;
  readonly id: string;
}

/** A quarter of the gaps is below this: packets come in bursts. */
const BURST_BELOW_NS = 500 * NS_PER_US;
/** Bursts are parted by so much longer gaps, and by these at least. */
const APART_FACTOR = 4;
const LEAST_APART_NS = 100 * NS_PER_US;
/** Packets above are sent to load the path, packets below to see how it treats packets that come close together. */
export const LARGEST_LIGHT = 300;
const LEAST_BURST_PACKETS = 3;
const LEAST_TRAIN_PACKETS = 10;
/** A train as long or shorter is one for a first idea. */
const FIRST_TRAIN_PACKETS = 40;
/** Gaps below this are no plan but the time a machine takes to hand packets over. */
export const BACK_TO_BACK_NS = 40 * NS_PER_US;
/** Trains are of packets that leave closer than this; streams of a chosen rate leave further apart. */
const TRAIN_GAP_NS = 100 * NS_PER_US;
/** Fewer trains at a distance are repetitions of one, no streams. */
const LEAST_STREAMS = 4;
/** Pauses between streams are so much longer than any gap inside them, and so are those of their replies. */
const LEAST_PAUSE_FACTOR = 2;
const DRAINED_FACTOR = 3;
const LONGEST_SINGLE_STREAM = 120;
/** A train of packets smaller than this share of the largest tells processors from links. */
const CHECK_SIZE = 0.7;
/** Every second packet of a size search is of the smallest size; a sweep has few of each. */
const SEARCH_SHARE = 0.4;
const CHECK_ID = 'train-check';
const LEAST_SWEEP_SIZES = 3;
const LEAST_CLASSES = 3;
/** Fewer paced packets only show that somebody answers. */
const LEAST_DELAY_PACKETS = 10;

/** `rows` in the order of sending, at least one. The small packets between streams are left out. */
export function describeRun(all: readonly ProbeRow[]): RunShape {
  const rows = selectStreamRows(all) ?? all;
  const sizesBytes = [...new Set(rows.map(({ sizeBytes }) => sizeBytes))].sort((a, b) => a - b);
  const gapsNs = rows.slice(1).map((row, i) => row.atNs - (rows[i]?.atNs ?? 0));
  const usualNs = gapsNs.length === 0 ? Infinity : computePercentile(sortAscending(gapsNs), 0.25);
  const isLarge = sizesBytes.length === 1 && (sizesBytes[0] ?? 0) > LARGEST_LIGHT;
  const streams = isLarge ? numberStreams(gapsNs) : null;
  const burst = streams ?? (usualNs < BURST_BELOW_NS ? numberBursts(gapsNs, usualNs) : null);
  return {
    rows,
    sizesBytes,
    trafficClasses: new Set(rows.map(({ trafficClass }) => trafficClass)).size,
    smallestShare: rows.filter(({ sizeBytes }) => sizeBytes === sizesBytes[0]).length / rows.length,
    burst,
    burstGapNs: burst === null ? usualNs : computeBurstGap(gapsNs, burst, usualNs),
  };
}

/** The large packets where there are two sizes, and those make streams; else null. */
function selectStreamRows(rows: readonly ProbeRow[]): readonly ProbeRow[] | null {
  const large = rows.filter(({ sizeBytes }) => sizeBytes > LARGEST_LIGHT);
  if (large.length === rows.length || new Set(rows.map(({ sizeBytes }) => sizeBytes)).size !== 2) return null;
  const gapsNs = large.slice(1).map((row, i) => row.atNs - (large[i]?.atNs ?? 0));
  return large.length > 0 && numberStreams(gapsNs) !== null ? large : null;
}

/**
 * Streams are sent with gaps of any length and leave the processor to others, so that their gaps vary; that pauses part them into
 * bursts of one length shows that they are meant. null where they do not.
 */
function numberStreams(gapsNs: readonly number[]): Uint32Array | null {
  const descending = [...gapsNs].sort((a, b) => b - a);
  let borders = 0;
  let clearest = LEAST_PAUSE_FACTOR;
  for (let count = LEAST_STREAMS - 1; count * LEAST_TRAIN_PACKETS < gapsNs.length; count += 1) {
    const factor = (descending[count - 1] ?? 0) / Math.max(1, descending[count] ?? 0);
    if (factor > clearest) [borders, clearest] = [count, factor];
  }
  if (borders === 0) return null;
  const burst = numberBy(gapsNs, descending[borders] ?? 0);
  const [first = 0, ...others] = countByBurst(burst);
  return first >= LEAST_TRAIN_PACKETS && others.every((length) => length === first) ? burst : null;
}

function countByBurst(burst: Uint32Array): number[] {
  const lengths = new Array<number>((burst[burst.length - 1] ?? 0) + 1).fill(0);
  for (const index of burst) lengths[index] = (lengths[index] ?? 0) + 1;
  return lengths;
}

/** Median of the bursts' mean gaps, so that a stall of the sender in one of them does not count. */
function computeBurstGap(gapsNs: readonly number[], burst: Uint32Array, usualNs: number): number {
  const sums = new Map<number, { ns: number; gaps: number }>();
  gapsNs.forEach((gapNs, i) => {
    if (burst[i] !== burst[i + 1]) return;
    const sum = sums.get(burst[i] ?? 0) ?? { ns: 0, gaps: 0 };
    sums.set(burst[i] ?? 0, { ns: sum.ns + gapNs, gaps: sum.gaps + 1 });
  });
  return sums.size === 0 ? usualNs : computeMedian([...sums.values()].map(({ ns, gaps }) => ns / gaps));
}

function numberBursts(gapsNs: readonly number[], usualNs: number): Uint32Array {
  return numberBy(gapsNs, Math.max(APART_FACTOR * usualNs, LEAST_APART_NS));
}

/** A burst ends with a gap above `apartNs`. */
function numberBy(gapsNs: readonly number[], apartNs: number): Uint32Array {
  const burst = new Uint32Array(gapsNs.length + 1);
  gapsNs.forEach((gapNs, i) => (burst[i + 1] = (burst[i] ?? 0) + (gapNs > apartNs ? 1 : 0)));
  return burst;
}

/** Runs that serve no phase are left out. `shapes` in the order of sending. */
export function placeRuns(shapes: readonly RunShape[]): readonly PlacedRun[] {
  const largest = Math.max(0, ...shapes.flatMap(({ sizesBytes }) => sizesBytes[sizesBytes.length - 1] ?? 0));
  const evenSize = findEvenSize(shapes);
  return shapes.reduce<readonly PlacedRun[]>((before, shape, i) => {
    const next = shapes[i + 1];
    if (next !== undefined && isLongStream(shape) && isStreams(next))
      return [...before, { shape, phase: 'available', id: LONG_STREAM }];
    const phase = findPhase(shape, evenSize);
    if (phase === null) return before;
    if (phase === 'capacity') return [...before, placeTrain(shape, before, largest)];
    if (phase === 'delay' && isOurs(shape)) return [...before, placeEven(shape, before)];
    return [...before, { shape, phase, id: nameRun(shape, phase) }];
  }, []);
}

function placeTrain(shape: RunShape, before: readonly PlacedRun[], largest: number): PlacedRun {
  if ((shape.sizesBytes[0] ?? 0) < CHECK_SIZE * largest) return { shape, phase: 'capacity', id: CHECK_ID };
  const loads =
    1 + before.filter(({ phase, id }) => phase === 'rate' || (phase === 'capacity' && id !== CHECK_ID)).length;
  return loads === 1 && shape.rows.length <= FIRST_TRAIN_PACKETS
    ? { shape, phase: 'rate', id: 'train-first' }
    : { shape, phase: 'capacity', id: `${LOAD_ID}-${loads}` };
}

/** Our own probes carry the number of their row. */
function isOurs({ rows }: RunShape): boolean {
  return rows.every(({ runTag, payloadIndex }, i) => runTag !== null && payloadIndex === i);
}

/** An examination of ours measures delay once; then small paced packets wait for a busy line, and after loads they part faults. */
function placeEven(shape: RunShape, before: readonly PlacedRun[]): PlacedRun {
  const phases = before.map(({ phase }) => phase);
  const since = phases.slice(phases.lastIndexOf('reach') + 1);
  const isRepeated = since.includes('delay') && since[since.length - 1] !== 'delay';
  if (!isRepeated) return { shape, phase: 'delay', id: 'delay' };
  return since.includes('capacity') ? { shape, phase: 'separate', id: 'dense' } : { shape, phase: 'look', id: 'look' };
}

/** Bursts of large packets behind each of which the path had time to drain: a load keeps its replies coming. */
function isStreams({ rows, sizesBytes, burst }: RunShape): boolean {
  if (burst === null || sizesBytes.length > 1 || (sizesBytes[0] ?? 0) <= LARGEST_LIGHT) return false;
  if ((burst[burst.length - 1] ?? 0) + 1 < LEAST_STREAMS) return false;
  const came = rows.flatMap(({ answer }, i) => (answer === null ? [] : [{ atNs: answer.atNs, burst: burst[i] ?? 0 }]));
  came.sort((a, b) => a.atNs - b.atNs);
  const gaps = came.slice(1).map((reply, i) => ({
    ns: reply.atNs - (came[i]?.atNs ?? 0),
    isInside: reply.burst === came[i]?.burst,
  }));
  const medianOf = (isInside: boolean): number =>
    computeMedian(gaps.filter((gap) => gap.isInside === isInside).map(({ ns }) => ns));
  return medianOf(false) > DRAINED_FACTOR * medianOf(true);
}

/** What comes just before streams: one of them, longer, at a pace of its own. */
function isLongStream({ rows, sizesBytes }: RunShape): boolean {
  if (sizesBytes.length > 1 || (sizesBytes[0] ?? 0) <= LARGEST_LIGHT || rows.length > LONGEST_SINGLE_STREAM)
    return false;
  const spanNs = (rows.at(-1)?.atNs ?? 0) - (rows[0]?.atNs ?? 0);
  return rows.length >= 2 * LEAST_TRAIN_PACKETS && spanNs > BACK_TO_BACK_NS * rows.length;
}

function nameRun({ rows, sizesBytes }: RunShape, phase: PhaseName): string {
  const isCut = rows.some(({ sizeBytes, dontFragment }) => dontFragment === false && sizeBytes !== sizesBytes[0]);
  if (phase === 'available') return 'stream';
  return phase === 'mtu' && isCut ? FRAGMENTS_ID : phase;
}

function findPhase(shape: RunShape, evenSize: number): PhaseName | null {
  const { rows, sizesBytes, trafficClasses, smallestShare, burst } = shape;
  if (trafficClasses >= LEAST_CLASSES) return 'classes';
  if (sizesBytes.length > 1) {
    if (burst !== null) return null;
    if (smallestShare >= SEARCH_SHARE) return 'mtu';
    return sizesBytes.length >= LEAST_SWEEP_SIZES ? 'sizes' : null;
  }
  const sizeBytes = sizesBytes[0] ?? 0;
  if (burst === null) return findPacedPhase(rows, sizeBytes, evenSize);
  if (isStreams(shape)) return 'available';
  if (sizeBytes > LARGEST_LIGHT) return isTrain(shape) ? 'capacity' : null;
  return rows.length / ((burst[burst.length - 1] ?? 0) + 1) >= LEAST_BURST_PACKETS ? 'spacing' : null;
}

/** One large packet that must stay whole asks for the MTU. Large packets beside small ones are streams at a chosen rate. */
function findPacedPhase(rows: readonly ProbeRow[], sizeBytes: number, evenSize: number): PhaseName | null {
  if (sizeBytes === evenSize) return rows.length >= LEAST_DELAY_PACKETS ? 'delay' : 'reach';
  if (sizeBytes <= LARGEST_LIGHT) return 'reach';
  return rows.length === 1 && rows[0]?.dontFragment === true && evenSize > 0 ? 'mtu' : null;
}

function isTrain({ rows, burstGapNs }: RunShape): boolean {
  return rows.length >= LEAST_TRAIN_PACKETS && burstGapNs <= TRAIN_GAP_NS;
}

/** The size of the longest run of paced packets of one size; a light one before any other. 0 where there is none. */
function findEvenSize(shapes: readonly RunShape[]): number {
  const even = shapes.filter(({ sizesBytes, trafficClasses, burst }) => {
    return sizesBytes.length === 1 && trafficClasses < LEAST_CLASSES && burst === null;
  });
  const light = even.filter(({ sizesBytes }) => (sizesBytes[0] ?? 0) <= LARGEST_LIGHT);
  const candidates = light.some(({ rows }) => rows.length >= LEAST_DELAY_PACKETS) ? light : even;
  const longest = candidates.reduce<RunShape | null>(
    (best, shape) => (best === null || shape.rows.length > best.rows.length ? shape : best),
    null,
  );
  return longest?.sizesBytes[0] ?? 0;
}
