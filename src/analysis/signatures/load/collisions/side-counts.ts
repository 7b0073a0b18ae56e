// Which side of a mismatched link is half duplex, by counts alone: how many packets of each direction are lost where both are under way. Needs
// no instants, so that stamps and senders of any jitter will do; needs a far end that counts what it answers.
import { computeLogSum } from '../../../statistics/beta-binomial.js';
import { computeLogBeta, computeLogGamma } from '../../../statistics/log-beta.js';
import type { Trace } from '../../../../model/trace.js';

/** Packets that were lost by direction. */
export interface LostBothWays {
  readonly forward: number;
  readonly reverse: number;
  /**
   * What others' frames may have cost, in full packets. Those of the full side are hit where one of the half side is under way, whatever
   * their own size; those of the half side only behind their first 512 bits, as it tries again before.
   */
  readonly exposed: Readonly<Record<'half' | 'full', number>>;
}

export interface SideWeights {
  /** ln likelihood of the counts where the near side is half duplex, where the far one is, and where both fare alike. */
  readonly near: number;
  readonly far: number;
  readonly alike: number;
}

/**
 * A collision always costs the full side its frame; the half side only if it came behind the first 512 bits (IEEE 802.3, 4.2.3.2), 4 % of a
 * full frame and a quarter of one of 260 bytes, and not where it tries again.
 */
const HALF_SIDE_LOSES = [0.55, 0.7, 0.8, 0.88, 0.96] as const;
const BOTH_LOSE = 0.985;
/** Share of full packets that others' frames on the link cost a direction, met where none of ours is under way. */
const OTHERS_COST = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3] as const;
const FULL_BYTES = 1500;
const COLLISION_WINDOW_BYTES = 64;
/** Neither that nor collisions of our own. */
const OTHERWISE = 0.002;

/** From what the far end counted between the first and the last reply of each trace; 0 where it does not count. */
export function countLostBothWays(traces: readonly Trace[]): LostBothWays {
  let [forward, reverse, packets, lateBytes] = [0, 0, 0, 0];
  for (const { farSequence, sizeBytes, count } of traces) {
    const answered: number[] = [];
    for (let row = 0; row < count; row += 1) if ((farSequence[row] ?? -1) >= 0) answered.push(row);
    const [first, last] = [answered[0], answered.at(-1)];
    if (first === undefined || last === undefined || first === last) continue;
    const arrived = (farSequence[last] ?? 0) - (farSequence[first] ?? 0);
    const sent = last - first;
    if (!(arrived >= answered.length - 1 && arrived <= sent)) continue;
    forward += sent - arrived;
    reverse += arrived - (answered.length - 1);
    packets += sent;
    for (let row = first; row < last; row += 1)
      lateBytes += Math.max(0, (sizeBytes[row] ?? 0) - COLLISION_WINDOW_BYTES);
  }
  const half = lateBytes / (FULL_BYTES - COLLISION_WINDOW_BYTES);
  return { forward, reverse, exposed: { half, full: packets } };
}

/**
 * `met` where packets of both directions were under way, `alone` where none met others of ours: what others cost there, they cost everywhere.
 * All 0 where nothing was lost.
 */
export function weighSides(met: LostBothWays, alone: LostBothWays): SideWeights {
  const { forward, reverse } = met;
  if (forward + reverse === 0) return { near: 0, far: 0, alike: 0 };
  const lossOf = (direction: 'forward' | 'reverse', side: 'half' | 'full'): DirectionLoss => {
    const others = weighOthers(met[direction], met.exposed[side], {
      lost: alone[direction],
      exposed: alone.exposed[side],
    });
    return { count: met[direction], others };
  };
  const weigh = (half: 'forward' | 'reverse', shares: readonly number[]): number => {
    const losses = [lossOf(half, 'half'), lossOf(half === 'forward' ? 'reverse' : 'forward', 'full')] as const;
    return computeLogSum(shares.map((share) => weighCounts(...losses, share))) - Math.log(shares.length);
  };
  return {
    near: weigh('forward', HALF_SIDE_LOSES),
    far: weigh('reverse', HALF_SIDE_LOSES),
    alike: weigh(forward <= reverse ? 'forward' : 'reverse', [BOTH_LOSE]),
  };
}

/** ln probability of 0, 1, 2 ... packets of one direction that others cost, up to `most` and to what is not out of all proportion. */
function weighOthers(
  most: number,
  exposed: number,
  alone: { readonly lost: number; readonly exposed: number },
): readonly number[] {
  const told = OTHERS_COST.map((ratio) => computeLogPoisson(alone.lost, ratio * alone.exposed));
  const logAll = computeLogSum(told);
  const likely = OTHERS_COST.flatMap((ratio, i) => ((told[i] ?? 0) - logAll > LEAST_LOG ? [ratio * exposed] : []));
  const largest = likely.reduce((mean, other) => Math.max(mean, other), 0);
  const last = Math.min(most, Math.ceil(largest + 4 * Math.sqrt(largest)));
  return Array.from({ length: last + 1 }, (_, lost) =>
    computeLogSum(OTHERS_COST.map((ratio, i) => (told[i] ?? 0) - logAll + computeLogPoisson(lost, ratio * exposed))),
  );
}

/** Less probable rates of others make no difference. */
const LEAST_LOG = -8;

interface DirectionLoss {
  readonly count: number;
  /** As `weighOthers` gives them. */
  readonly others: readonly number[];
}

/** `share` of the collisions that cost the full side its frame cost the half side its own as well. */
function weighCounts(half: DirectionLoss, full: DirectionLoss, share: number): number {
  const logs = [Math.log(OTHERWISE) - Math.log(half.count + 1) - Math.log(full.count + 1)];
  half.others.forEach((logOfHalf, ofHalf) => {
    full.others.forEach((logOfFull, ofFull) => {
      const [met, bothLost] = [full.count - ofFull, half.count - ofHalf];
      if (bothLost > met) return;
      logs.push(Math.log(1 - OTHERWISE) + logOfHalf + logOfFull + computeLogBinomial(bothLost, met, share));
    });
  });
  return computeLogSum(logs);
}

function computeLogBinomial(some: number, all: number, share: number): number {
  const logWays = -Math.log(all + 1) - computeLogBeta(some + 1, all - some + 1);
  return logWays + some * Math.log(share) + (all - some) * Math.log(1 - share);
}

function computeLogPoisson(count: number, mean: number): number {
  if (mean === 0) return count === 0 ? 0 : -Infinity;
  return count * Math.log(mean) - mean - computeLogGamma(count + 1);
}
