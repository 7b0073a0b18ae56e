// Where directions do not disturb each other (full duplex): the packets of a run cross one hop after the other, all of them in
// order, and no event queue is needed.
import type { Packet } from './packet.js';
import type { SimulatedRun } from './simulated-run.js';
import { startFarTrain } from './transit.js';
import type { Departures, Stations, Transit } from './transit.js';

export class OrderedTransit implements Transit {
  constructor(private readonly stations: Stations) {}

  carry(run: SimulatedRun, handedOver: Packet[], departures: Departures): Packet[] {
    const { forward, far, reverse } = this.stations;
    let packets = handedOver;
    for (const [index, hop] of forward.entries()) {
      packets = hop.carry(packets, departures.observeForward(index, hop.model.mtu));
    }
    const replies = far.answerAll(packets);
    const train = startFarTrain(run, far, packets[0], departures.columns);
    packets = train.length === 0 ? replies : [...replies, ...train].sort((a, b) => a.atNs - b.atNs);
    for (const [index, hop] of reverse.entries()) packets = hop.carry(packets, departures.observeReverse(index));
    return packets;
  }
}
