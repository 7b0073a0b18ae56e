// Packets that come independently of each other, and the queue they build (M/G/1).
import type { Random } from '../model/random.js';
import { serialisationNs } from '../model/units.js';
import type { CrossTraffic } from './cross-traffic.js';
import type { PacketMix } from './packet-mix.js';

/** e^−20 of the past is left: less than any figure here resolves. */
const SETTLED_RELAXATIONS = 20;

export class PoissonTraffic implements CrossTraffic {
  readonly settleNs: number;
  readonly meanFrameBytes: number;
  readonly #meanGapNs: number;
  nextNs = -Infinity;
  nextBytes = 0;

  constructor(
    readonly share: number,
    private readonly mix: PacketMix,
    rateBitsPerSec: number,
    private readonly random: Random,
  ) {
    this.meanFrameBytes = mix.meanBytes;
    const serviceNs = serialisationNs(mix.meanBytes, rateBitsPerSec);
    this.#meanGapNs = serviceNs / share;
    // The relaxation time of M/M/1 (Cohen 1982); that of constant sizes is shorter.
    this.settleNs = (SETTLED_RELAXATIONS * serviceNs) / (1 - Math.sqrt(share)) ** 2;
  }

  advance(): void {
    this.nextNs += this.random.exponential(this.#meanGapNs);
    this.nextBytes = this.mix.drawBytes();
  }

  /**
   * Arrivals have no memory. The work found by an observer is a geometric number of residual services (Pollaczek-Khinchine,
   * as Beneš 1957 reads it). Where the traffic alone overflows the queue, the cut of that is an approximation.
   */
  startAfresh(nowNs: number, limitBytes: number): number {
    this.nextNs = nowNs;
    this.advance();
    let backlogBytes = 0;
    while (this.random.uniform() < this.share) backlogBytes += this.mix.drawResidualBytes();
    return Math.min(backlogBytes, limitBytes);
  }
}
