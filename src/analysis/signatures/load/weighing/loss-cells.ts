// The likelihood of what was lost, in cells of packets that are expected to fare alike: by class, by what a queue of our own does to them,
// and by how they were sent.
import { computeLogLossLikelihood } from '../../../statistics/beta-binomial.js';
import type { LoadEvidence, Overflow, Partition, Reading } from '../load-hypothesis.js';
import type { LoadRows } from '../rows/load-rows.js';

/** What a queue that our own trains fill does to a packet of each class of a bucket: from room to none. */
const OVERFLOW = [0, 0.04, 0.35, 0.92, 0.98].map((ratio) => ({ ratio, firmness: ratio === 0 ? Infinity : 3 }));
/**
 * Packets of a train share its fate: what one of them tells has mostly been told by those before it, so that ten count as one that
 * was sent alone; and traffic of others that meets a train costs it packets on any path, so that their ratios are known vaguely.
 */
const HEAVY = { weight: 0.1, firmness: 2, floor: 0.01 } as const;
/** The same of packets that found no queue: no traffic of others has cost any of them. */
const DRY = { weight: 0.1, firmness: 12, floor: 5e-4 } as const;
/** Blocks of rows that a class makes cells of: what a queue does to them, and by how much each row counts. */
interface Block {
  readonly queue: (typeof OVERFLOW)[number];
  readonly manner: typeof HEAVY | typeof DRY | null;
}

const ALONE_BLOCKS: readonly Block[] = OVERFLOW.map((queue) => ({ queue, manner: null }));
/** Of one leg after the other: in front of queues that may hold something, and of empty ones. */
const TRAIN_BLOCKS: readonly Block[] = [0, 1, 2].flatMap(() =>
  OVERFLOW.flatMap((queue) => [HEAVY, DRY].map((manner) => ({ queue, manner }))),
);
const TRAIN_BLOCKS_OF_LEG = 2 * OVERFLOW.length;

export interface WeighedReading {
  readonly partition: Partition;
  readonly reading: Reading;
  readonly log: number;
}

/** Columns of equal length. `place`: twice the block of a row, and 1 more where it was lost. */
interface Places {
  readonly row: Uint32Array;
  readonly place: Uint8Array;
}

/** Rows that count in a scene. */
export interface RowBlocks {
  /** Sent by themselves; the same object for scenes in which all of them find the same. */
  readonly alone: Places;
  readonly trains: Places;
  /** Those of trains as if all were of one class, which stands for whichever it is. */
  readonly trainCells: readonly Cell[];
}

/** For each scene, once for all hypotheses, which are weighed by the hundred. */
export function packRowBlocks(
  evidence: Pick<LoadEvidence, 'rows' | 'isDry'>,
  overflows: readonly Overflow[],
): readonly RowBlocks[] {
  const packed: RowBlocks[] = [];
  for (const overflow of overflows) {
    const own = { alone: packAlone(evidence.rows, overflow), trains: packTrains(evidence, overflow) };
    const alone = packed.find((before) => isSame(before.alone.place, own.alone.place))?.alone ?? own.alone;
    const trainCounts = new Uint32Array(2 * TRAIN_BLOCKS.length);
    for (const at of own.trains.place) trainCounts[at] = (trainCounts[at] as number) + 1;
    packed.push({ alone, trains: own.trains, trainCells: listCells(trainCounts, TRAIN_BLOCKS) });
  }
  return packed;
}

function packAlone({ count, isMute, isSparse, isLost }: LoadRows, overflow: Overflow): Places {
  const row = new Uint32Array(count);
  const place = new Uint8Array(count);
  let selected = 0;
  for (let i = 0; i < count; i += 1) {
    if (isMute[i] === 1 || isSparse[i] === 0) continue;
    row[selected] = i;
    place[selected] = 2 * (overflow[i] as number) + (isLost[i] as number);
    selected += 1;
  }
  return { row: row.subarray(0, selected), place: place.subarray(0, selected) };
}

function packTrains({ rows, isDry }: Pick<LoadEvidence, 'rows' | 'isDry'>, overflow: Overflow): Places {
  const row = new Uint32Array(rows.count);
  const place = new Uint8Array(rows.count);
  let selected = 0;
  for (let i = 0; i < rows.count; i += 1) {
    if (rows.isMute[i] === 1 || rows.isSparse[i] === 1) continue;
    const ofLeg = TRAIN_BLOCKS_OF_LEG * (rows.leg[i] as number);
    const block = ofLeg + 2 * (overflow[i] as number) + (isDry[i] as number);
    row[selected] = i;
    place[selected] = 2 * block + (rows.isLost[i] as number);
    selected += 1;
  }
  return { row: row.subarray(0, selected), place: place.subarray(0, selected) };
}

/** Of equal length. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  for (let k = 0; k < one.length; k += 1) if (one[k] !== other[k]) return false;
  return true;
}

/** ln likelihood of each reading. `areTrainsPooled`: the fault says nothing of trains but how many of their packets are lost. */
export function weighReadings(
  { alone, trains, trainCells }: RowBlocks,
  partition: Partition,
  areTrainsPooled: boolean,
): readonly WeighedReading[] {
  const ofAlone = weighAlone(alone, partition);
  const { trainClasses } = partition;
  const ofTrains =
    trainClasses === undefined
      ? listCells(countPlaces(trains, partition, TRAIN_BLOCKS), TRAIN_BLOCKS)
      : sortTrainCells(trainCells, trainClasses);
  const cells = areTrainsPooled ? poolCells(ofTrains) : ofTrains;
  return partition.readings.map((reading, i) => {
    const log = reading.logWeight + (ofAlone[i] as number);
    return { partition, reading, log: log + weighCells(cells, reading, partition) };
  });
}

/** In most scenes the packets sent by themselves find the same, and a partition is weighed in all of them; forgotten with the scenes. */
const weighedAlone = new WeakMap<Places, WeakMap<Partition, Float64Array>>();

function weighAlone(alone: Places, partition: Partition): Float64Array {
  const weighed = weighedAlone.get(alone) ?? new WeakMap<Partition, Float64Array>();
  weighedAlone.set(alone, weighed);
  const known = weighed.get(partition);
  if (known !== undefined) return known;
  const cells = listCells(countPlaces(alone, partition, ALONE_BLOCKS), ALONE_BLOCKS);
  const logs = Float64Array.from(partition.readings, (reading) => weighCells(cells, reading, partition));
  weighed.set(partition, logs);
  return logs;
}

function weighCells(cells: readonly Cell[], { lossRatios, firmnessOf }: Reading, { firmness }: Partition): number {
  let log = 0;
  for (const cell of cells) {
    const sure = firmnessOf === undefined ? firmness : findLeastFirm(cell, firmnessOf);
    log += weighCell(cell, lossRatios, sure);
  }
  return log;
}

function findLeastFirm({ members }: Cell, firmnessOf: readonly number[]): number {
  return members.reduce((least, { found }) => Math.min(least, firmnessOf[found] ?? Infinity), Infinity);
}

function weighCell({ members, block, sent, lost }: Cell, ratios: readonly number[], firmness: number): number {
  const { queue, manner } = block;
  let expected = 0;
  for (const member of members) expected += member.sent * (ratios[member.found] ?? 0);
  const both = 1 - (1 - expected / sent) * (1 - queue.ratio);
  const sure = Math.min(firmness, queue.firmness);
  if (manner === null) return computeLogLossLikelihood(lost, sent, both, sure);
  const vague = Math.min(sure, manner.firmness);
  return manner.weight * computeLogLossLikelihood(lost, sent, Math.max(manner.floor, both), vague);
}

/** Rows that are expected to fare alike. */
interface Cell {
  readonly block: Block;
  /** How many are of which class. */
  readonly members: readonly { readonly found: number; readonly sent: number }[];
  readonly sent: number;
  readonly lost: number;
}

/** Rows by class and block. `counts`: of each class, at each place. */
function listCells(counts: Uint32Array, blocks: readonly Block[]): readonly Cell[] {
  const cells: Cell[] = [];
  for (let at = 0; 2 * at < counts.length; at += 1) {
    const lost = counts[2 * at + 1] as number;
    const sent = (counts[2 * at] as number) + lost;
    const block = blocks[at % blocks.length];
    if (sent === 0 || block === undefined) continue;
    cells.push({ block, members: [{ found: Math.floor(at / blocks.length), sent }], sent, lost });
  }
  return cells;
}

/** The same of trains, which are most of the rows, without a look at them where each leg has one class for them. */
function sortTrainCells(trainCells: readonly Cell[], trainClasses: readonly number[]): readonly Cell[] {
  return trainCells.map(({ block, sent, lost }) => {
    const leg = Math.floor(TRAIN_BLOCKS.indexOf(block) / TRAIN_BLOCKS_OF_LEG);
    return { block, members: [{ found: trainClasses[leg] ?? 0, sent }], sent, lost };
  });
}

/** Or of faults that say nothing of trains the one with the most classes would follow best how loads happen to fare. */
function poolCells(cells: readonly Cell[]): readonly Cell[] {
  const pooled = new Map<Block, Cell>();
  for (const cell of cells) {
    const before = pooled.get(cell.block);
    pooled.set(cell.block, {
      block: cell.block,
      members: [...(before?.members ?? []), ...cell.members],
      sent: (before?.sent ?? 0) + cell.sent,
      lost: (before?.lost ?? 0) + cell.lost,
    });
  }
  return [...pooled.values()];
}

/** How many rows of each class are at each place. */
function countPlaces({ row, place }: Places, { classOf, classes }: Partition, blocks: readonly Block[]): Uint32Array {
  const places = 2 * blocks.length;
  const counts = new Uint32Array(places * classes);
  // Tens of partitions over thousands of rows: a plain loop.
  for (let k = 0; k < row.length; k += 1) {
    const at = places * (classOf[row[k] as number] as number) + (place[k] as number);
    counts[at] = (counts[at] as number) + 1;
  }
  return counts;
}
