// How probable each load fault is, and each pair of two at once, given every packet's fate: prior times likelihood, parameters summed
// over. What a fault predicts is in its own file.
import { computeLogSum } from '../../../statistics/beta-binomial.js';
import { listScenes } from '../buckets/queue-scenes.js';
import type { Scene } from '../buckets/queue-scenes.js';
import type { LoadEvidence, LoadHypothesis, Overflow } from '../load-hypothesis.js';
import { packRowBlocks, weighReadings } from './loss-cells.js';
import { rememberPartitions } from './remember-partitions.js';
import { estimateIndependence, LEAST_INDEPENDENCE } from './row-independence.js';
import { weighPairs } from './weigh-pairs.js';
import { computeLogWeight, selectBest } from './weighed.js';
import type { PackedScene, Weighed } from './weighed.js';

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

const isSame = (a: Weighed, b: Weighed): boolean => nameOf(a) === nameOf(b);
const nameOf = ({ parts }: Weighed): string => parts.map(({ hypothesis }) => hypothesis.condition).join();

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
