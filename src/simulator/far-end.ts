// What answers at the far end: when, how long, and with which stamps of its own.
import { createRandom } from '../model/random.js';
import type { Random } from '../model/random.js';
import type { DelayModel, FarEndModel } from './path-model.js';
import { createStamper } from './stamper.js';
import type { Stamper } from './stamper.js';

export interface Answer {
  readonly leaveNs: number;
  readonly sizeBytes: number;
  /** T2 and T3 on the probe's clock, with the far end's stamping noise; NaN where it stamps nothing. */
  readonly farRxNs: number;
  readonly farTxNs: number;
  /** −1 where the far end does not count. */
  readonly farSequence: number;
}

export class FarEnd {
  readonly #stamper: Stamper;
  readonly #random: Random;
  #freeNs = -Infinity;
  #answered = 0;

  constructor(
    private readonly model: FarEndModel,
    random: Random,
  ) {
    this.#random = createRandom(random.uint32());
    this.#stamper = createStamper(
      model.kind === 'stamp' ? model.stamp : { noiseNs: 0, granularityNs: 0 },
      createRandom(random.uint32()),
    );
  }

  /** Requests come in ascending order of `atNs`; null: it never answers. */
  answer(atNs: number, sizeBytes: number): Answer | null {
    const { model } = this;
    if (model.kind === 'silent') return null;
    this.#freeNs = Math.max(atNs, this.#freeNs) + drawDelay(model.processing, this.#random);
    const leaveNs = this.#freeNs;
    switch (model.kind) {
      case 'echo':
        return { leaveNs, sizeBytes, farRxNs: NaN, farTxNs: NaN, farSequence: -1 };
      case 'small-reply':
        return { leaveNs, sizeBytes: model.replySizeBytes, farRxNs: NaN, farTxNs: NaN, farSequence: -1 };
      case 'stamp': {
        const farSequence = this.#answered;
        this.#answered += 1;
        return { leaveNs, sizeBytes, farRxNs: this.#stamper(atNs), farTxNs: this.#stamper(leaveNs), farSequence };
      }
    }
  }
}

export function drawDelay({ floorNs, meanExtraNs }: DelayModel, random: Random): number {
  return meanExtraNs > 0 ? floorNs + random.exponential(meanExtraNs) : floorNs;
}
