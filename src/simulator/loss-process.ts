// Which packets the medium loses. Queues and buckets drop elsewhere.
import type { Random } from '../model/random.js';
import { BITS_PER_BYTE } from '../model/units.js';
import type { LossModel } from './path-model.js';

/** Tells packet after packet whether it is lost: IP length, and when its first and last bit left, in ascending order. */
export type LossProcess = (sizeBytes: number, startNs: number, endNs: number) => boolean;

type ModelOf<K extends LossModel['kind']> = Extract<LossModel, { kind: K }>;

export function createLossProcess(model: LossModel | undefined, random: Random): LossProcess {
  if (model === undefined) return () => false;
  switch (model.kind) {
    case 'bernoulli':
      return () => random.uniform() < model.lossRatio;
    case 'gilbert':
      return createGilbert(model, random);
    case 'bit-errors':
      return (sizeBytes) => random.uniform() < computeFrameErrorRatio(model.bitErrorRatio, sizeBytes);
    case 'noise-bursts':
      return createNoise(model, random);
  }
}

/** Whether a receiver would count what this model loses as a broken frame. */
export function breaksFrames(model: LossModel | undefined): boolean {
  return model?.kind === 'bit-errors' || model?.kind === 'noise-bursts';
}

/** Header and FCS, and the least length of the whole frame: what a bit error can break (IEEE 802.3). */
const CHECKED_OVERHEAD_BYTES = 18;
const MIN_FRAME_BYTES = 64;

/** 1 − (1 − BER)^(8 L). */
export function computeFrameErrorRatio(bitErrorRatio: number, sizeBytes: number): number {
  const bits = Math.max(MIN_FRAME_BYTES, sizeBytes + CHECKED_OVERHEAD_BYTES) * BITS_PER_BYTE;
  return -Math.expm1(bits * Math.log1p(-bitErrorRatio));
}

/** Starts in the stationary distribution, so that the first packets are as likely to be lost as any. */
function createGilbert(model: ModelOf<'gilbert'>, random: Random): LossProcess {
  const { goodToBad, badToGood, goodLossRatio, badLossRatio } = model;
  const leaving = goodToBad + badToGood;
  let bad = leaving > 0 && random.uniform() < goodToBad / leaving;
  return () => {
    if (random.uniform() < (bad ? badToGood : goodToBad)) bad = !bad;
    return random.uniform() < (bad ? badLossRatio : goodLossRatio);
  };
}

/** Cycles after which nothing is left of the state before. */
const FORGOTTEN_CYCLES = 50;

function createNoise({ meanGapNs, meanBurstNs }: ModelOf<'noise-bursts'>, random: Random): LossProcess {
  const cycleNs = meanGapNs + meanBurstNs;
  let fromNs = -Infinity;
  let untilNs = -Infinity;
  return (_sizeBytes, startNs, endNs) => {
    if (startNs - untilNs > FORGOTTEN_CYCLES * cycleNs) {
      const isOn = random.uniform() * cycleNs < meanBurstNs;
      fromNs = isOn ? startNs : startNs + random.exponential(meanGapNs);
      untilNs = fromNs + random.exponential(meanBurstNs);
    }
    // Ends at the first burst that is not over: each turn is a cycle later.
    while (untilNs <= startNs) {
      fromNs = untilNs + random.exponential(meanGapNs);
      untilNs = fromNs + random.exponential(meanBurstNs);
    }
    return fromNs < endNs;
  };
}
