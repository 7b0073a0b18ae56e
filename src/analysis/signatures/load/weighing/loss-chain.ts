// How probable each packet's loss was, given what became of those before it, where losses come in spells: Gilbert's chain of a good
// and a bad state (1960), and what is known of each moment besides. Which fault makes the spells is decided elsewhere.
import type { Overflow } from '../load-hypothesis.js';
import type { LoadRows } from '../rows/load-rows.js';
import { NEXT_TO_NOTHING } from './loss-grid.js';

/** Two states; in the bad one packets are lost. */
export interface Chain {
  readonly unit: 'packets' | 'ns';
  /** Mean stay in the bad state, in `unit`. */
  readonly badStay: number;
  /** Loss of full-size packets in the bad state, and of packets of no size as a share of it. */
  readonly badRatio: number;
  readonly smallShare: number;
}

/** Classes of all three legs: `CHAIN_CLASSES` each, in the order of `LEG`. */
export interface PlayedChain {
  readonly classOf: Uint8Array;
  /** Mean predicted loss ratio of each class. */
  readonly lossRatios: readonly number[];
}

/** Upper bounds of the classes of predicted loss. */
const CLASS_BOUNDS = Float64Array.of(1e-4, 1e-3, 5e-3, 0.02, 0.07, 0.2, 0.45, 0.75, 1);
/** Class of packets of trains: runs in them may be a queue's work, and count for their ratio only. */
export const TRAIN_CLASS = CLASS_BOUNDS.length;
export const CHAIN_CLASSES = TRAIN_CLASS + 1;
const LEGS = 3;
/** Of each leg. */
export const TRAIN_CLASSES: readonly number[] = [0, 1, 2].map((leg) => CHAIN_CLASSES * leg + TRAIN_CLASS);
const FULL_FRAME_BYTES = 1514;
const MOST_BAD_SHARE = 0.6;
const MOST_RATIO = 0.999;

/** What every chain needs of the rows: columns of those that were sent one by one, in their order; of trains only how many and how large. */
export interface ChainRows {
  readonly count: number;
  readonly row: Uint32Array;
  readonly leg: Uint8Array;
  /** Since the one before on the same leg, 0 of the first. */
  readonly stepNs: Float64Array;
  /** Of a full frame, 0-1. */
  readonly sizeShare: Float64Array;
  readonly isLost: Uint8Array;
  /** 1 where a queue of our own may have dropped it: then its fate says nothing of the state. */
  readonly isOverflowed: Uint8Array;
  /** Of each leg: how many packets of trains, how many others that no queue of our own dropped, and how many of those were lost. */
  readonly trainPackets: Float64Array;
  readonly freePackets: Float64Array;
  readonly freeLost: Float64Array;
  /** Of each leg, the sum of `sizeShare` of both. */
  readonly trainSizeShares: Float64Array;
  readonly freeSizeShares: Float64Array;
  /** Classes of all rows, those of trains filled in. */
  readonly trainClassOf: Uint8Array;
  /** Written anew by each chain: dozens of them would leave so many columns to the collector. */
  readonly filtered: Filtered;
}

/** Of each row before its own fate is known: columns of equal length. */
interface Filtered {
  /** Probability of the bad state. */
  readonly state: Float64Array;
  /** What is lost in it, and of packets of whose moment nothing else is known. */
  readonly badRatio: Float64Array;
  readonly ratio: Float64Array;
}

export function packChainRows(rows: LoadRows, overflow: Overflow): ChainRows {
  const packed = {
    row: new Uint32Array(rows.count),
    leg: new Uint8Array(rows.count),
    stepNs: new Float64Array(rows.count),
    sizeShare: new Float64Array(rows.count),
    isLost: new Uint8Array(rows.count),
    isOverflowed: new Uint8Array(rows.count),
    trainPackets: new Float64Array(LEGS),
    trainSizeShares: new Float64Array(LEGS),
    freePackets: new Float64Array(LEGS),
    freeSizeShares: new Float64Array(LEGS),
    freeLost: new Float64Array(LEGS),
    trainClassOf: new Uint8Array(rows.count),
  };
  const beforeNs = new Float64Array(LEGS).fill(NaN);
  let count = 0;
  for (let i = 0; i < rows.count; i += 1) {
    if (rows.isMute[i] === 1) continue;
    const leg = rows.leg[i] ?? 0;
    const sizeShare = Math.min(1, (rows.frameBytes[i] ?? 0) / FULL_FRAME_BYTES);
    if (rows.isSparse[i] === 0) {
      packed.trainPackets[leg] = (packed.trainPackets[leg] ?? 0) + 1;
      packed.trainSizeShares[leg] = (packed.trainSizeShares[leg] ?? 0) + sizeShare;
      packed.trainClassOf[i] = TRAIN_CLASSES[leg] ?? 0;
      continue;
    }
    packed.row[count] = i;
    packed.leg[count] = leg;
    packed.stepNs[count] = stepTo(rows, i, beforeNs);
    packed.sizeShare[count] = sizeShare;
    packed.isLost[count] = rows.isLost[i] ?? 0;
    packed.isOverflowed[count] = overflow[i] === 0 ? 0 : 1;
    count += 1;
    if (overflow[i] !== 0) continue;
    packed.freePackets[leg] = (packed.freePackets[leg] ?? 0) + 1;
    packed.freeSizeShares[leg] = (packed.freeSizeShares[leg] ?? 0) + sizeShare;
    packed.freeLost[leg] = (packed.freeLost[leg] ?? 0) + (rows.isLost[i] ?? 0);
  }
  const columns = () => new Float64Array(count);
  return { ...packed, count, filtered: { state: columns(), badRatio: columns(), ratio: columns() } };
}

/** ns since the row before on the same leg, which it replaces; 0 of the first. */
function stepTo(rows: LoadRows, i: number, beforeNs: Float64Array): number {
  const leg = rows.leg[i] ?? 0;
  const nowNs = rows.timeNs[i] ?? 0;
  const lastNs = beforeNs[leg] ?? NaN;
  beforeNs[leg] = Number.isNaN(lastNs) ? nowNs : Math.max(lastNs, nowNs);
  return Number.isNaN(lastNs) ? 0 : Math.max(0, nowNs - lastNs);
}

/**
 * The filter of a hidden Markov chain: predict each row of a leg, then correct by what became of it. Its share of bad time is that which
 * loses as much as was lost on the leg. One for each of `guesses`: of each row how much more probable it is in the bad state what else
 * is known of its moment, where they guess about that differently; null where nothing is known.
 */
export function playChain(
  rows: ChainRows,
  chain: Chain,
  guesses: readonly (Float64Array | null)[],
): readonly PlayedChain[] {
  const badShares = computeBadShares(rows, chain);
  filterRows(rows, chain, badShares);
  const ofTrains = predictTrains(rows, chain, badShares);
  return guesses.map((odds) => classify(rows, { odds, ofTrains }));
}

/**
 * Asked for dozens of times over thousands of rows: plain loops over packed columns, and all that a row needs written out, as what the
 * compiler leaves as a call puts each number that it returns on the heap.
 */
function filterRows(rows: ChainRows, chain: Chain, badShares: Float64Array): void {
  const { count, leg, stepNs, sizeShare, isLost, isOverflowed, filtered } = rows;
  const { badRatio: fullRatio, smallShare } = chain;
  // The two-state chain forgets at the sum of both rates.
  const staysFor = badShares.map((badShare) => chain.badStay * (1 - badShare));
  const keptByPacket = staysFor.map((stay) => Math.exp(-1 / stay));
  const isByPacket = chain.unit === 'packets';
  const bad = badShares.slice();
  for (let k = 0; k < count; k += 1) {
    const way = leg[k] as number;
    const badShare = badShares[way] as number;
    const badRatio = fullRatio * (smallShare + (1 - smallShare) * (sizeShare[k] as number));
    const kept = isByPacket
      ? (keptByPacket[way] as number)
      : Math.exp(-(stepNs[k] as number) / (staysFor[way] as number));
    const state = badShare + ((bad[way] as number) - badShare) * kept;
    const ratio = boundRatio(state * badRatio);
    // By what became of a packet of which `ratio` were expected to be lost; where a queue may have dropped it, that says nothing.
    if (isOverflowed[k] === 1) bad[way] = state;
    else if (isLost[k] === 1) bad[way] = Math.min(1, (state * badRatio) / ratio);
    else bad[way] = (state * (1 - badRatio)) / (1 - ratio);
    filtered.state[k] = state;
    filtered.badRatio[k] = badRatio;
    filtered.ratio[k] = ratio;
  }
}

interface Guess {
  readonly odds: Float64Array | null;
  /** Of each leg, what is lost of its trains. */
  readonly ofTrains: readonly number[];
}

function classify(rows: ChainRows, { odds, ofTrains }: Guess): PlayedChain {
  const { state, badRatio, ratio: untold } = rows.filtered;
  const classOf = rows.trainClassOf.slice();
  const sums = new Float64Array(LEGS * CHAIN_CLASSES);
  const counts = new Float64Array(LEGS * CHAIN_CLASSES);
  for (let k = 0; k < rows.count; k += 1) {
    const row = rows.row[k] as number;
    const ratio =
      odds === null
        ? (untold[k] as number)
        : boundRatio((badRatio[k] as number) * tellState(state[k] as number, odds[row] as number));
    const cell = CHAIN_CLASSES * (rows.leg[k] as number) + findClass(ratio);
    classOf[row] = cell;
    sums[cell] = (sums[cell] as number) + ratio;
    counts[cell] = (counts[cell] as number) + 1;
  }
  const lossRatios = Array.from(sums, (sum, cell) => Math.max(NEXT_TO_NOTHING, sum / Math.max(1, counts[cell] ?? 1)));
  for (const [leg, cell] of TRAIN_CLASSES.entries()) {
    lossRatios[cell] = Math.max(NEXT_TO_NOTHING, ofTrains[leg] ?? 0);
  }
  return { classOf, lossRatios };
}

/** The ratio is linear in the size: that of the mean size is the mean. */
function predictTrains({ trainPackets, trainSizeShares }: ChainRows, chain: Chain, badShares: Float64Array): number[] {
  return Array.from(trainPackets, (packets, leg) => {
    const ratio = packets > 0 ? computeBadRatio(chain, (trainSizeShares[leg] ?? 0) / packets) : 0;
    return (badShares[leg] ?? 0) * ratio;
  });
}

function boundRatio(ratio: number): number {
  return ratio < NEXT_TO_NOTHING ? NEXT_TO_NOTHING : ratio > MOST_RATIO ? MOST_RATIO : ratio;
}

/** With what else is known of the moment. */
function tellState(bad: number, odds: number): number {
  return (bad * odds) / (bad * odds + 1 - bad);
}

function computeBadRatio({ badRatio, smallShare }: Chain, sizeShare: number): number {
  return badRatio * (smallShare + (1 - smallShare) * sizeShare);
}

/** Of each leg, from the packets sent one by one that no queue of our own dropped; the ratio is linear in the size. */
function computeBadShares({ freePackets, freeSizeShares, freeLost }: ChainRows, chain: Chain): Float64Array {
  return freeLost.map((lost, leg) => {
    const packets = freePackets[leg] ?? 0;
    const exposed = packets > 0 ? packets * computeBadRatio(chain, (freeSizeShares[leg] ?? 0) / packets) : 0;
    return Math.min(MOST_BAD_SHARE, (lost + 0.5) / (exposed + 1));
  });
}

/** Of packets sent one by one, the share that was lost. */
export function computeSparseLoss(rows: LoadRows): number {
  let sent = 0;
  let lost = 0;
  for (let i = 0; i < rows.count; i += 1) {
    if (rows.isSparse[i] === 0) continue;
    sent += 1;
    lost += rows.isLost[i] ?? 0;
  }
  return lost / Math.max(1, sent);
}

/** Of a ratio below 1, which is the last bound. */
function findClass(ratio: number): number {
  let index = 0;
  while (ratio > (CLASS_BOUNDS[index] as number)) index += 1;
  return index;
}
