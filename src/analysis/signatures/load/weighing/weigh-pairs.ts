// Two faults at once: the best single one, and what each of another family explains beyond it.
import type { LoadEvidence, LoadHypothesis, Partition } from '../load-hypothesis.js';
import { refineTogether } from '../refine-together.js';
import { crossPartitions } from './cross-partitions.js';
import { weighReadings } from './loss-cells.js';
import type { WeighedReading } from './loss-cells.js';
import { computeLogWeight, selectBest } from './weighed.js';
import type { PackedScene, Weighed, WeighedPart } from './weighed.js';

/** The best single fault with each of another family: 1 − (1 − p)(1 − q) for each packet. */
export function weighPairs(
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
  const both = crossPartitions(first, { ...second, readings: [...second.readings, nothing] });
  const weighed = weighReadings(scene.blocks, both, false);
  const without = weighed.at(-1)?.log ?? 0;
  const alone = first.rivals.find(({ reading }) => reading === first.reading)?.log ?? without;
  return weighed.slice(0, -1).map((one) => ({ ...one, log: one.log - without + alone - first.reading.logWeight }));
}

function isPairing(hypothesis: LoadHypothesis | undefined): boolean {
  return hypothesis !== undefined && hypothesis.family !== 'alone';
}
