// Where replies meet later requests on a shared link: from there to the far end and back the packets of a run go one by one, in the
// order of time. Before and behind it they go as in ordered-transit.ts.
import { InvariantError } from '../model/errors.js';
import { FarInbox } from './far-inbox.js';
import type { Hop } from './hop.js';
import type { Packet } from './packet.js';
import type { CoalescingModel, FarEndModel } from './path-model.js';
import type { SharedLink } from './shared-link.js';
import type { SimulatedRun } from './simulated-run.js';
import { startFarTrain } from './transit.js';
import type { Departures, Stations, Transit } from './transit.js';

export class MetTransit implements Transit {
  readonly #farCoalescing: CoalescingModel | undefined;

  constructor(
    private readonly stations: Stations,
    private readonly link: SharedLink,
    far: FarEndModel,
  ) {
    this.#farCoalescing = far.kind === 'stamp' ? far.coalescing : undefined;
  }

  carry(run: SimulatedRun, handedOver: Packet[], departures: Departures): Packet[] {
    const { forward, reverse } = this.stations;
    const { forwardHop, reverseHop } = this.link.model;
    let packets = handedOver;
    for (const [index, hop] of forward.slice(0, forwardHop).entries()) {
      packets = hop.carry(packets, departures.observeForward(index, hop.model.mtu));
    }
    this.link.resumeOthers(run.startNs);
    packets = new Crossing(this.stations, this.link, run, departures).cross(packets, this.#farCoalescing);
    for (const hop of reverse.slice(reverseHop + 1)) packets = hop.carry(packets);
    return packets;
  }
}

/** One run's packets between the shared link and the far end. */
class Crossing {
  readonly #back: Packet[] = [];
  /** Packets of ours that an event is waiting to move on, and hops whose turns one is waiting to serve. */
  #moving = 0;
  readonly #served = new Set<Hop>();
  #hasStartedTrain = false;

  constructor(
    private readonly stations: Stations,
    private readonly link: SharedLink,
    private readonly run: SimulatedRun,
    private readonly departures: Departures,
  ) {}

  /** Gives what comes back over the link, in order. Ends when the fate of every packet is known. */
  cross(packets: readonly Packet[], coalescing: CoalescingModel | undefined): Packet[] {
    const { events, model } = this.link;
    const [near, far] = [this.#hopOf('forward', model.forwardHop), this.#hopOf('reverse', model.reverseHop)];
    const inbox = new FarInbox(events, coalescing, (requests) => this.#answer(requests));
    this.#connectHops(inbox);
    this.#feed(packets, 0, near);
    while (this.#moving + near.pending + far.pending + inbox.pending > 0 && events.step());
    return this.#back.sort((a, b) => a.atNs - b.atNs);
  }

  #connectHops(inbox: FarInbox): void {
    const { forward, reverse } = this.stations;
    const { forwardHop, reverseHop } = this.link.model;
    for (const [index, hop] of forward.entries()) {
      if (index < forwardHop) continue;
      const next = forward[index + 1];
      hop.connect(this.departures.observeForward(index, hop.model.mtu), (packet) => {
        if (next === undefined) this.#move(packet, () => inbox.take(packet));
        else this.#moveTo(next, packet);
      });
    }
    for (const [index, hop] of reverse.slice(0, reverseHop + 1).entries()) {
      hop.connect(this.departures.observeReverse(index), (packet) => {
        if (index === reverseHop) this.#back.push(packet);
        else this.#moveTo(this.#hopOf('reverse', index + 1), packet);
      });
    }
  }

  /** One after the other, so that the queue of events stays short. */
  #feed(packets: readonly Packet[], index: number, near: Hop): void {
    const packet = packets[index];
    if (packet === undefined) return;
    this.#move(packet, () => {
      this.#feed(packets, index + 1, near);
      near.take(packet);
    });
  }

  #answer(requests: readonly Packet[]): void {
    const { far } = this.stations;
    const replies = far.answerAll(requests);
    const train = this.#hasStartedTrain ? [] : startFarTrain(this.run, far, requests[0], this.departures.columns);
    this.#hasStartedTrain = true;
    const port = this.#hopOf('reverse', 0);
    for (const packet of replies) this.#moveTo(port, packet);
    for (const packet of train) this.#moveTo(port, packet);
  }

  #moveTo(hop: Hop, packet: Packet): void {
    this.#move(packet, () => {
      hop.take(packet);
      this.#awaitService(hop);
    });
  }

  #move({ atNs }: Packet, act: () => void): void {
    this.#moving += 1;
    this.link.events.schedule(atNs, () => {
      this.#moving -= 1;
      act();
    });
  }

  /** Where packets wait for their turn, each turn is an event. */
  #awaitService(hop: Hop): void {
    const { nextServiceNs } = hop;
    if (nextServiceNs === Infinity || this.#served.has(hop)) return;
    const { events } = this.link;
    this.#served.add(hop);
    this.#moving += 1;
    events.schedule(nextServiceNs, () => {
      this.#served.delete(hop);
      this.#moving -= 1;
      hop.serve(events.nowNs);
      this.#awaitService(hop);
    });
  }

  #hopOf(way: 'forward' | 'reverse', index: number): Hop {
    const hop = this.stations[way][index];
    if (hop === undefined) throw new InvariantError(`the shared link names ${way} hop ${index}, which is not there`);
    return hop;
  }
}
