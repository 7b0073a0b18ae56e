// Bursty traffic: a source that sends at its peak rate for a while and then keeps silent for a while.
import type { Random } from '../model/random.js';
import { BITS_PER_BYTE, NS_PER_SEC } from '../model/units.js';
import type { CrossTraffic } from './cross-traffic.js';
import type { PacketMix } from './packet-mix.js';
import type { OnOffTrafficModel } from './path-model.js';
import { createPeriodLengths } from './period-lengths.js';
import type { PeriodLengths } from './period-lengths.js';

/** Cycles that are played as a fluid before the first packet, of a link that is all but idle. More by 1 / (1 − share)². */
const SETTLED_CYCLES = 30;

/** Packets come at the peak rate in on periods; what a period ends with short of a packet is carried over, so that none of the share is lost. */
export class OnOffTraffic implements CrossTraffic {
  readonly share: number;
  readonly settleNs: number;
  readonly meanFrameBytes: number;
  readonly #meanOnNs: number;
  readonly #meanOffNs: number;
  readonly #lineBytesPerNs: number;
  readonly #peakBytesPerNs: number;
  readonly #lengths: PeriodLengths;
  readonly #mix: PacketMix;
  readonly #random: Random;
  #onUntilNs = -Infinity;
  nextNs = -Infinity;
  nextBytes = 0;

  constructor(model: OnOffTrafficModel, mix: PacketMix, rateBitsPerSec: number, random: Random) {
    const { share, peakShare, meanOnNs } = model;
    this.share = share;
    this.meanFrameBytes = mix.meanBytes;
    this.#meanOnNs = meanOnNs;
    this.#meanOffNs = meanOnNs * Math.max(0, peakShare / share - 1);
    this.#lineBytesPerNs = rateBitsPerSec / BITS_PER_BYTE / NS_PER_SEC;
    this.#peakBytesPerNs = this.#lineBytesPerNs * Math.max(peakShare, share);
    this.settleNs = ((meanOnNs + this.#meanOffNs) * SETTLED_CYCLES) / (1 - share) ** 2;
    this.#lengths = createPeriodLengths(model.periods, random);
    this.#mix = mix;
    this.#random = random;
  }

  advance(): void {
    this.nextBytes = this.#mix.drawBytes();
    this.#sendAfter(this.nextNs, this.nextBytes);
  }

  /** Plays the periods of the settling time as a fluid through the queue, each in one step. */
  startAfresh(nowNs: number, limitBytes: number): number {
    const beginNs = nowNs - this.settleNs;
    const isOn = this.#random.uniform() * (this.#meanOnNs + this.#meanOffNs) < this.#meanOnNs;
    let onFromNs = isOn ? beginNs : beginNs + this.#lengths.drawResidualNs(this.#meanOffNs);
    this.#onUntilNs = onFromNs + (isOn ? this.#lengths.drawResidualNs(this.#meanOnNs) : this.#drawOnNs());
    let backlogBytes = 0;
    let playedNs = beginNs;
    const play = (untilNs: number, inflowBytesPerNs: number): void => {
      const growth = (inflowBytesPerNs - this.#lineBytesPerNs) * (untilNs - playedNs);
      backlogBytes = Math.min(limitBytes, Math.max(0, backlogBytes + growth));
      playedNs = untilNs;
    };
    // Ends at nowNs: each turn plays one cycle.
    while (playedNs < nowNs) {
      play(Math.min(nowNs, onFromNs), 0);
      play(Math.min(nowNs, this.#onUntilNs), this.#peakBytesPerNs);
      if (this.#onUntilNs >= nowNs) break;
      onFromNs = this.#onUntilNs + this.#drawOffNs();
      this.#onUntilNs = onFromNs + this.#drawOnNs();
    }
    this.nextBytes = this.#mix.drawBytes();
    // A packet is under way, any part of it already counted.
    this.#sendAfter(Math.max(nowNs, onFromNs), this.nextBytes * this.#random.uniform());
    return backlogBytes;
  }

  /** Sets `nextNs` to the end of `bytes` more at the peak rate, silences in between added. */
  #sendAfter(fromNs: number, bytes: number): void {
    let atNs = fromNs + bytes / this.#peakBytesPerNs;
    while (atNs > this.#onUntilNs) {
      const carriedNs = atNs - this.#onUntilNs;
      const onFromNs = this.#onUntilNs + this.#drawOffNs();
      this.#onUntilNs = onFromNs + this.#drawOnNs();
      atNs = onFromNs + carriedNs;
    }
    this.nextNs = atNs;
  }

  #drawOnNs(): number {
    return this.#lengths.drawNs(this.#meanOnNs);
  }

  #drawOffNs(): number {
    return this.#lengths.drawNs(this.#meanOffNs);
  }
}
