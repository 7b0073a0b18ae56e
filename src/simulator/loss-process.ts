// Which packets the medium loses. Queues and buckets drop elsewhere.
import type { Random } from '../model/random.js';
import type { LossModel } from './path-model.js';

/** Tells packet after packet whether it is lost. */
export type LossProcess = () => boolean;

export function createLossProcess(model: LossModel | undefined, random: Random): LossProcess {
  if (model === undefined) return () => false;
  switch (model.kind) {
    case 'bernoulli':
      return () => random.uniform() < model.lossRatio;
    case 'gilbert':
      return createGilbert(model, random);
  }
}

/** Starts in the stationary distribution, so that the first packets are as likely to be lost as any. */
function createGilbert(model: Extract<LossModel, { kind: 'gilbert' }>, random: Random): LossProcess {
  const { goodToBad, badToGood, goodLossRatio, badLossRatio } = model;
  const leaving = goodToBad + badToGood;
  let bad = leaving > 0 && random.uniform() < goodToBad / leaving;
  return () => {
    if (random.uniform() < (bad ? badToGood : goodToBad)) bad = !bad;
    return random.uniform() < (bad ? badLossRatio : goodLossRatio);
  };
}
