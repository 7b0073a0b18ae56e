// The two stations of a path's shared link, those who send beside them, and the events by which they meet.
import { InvariantError } from '../model/errors.js';
import { createRandom } from '../model/random.js';
import type { Random } from '../model/random.js';
import { createCrossTraffic } from './create-cross-traffic.js';
import { CrossFeed } from './cross-feed.js';
import { CsmaStation } from './csma-station.js';
import { EventQueue } from './event-queue.js';
import type { OpenStation } from './hop.js';
import type { HopModel, PathModel, SharedLinkModel } from './path-model.js';
import { SharedMedium } from './shared-medium.js';
import type { Stations } from './transit.js';

/** Preamble 8, header 14, FCS 4 and gap 12 bytes (IEEE 802.3). */
const WIRE_OVERHEAD_BYTES = 38;

export class SharedLink {
  readonly events = new EventQueue();
  readonly #medium: SharedMedium;
  readonly #feeds: CrossFeed[] = [];
  #near: CsmaStation | null = null;

  constructor(
    readonly model: SharedLinkModel,
    private readonly forward: HopModel,
    private readonly reverse: HopModel,
  ) {
    this.#medium = new SharedMedium(this.events, forward.rateBitsPerSec, forward.propagationNs);
  }

  /** What the near station's controller counted so far. */
  get nearCounters(): Readonly<CsmaStation['counters']> | null {
    return this.#near?.counters ?? null;
  }

  /** Undefined for hops that are no end of this link. */
  stationOf(way: 'forward' | 'reverse', index: number): OpenStation | undefined {
    const { forwardHop, reverseHop, near, far } = this.model;
    if (index !== (way === 'forward' ? forwardHop : reverseHop)) return undefined;
    const duplex = way === 'forward' ? near : far;
    const { queueBytes } = way === 'forward' ? this.forward : this.reverse;
    return (sink, random) => {
      const station = new CsmaStation(this.#medium, { duplex, queueBytes, random, sink });
      if (way === 'forward') this.#near = station;
      return station;
    };
  }

  /** To be called once, when the two stations are open. */
  addOthers({ forward, reverse }: Stations, random: Random): void {
    const { events, model } = this;
    for (const hop of [forward[model.forwardHop], reverse[model.reverseHop]]) {
      const cross = hop?.crossTraffic ?? null;
      if (hop === undefined || cross === null) continue;
      const offer = (atNs: number, frameBytes: number): void => hop.takeOther(atNs, frameBytes);
      this.#feeds.push(new CrossFeed({ events, cross, queueBytes: hop.model.queueBytes, offer }));
    }
    const { rateBitsPerSec, queueBytes } = this.forward;
    const rate = { rateBitsPerSec, overheadBytes: WIRE_OVERHEAD_BYTES };
    const cross = createCrossTraffic(model.others, rate, createRandom(random.uint32()));
    if (cross === null) return;
    const options = { duplex: 'half', queueBytes, random: createRandom(random.uint32()), sink: null } as const;
    const third = new CsmaStation(this.#medium, options);
    const offer = (atNs: number, frameBytes: number): void => third.offer(atNs, frameBytes, null);
    this.#feeds.push(new CrossFeed({ events, cross, queueBytes, offer }));
  }

  /** Everybody else sends from `startNs` on as if they always had. */
  resumeOthers(startNs: number): void {
    for (const feed of this.#feeds) feed.resume(startNs);
  }
}

/** Null where the path has none. @throws InvariantError where it names a hop that is not there. */
export function openSharedLink({ sharedLink, forward, reverse }: PathModel): SharedLink | null {
  if (sharedLink === undefined) return null;
  const [near, far] = [forward[sharedLink.forwardHop], reverse[sharedLink.reverseHop]];
  if (near === undefined || far === undefined) throw new InvariantError('a shared link names a hop that is not there');
  return new SharedLink(sharedLink, near, far);
}
