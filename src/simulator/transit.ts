// How the packets of a run cross the network: what every way of simulating that is given, and gives back.
import type { FarEnd } from './far-end.js';
import type { Hop, HopObserver } from './hop.js';
import type { Packet } from './packet.js';
import type { SimulatedRun } from './simulated-run.js';
import type { Stamper } from './stamper.js';
import type { TraceColumns } from './trace-columns.js';

/** Lasts as long as the path: hops and far end keep their state from run to run. */
export interface Transit {
  /** Carries what the probe hands over there and back; gives what arrives at the probe, in order. */
  carry(run: SimulatedRun, handedOver: Packet[], departures: Departures): Packet[];
}

export interface Stations {
  readonly forward: readonly Hop[];
  readonly far: FarEnd;
  readonly reverse: readonly Hop[];
}

/** Notes in a trace what leaves the two ends and what hops refuse. */
export class Departures {
  /** When the last packet that counts as sent began to leave; −Infinity where none did. */
  lastStartNs = -Infinity;

  constructor(
    readonly columns: TraceColumns,
    private readonly stampTx: Stamper,
    private readonly stampFarTx: Stamper,
  ) {}

  /** For hop number `index` of the way there. */
  observeForward(index: number, mtu: Hop['model']['mtu']): HopObserver {
    return {
      onStart: ({ row }, startNs) => {
        if (index > 0) return;
        this.columns.recordSent(row, this.stampTx(startNs));
        this.#noteStart(startNs);
      },
      onRefused: ({ row }, by) => {
        if (index === 0) this.columns.recordLocalDrop(row);
        else if (by === 'size' && mtu?.sendsMessage) this.columns.recordTooBig(row, index, mtu.bytes);
      },
    };
  }

  /** For hop number `index` of the way back: the first is the far end's own port. */
  observeReverse(index: number): HopObserver {
    return {
      onStart: (packet, startNs) => {
        if (index > 0 || packet.sender !== 'far') return;
        this.columns.recordFarSent(packet, this.stampFarTx(startNs));
        this.#noteStart(startNs);
      },
      onRefused: () => undefined,
    };
  }

  #noteStart(startNs: number): void {
    this.lastStartNs = Math.max(this.lastStartNs, startNs);
  }
}

/** What the far end sends on its own account from the first request on; nothing where nobody asked it to. */
export function startFarTrain(
  { sequence, farSchedule }: SimulatedRun,
  far: FarEnd,
  first: Packet | undefined,
  columns: TraceColumns,
): Packet[] {
  if (first === undefined || farSchedule === undefined || !far.sends) return [];
  columns.expectFarTrain();
  return far.startTrain(farSchedule, first.atNs, sequence.dontFragment);
}
