// The cable, hub or fibre that stations share: who hears which signal from when to when. What they make of it is in
// csma-station.ts.
import { NS_PER_SEC } from '../model/units.js';
import type { EventQueue } from './event-queue.js';
import type { Shipment } from './shipment.js';

/** A frame as a signal, from its preamble to its last bit, or to the end of a jam. */
export interface Signal {
  readonly sender: MediumStation;
  /** Null for traffic of others, whose fate nobody asks for. */
  readonly shipment: Shipment | null;
  /** True if it ended early: a fragment and a jam. */
  isCut: boolean;
}

/** How the medium speaks to a station. */
export interface MediumStation {
  /** The first bit of somebody else's signal is here. */
  hear(signal: Signal): void;
  /** It has passed. */
  loseCarrier(signal: Signal): void;
}

export class SharedMedium {
  readonly #stations: MediumStation[] = [];
  /** Time of one bit. */
  readonly bitNs: number;

  /** `propagationNs` is the same between any two stations. */
  constructor(
    readonly events: EventQueue,
    rateBitsPerSec: number,
    readonly propagationNs: number,
  ) {
    this.bitNs = NS_PER_SEC / rateBitsPerSec;
  }

  join(station: MediumStation): void {
    this.#stations.push(station);
  }

  /** The signal's first bit enters the medium now. */
  begin(signal: Signal): void {
    this.#tellOthers(signal, (station) => station.hear(signal));
  }

  /** Its last bit has entered the medium now. */
  end(signal: Signal): void {
    this.#tellOthers(signal, (station) => station.loseCarrier(signal));
  }

  #tellOthers(signal: Signal, tell: (station: MediumStation) => void): void {
    const atNs = this.events.nowNs + this.propagationNs;
    for (const station of this.#stations) {
      if (station !== signal.sender) this.events.schedule(atNs, () => tell(station));
    }
  }
}
