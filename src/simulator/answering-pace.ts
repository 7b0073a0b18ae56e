// How long a far end takes over a request: its work, what holds it up, and its sleep.
import { createRandom } from '../model/random.js';
import type { Random } from '../model/random.js';
import type { DelayModel, FarEndModel } from './path-model.js';
import { createPeriodLengths } from './period-lengths.js';

export interface AnsweringPace {
  /** When the reply to a request that is taken up at `nowNs` leaves. */
  computeLeaveNs(nowNs: number): number;
}

export function createAnsweringPace(model: FarEndModel, random: Random): AnsweringPace {
  if (model.kind === 'silent') return { computeLeaveNs: () => Infinity };
  const { processing, stalls, sleep } = model;
  if (stalls === undefined && sleep === undefined) {
    return { computeLeaveNs: (nowNs) => nowNs + drawDelay(processing, random) };
  }
  const ownRandom = createRandom(random.uint32());
  const lengths = createPeriodLengths('pareto', ownRandom);
  const phaseNs = sleep === undefined ? 0 : ownRandom.uniform() * sleep.periodNs;
  const wakeNs = (nowNs: number): number => {
    if (sleep === undefined) return nowNs;
    const sinceWokenNs = (((nowNs - phaseNs) % sleep.periodNs) + sleep.periodNs) % sleep.periodNs;
    return sinceWokenNs < sleep.periodNs - sleep.sleepNs ? nowNs : nowNs - sinceWokenNs + sleep.periodNs;
  };
  return {
    computeLeaveNs: (nowNs) => {
      const stallNs = stalls !== undefined && ownRandom.uniform() < stalls.ratio ? lengths.drawNs(stalls.meanNs) : 0;
      return wakeNs(nowNs) + stallNs + drawDelay(processing, random);
    },
  };
}

export function drawDelay({ floorNs, meanExtraNs }: DelayModel, random: Random): number {
  return meanExtraNs > 0 ? floorNs + random.exponential(meanExtraNs) : floorNs;
}
