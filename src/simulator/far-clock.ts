// The far end's clock against virtual time, which is the probe's.
import type { Random } from '../model/random.js';
import { NS_PER_SEC } from '../model/units.js';
import type { StampReflectorModel } from './path-model.js';

/** The frequency of a wandering clock changes at whole seconds of virtual time. */
const STEP_NS = NS_PER_SEC;
const PER_PPM = 1e-6;

export class FarClock {
  /** Whole seconds of its offset, so that what is left keeps its fractions of a ns in a double. */
  readonly baseShiftNs: number;
  readonly #offsetNs: number;
  readonly #driftRatio: number;
  readonly #wanderRatio: number;
  readonly #random: Random;
  /** At the begin of each step: what wander has gained so far, and the excess frequency in that step. */
  readonly #gainedNs: number[] = [0];
  readonly #excessRatio: number[] = [0];

  constructor({ clockOffsetNs, clockDriftPpm = 0, clockWanderPpm = 0 }: StampReflectorModel, random: Random) {
    this.baseShiftNs = Math.floor(clockOffsetNs / NS_PER_SEC) * NS_PER_SEC;
    this.#offsetNs = clockOffsetNs - this.baseShiftNs;
    this.#driftRatio = clockDriftPpm * PER_PPM;
    this.#wanderRatio = clockWanderPpm * PER_PPM;
    this.#random = random;
  }

  /** Its reading at virtual time `trueNs` ≥ 0, less `baseShiftNs`. */
  readNs(trueNs: number): number {
    return trueNs + this.#offsetNs + trueNs * this.#driftRatio + this.#wanderedNs(trueNs);
  }

  #wanderedNs(trueNs: number): number {
    if (this.#wanderRatio === 0) return 0;
    const step = Math.floor(trueNs / STEP_NS);
    // Ends at the step of trueNs: each turn adds one.
    for (let last = this.#gainedNs.length - 1; last < step; last += 1) {
      const ratio = this.#excessRatio[last] ?? 0;
      this.#gainedNs.push((this.#gainedNs[last] ?? 0) + ratio * STEP_NS);
      this.#excessRatio.push(this.#random.normal(ratio, this.#wanderRatio));
    }
    return (this.#gainedNs[step] ?? 0) + (this.#excessRatio[step] ?? 0) * (trueNs - step * STEP_NS);
  }
}
