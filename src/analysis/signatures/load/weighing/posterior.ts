// How probable each load fault is, and each pair of two at once, given every packet's fate: prior times likelihood, parameters summed
// over. What a fault predicts is in its own file.
import { computeLogSum } from '../../../statistics/beta-binomial.js';
import type { LoadEvidence, LoadHypothesis, Overflow, Partition, Reading } from '../load-hypothesis.js';
import { packRowBlocks, weighReadings } from './loss-cells.js';
import type { RowBlocks, WeighedReading } from './loss-cells.js';
import { listScenes } from '../buckets/queue-scenes.js';
import type { Scene } from '../buckets/queue-scenes.js';
import { refineTogether } from '../refine-together.js';
import { estimateIndependence, LEAST_INDEPENDENCE } from './row-independence.js';

/** One hypothesis, or two at once, with all its settings summed over; `parts` hold the most probable setting of each. */
export interface Weighed {
  /** ln of prior and scene, and of the first of two faults. */
  readonly logOutside: number;
  /** All settings. */
  readonly weighed: readonly WeighedReading[];
  readonly parts: readonly WeighedPart[];
}

export interface WeighedPart {
  readonly hypothesis: LoadHypothesis;
  readonly partition: Partition;
  readonly reading: Reading;
  readonly rivals: readonly { readonly reading: Reading; readonly log: number }[];
}

export interface Posterior {
  /** Most probable first; probabilities sum to 1. */
  readonly explanations: readonly (Weighed & { readonly probability: number })[];
  readonly overflow: Overflow;
}

/**
 * No hypothesis is exact: what all packets tell is believed, but for a share of belief that keeps to what a tenth of them would tell
 * (a likelihood to a power below 1: Grünwald, "The Safe Bayesian", 2012).
 */
const BELIEFS = [
  { share: 0.96, exponent: 1 },
  { share: 0.04, exponent: 0.1 },
] as const;

/** Of each candidate, and of each pair of two that can be told apart, whatever our own trains overflowed besides. */
export function computePosterior(evidence: LoadEvidence, candidates: readonly LoadHypothesis[]): Posterior {
  const hypotheses = candidates.map((hypothesis) => rememberPartitions(evidence, hypothesis));
  const scenes = packScenes(evidence).map((scene) => {
    const singles = hypotheses.flatMap((hypothesis) => weighSingle(evidence, scene, hypothesis) ?? []);
    const pairs = weighPairs(evidence, scene, { hypotheses, singles });
    return { ...scene, all: [...singles, ...pairs] };
  });
  const total = ({ all }: { readonly all: readonly Weighed[] }, exponent: number): number =>
    computeLogSum(all.map((one) => computeLogWeight(one, exponent)));
  const best = scenes.reduce((a, b) => (total(b, 1) > total(a, 1) ? b : a));
  const independence = estimateLeadersIndependence(evidence, best);
  const beliefs = BELIEFS.map(({ share, exponent }) => ({ share, exponent: exponent * independence })).map(
    (belief) => ({
      ...belief,
      logTotal: computeLogSum(scenes.map((scene) => total(scene, belief.exponent))),
    }),
  );
  const explanations = best.all
    .map((weighed) => {
      const same = scenes.flatMap(({ all }) => all.filter((other) => isSame(other, weighed)));
      const probability = beliefs.reduce(
        (sum, { share, exponent, logTotal }) =>
          sum + share * Math.exp(computeLogSum(same.map((one) => computeLogWeight(one, exponent))) - logTotal),
        0,
      );
      return { ...weighed, probability: Math.min(1, probability) };
    })
    .sort((a, b) => b.probability - a.probability);
  return { explanations, overflow: best.overflow };
}

/** ln of the weight where the likelihood of all rows counts to this power, 0-1. */
function computeLogWeight({ logOutside, weighed }: Weighed, exponent: number): number {
  return (
    logOutside +
    computeLogSum(weighed.map(({ reading, log }) => reading.logWeight + exponent * (log - reading.logWeight)))
  );
}

function estimateLeadersIndependence(
  { rows }: LoadEvidence,
  { all, overflow }: Scene & { all: readonly Weighed[] },
): number {
  const weights = all.map((one) => computeLogWeight(one, 1));
  const leader = all[weights.indexOf(Math.max(...weights))];
  return (leader?.parts ?? []).reduce(
    (most, { partition }) => Math.max(most, estimateIndependence(rows, overflow, partition)),
    LEAST_INDEPENDENCE,
  );
}

/**
 * Most partitions do not depend on what overflowed and are made once; the others know the packets of trains by their ratio only, so that
 * they differ where packets that were sent alone overflowed something.
 */
function rememberPartitions(evidence: LoadEvidence, hypothesis: LoadHypothesis): LoadHypothesis {
  const made: { readonly overflow: Overflow; readonly partitions: readonly Partition[] }[] = [];
  const isAlike = (one: Overflow, other: Overflow): boolean =>
    hypothesis.heedsOverflow !== true || overflowsSame(evidence.rows, one, other);
  return {
    ...hypothesis,
    partition: (_evidence, overflow) => {
      const known = made.find((before) => isAlike(before.overflow, overflow));
      if (known !== undefined) return known.partitions;
      const partitions = hypothesis.partition(evidence, overflow);
      made.push({ overflow, partitions });
      return partitions;
    },
  };
}

/** Whether of the rows that were sent by themselves the same found no room. */
function overflowsSame({ count, isSparse }: LoadEvidence['rows'], one: Overflow, other: Overflow): boolean {
  for (let i = 0; i < count; i += 1) {
    if (isSparse[i] === 1 && (one[i] === 0) !== (other[i] === 0)) return false;
  }
  return true;
}

const isSame = (a: Weighed, b: Weighed): boolean => nameOf(a) === nameOf(b);
const nameOf = ({ parts }: Weighed): string => parts.map(({ hypothesis }) => hypothesis.condition).join();

interface PackedScene extends Scene {
  readonly blocks: RowBlocks;
}

function packScenes(evidence: LoadEvidence): readonly PackedScene[] {
  const scenes = listScenes(evidence);
  const blocks = packRowBlocks(
    evidence,
    scenes.map(({ overflow }) => overflow),
  );
  return scenes.flatMap((scene, i) => {
    const packed = blocks[i];
    return packed === undefined ? [] : [{ ...scene, blocks: packed }];
  });
}

function weighSingle(evidence: LoadEvidence, scene: PackedScene, hypothesis: LoadHypothesis): Weighed | null {
  const weighed = hypothesis
    .partition(evidence, scene.overflow)
    .flatMap((partition) => weighReadings(scene.blocks, partition, isSilentOnTrains(hypothesis)));
  const best = selectBest(weighed);
  if (best === null) return null;
  const { partition, reading } = best;
  return {
    logOutside: Math.log(hypothesis.prior) + scene.logWeight,
    weighed,
    parts: [{ hypothesis, partition, reading, rivals: weighed }],
  };
}

/** Limits and queues say what becomes of trains, packet by packet; all others only how many of them are lost. */
const isSilentOnTrains = ({ needs }: LoadHypothesis): boolean => needs !== 'any';

function selectBest(weighed: readonly WeighedReading[]): WeighedReading | null {
  return weighed.reduce<WeighedReading | null>((best, one) => (best === null || one.log > best.log ? one : best), null);
}

/** The best single fault with each of another family: 1 − (1 − p)(1 − q) for each packet. */
function weighPairs(
  evidence: LoadEvidence,
  scene: PackedScene,
  { hypotheses, singles }: { readonly hypotheses: readonly LoadHypothesis[]; readonly singles: readonly Weighed[] },
): readonly Weighed[] {
  const faults = singles.filter(({ parts }) => isPairing(parts[0]?.hypothesis));
  const weights = faults.map((fault) => computeLogWeight(fault, 1));
  const leader = faults[weights.indexOf(Math.max(...weights))];
  if (leader === undefined) return [];
  const firsts = listFirsts(leader);
  const others = hypotheses.filter((other) => isPairing(other) && other.family !== firsts[0]?.hypothesis.family);
  const partitions = others.map((other) => other.partition(evidence, scene.overflow));
  const alike = alignPartitions(partitions);
  return others.flatMap((hypothesis, k) => {
    const second = { hypothesis, partitions: partitions[k] ?? [], alike: alike[k] ?? [] };
    const pairs = firsts.flatMap((first) => weighPair(scene, first, second) ?? []);
    return pairs.reduce<Weighed[]>(
      ([best], pair) => [best !== undefined && computeLogWeight(best, 1) >= computeLogWeight(pair, 1) ? best : pair],
      [],
    );
  });
}

/** The leader at its best, and as the same classes of packets fare where it knows its ratios more or less surely: what it lost by chance alone may be the second's. */
function listFirsts({ parts: [first], weighed }: Weighed): readonly WeighedPart[] {
  if (first === undefined) return [];
  const ofClasses = weighed.filter(({ partition }) => partition.classOf === first.partition.classOf);
  const otherwise = selectBest(ofClasses.filter(({ partition }) => partition.firmness !== first.partition.firmness));
  return otherwise === null
    ? [first]
    : [first, { ...first, partition: otherwise.partition, reading: otherwise.reading }];
}

interface Second {
  readonly hypothesis: LoadHypothesis;
  readonly partitions: readonly Partition[];
  /** The same in classes that are those of all seconds. */
  readonly alike: readonly Partition[];
}

function weighPair(scene: PackedScene, first: WeighedPart, { hypothesis, partitions, alike }: Second): Weighed | null {
  const weighed = partitions.flatMap((partition, i) =>
    weighBeside(scene, first, alike[i] ?? partition).map((one) => ({ one, partition })),
  );
  const best = weighed.reduce<(typeof weighed)[number] | null>(
    (a, b) => (a === null || b.one.log > a.one.log ? b : a),
    null,
  );
  if (best === null) return null;
  const reading = best.partition.readings.find(({ parameters }) => parameters === best.one.reading.parameters);
  if (reading === undefined) return null;
  const readings = weighed.map(({ one }) => one);
  return {
    logOutside: Math.log(first.hypothesis.prior * hypothesis.prior) + scene.logWeight + first.reading.logWeight,
    weighed: readings,
    parts: [first, { hypothesis, partition: best.partition, reading, rivals: readings }],
  };
}

/**
 * What sorts packets more finely finds more cells in which the first fault fits badly: seconds that sort them in one way each are compared in
 * the classes of all of them.
 */
function alignPartitions(ofSeconds: readonly (readonly Partition[])[]): readonly (readonly Partition[])[] {
  const only = ofSeconds.flatMap((partitions) => (partitions.length === 1 ? partitions : []));
  if (only.length < 2 || only.length < ofSeconds.length) return ofSeconds;
  return refineTogether(only).map((partition) => [partition]);
}

/**
 * What the second fault explains beyond the first in the same cells. Its classes alone make cells of which each may fare a little otherwise, and
 * so would always fit better.
 */
function weighBeside(scene: PackedScene, first: WeighedPart, second: Partition): readonly WeighedReading[] {
  const nothing = {
    lossRatios: new Array<number>(second.classes).fill(0),
    logWeight: 0,
    direction: 'unknown',
    parameters: {},
  } as const;
  const both = cross(first, { ...second, readings: [...second.readings, nothing] });
  const weighed = weighReadings(scene.blocks, both, false);
  const without = weighed.at(-1)?.log ?? 0;
  const alone = first.rivals.find(({ reading }) => reading === first.reading)?.log ?? without;
  return weighed.slice(0, -1).map((one) => ({ ...one, log: one.log - without + alone - first.reading.logWeight }));
}

function isPairing(hypothesis: LoadHypothesis | undefined): boolean {
  return hypothesis !== undefined && hypothesis.family !== 'alone';
}

/** Classes of both; the readings are those of the second, with the first at its best. Of a fault alike on all rows nothing is lost. */
function cross(first: WeighedPart, second: Partition): Partition {
  const { classOf: firstOf, classes } = first.partition;
  const classOf = new Uint16Array(second.classOf.length);
  for (let i = 0; i < classOf.length; i += 1) {
    classOf[i] = (second.classOf[i] as number) * classes + (firstOf[i] as number);
  }
  return {
    classOf,
    classes: classes * second.classes,
    firmness: Math.min(first.partition.firmness, second.firmness),
    readings: second.readings.map((reading) => ({
      ...reading,
      lossRatios: crossRatios(reading, first, (ratio, other) => 1 - (1 - ratio) * (1 - other)),
      firmnessOf: crossRatios(reading, first, (ratio, other) =>
        joinFirmness({ ratio, firmness: second.firmness }, { ratio: other, firmness: first.partition.firmness }),
      ),
    })),
  };
}

function crossRatios(
  { lossRatios }: Reading,
  first: WeighedPart,
  join: (ratio: number, other: number) => number,
): readonly number[] {
  return lossRatios.flatMap((ratio) => first.reading.lossRatios.map((other) => join(ratio, other)));
}

interface UnsureRatio {
  readonly ratio: number;
  readonly firmness: number;
}

/**
 * Of 1 − (1 − p)(1 − q) where p and q are known about: a Beta distribution's by its mean and variance. Where one of them loses next to
 * nothing the other is as sure as alone: what a limit lets pass tells a scattered loss exactly, however vaguely it drops the rest.
 */
export function joinFirmness(one: UnsureRatio, other: UnsureRatio): number {
  const varianceOf = ({ ratio, firmness }: UnsureRatio): number => (ratio * (1 - ratio)) / (firmness + 1);
  const mean = 1 - (1 - one.ratio) * (1 - other.ratio);
  const variance = (1 - other.ratio) ** 2 * varianceOf(one) + (1 - one.ratio) ** 2 * varianceOf(other);
  return variance > 0 ? Math.max(0, (mean * (1 - mean)) / variance - 1) : Infinity;
}
