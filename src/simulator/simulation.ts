// Runs sequences over a path model in virtual time: same model, same seed, same traces. The physics of a hop is in hop.ts,
// that of the ends in far-end.ts and receiver.ts; what a trace means is decided by its readers.
import { createRandom } from '../model/random.js';
import type { Trace } from '../model/trace.js';
import { drawDelay, FarEnd } from './far-end.js';
import { Hop } from './hop.js';
import type { HopObserver } from './hop.js';
import type { Packet } from './packet.js';
import type { PathModel, ProbeModel } from './path-model.js';
import { coalesce, computeTurnNs, ReceiveRing } from './receiver.js';
import type { SimulatedRun, SimulatedTrace } from './simulated-run.js';
import { createSharedStamper, createStamper } from './stamper.js';
import type { Stamper } from './stamper.js';
import { TraceColumns } from './trace-columns.js';

/** A path with a memory: queues, buckets, loss states, clocks and counters carry over from run to run. */
export interface Simulation {
  run(run: SimulatedRun): SimulatedTrace;
}

/** A single run over a fresh path. */
export function simulateTrace(options: SimulatedRun & { readonly path: PathModel; readonly seed: number }): Trace {
  return createSimulation(options.path, options.seed).run(options).trace;
}

/**
 * Directions do not disturb each other (full duplex), so that the packets of a run cross one hop after the other, all of
 * them in order, and no event queue is needed.
 */
export function createSimulation(path: PathModel, seed: number): Simulation {
  return new PathSimulation(path, seed);
}

class PathSimulation implements Simulation {
  readonly #forward: readonly Hop[];
  readonly #far: FarEnd;
  readonly #reverse: readonly Hop[];
  readonly #drawLatenessNs: () => number;
  readonly #stampTx: Stamper;
  readonly #stampRx: Stamper;
  readonly #ring: ReceiveRing | null;

  constructor(
    private readonly path: PathModel,
    seed: number,
  ) {
    const { probe } = path;
    const random = createRandom(seed);
    this.#forward = path.forward.map((model) => new Hop(model, random));
    this.#reverse = path.reverse.map((model) => new Hop(model, random));
    this.#far = new FarEnd(path.far, random);
    const lateness = createRandom(random.uint32());
    this.#drawLatenessNs = () => drawDelay(probe.sendLateness, lateness);
    this.#stampTx = createStamper(probe.txStamp, createRandom(random.uint32()));
    const stampRx = createStamper(probe.rxStamp, createRandom(random.uint32()));
    this.#stampRx = probe.coalescing === undefined ? stampRx : createSharedStamper(stampRx);
    this.#ring = probe.receiveCeiling === undefined ? null : new ReceiveRing(probe.receiveCeiling);
  }

  run(run: SimulatedRun): SimulatedTrace {
    const columns = new TraceColumns(run, this.path, this.#far.baseShiftNs);
    const handedOver = planHandOver(run, this.path.probe, this.#drawLatenessNs);
    const handedOverNs = handedOver.at(-1)?.atNs ?? run.startNs;
    const there = this.#carryForward(handedOver, columns);
    const here = this.#carryBack(this.#answer(run, there.packets, columns), columns);
    const sentNs = Math.max(handedOverNs, there.lastStartNs, here.lastStartNs);
    const deadlineNs = sentNs + run.sequence.lingerNs;
    const lastNs = this.#receive(here.packets, deadlineNs, columns);
    // A schedule takes its time also where the port refuses its packets.
    const endNs = columns.isComplete ? Math.max(handedOverNs, lastNs) : deadlineNs;
    return { trace: columns.finish(), endNs: Math.ceil(endNs) };
  }

  #carryForward(handedOver: Packet[], columns: TraceColumns): Carried {
    let lastStartNs = -Infinity;
    let packets = handedOver;
    for (const [index, hop] of this.#forward.entries()) {
      const { mtu } = hop.model;
      packets = hop.carry(packets, {
        onStart: ({ row }, startNs) => {
          if (index > 0) return;
          columns.recordSent(row, this.#stampTx(startNs));
          lastStartNs = Math.max(lastStartNs, startNs);
        },
        onRefused: ({ row }, by) => {
          if (index === 0) columns.recordLocalDrop(row);
          else if (by === 'size' && mtu?.sendsMessage) columns.recordTooBig(row, index, mtu.bytes);
        },
      });
    }
    return { packets, lastStartNs };
  }

  /** Replies, and what the far end sends on its own account from the first request on. */
  #answer({ sequence, farSchedule }: SimulatedRun, requests: readonly Packet[], columns: TraceColumns): Packet[] {
    const { far } = this.path;
    const replies = this.#far.answerAll(requests);
    const first = requests[0];
    if (first === undefined || farSchedule === undefined || far.kind !== 'stamp' || far.sends !== true) return replies;
    columns.expectFarTrain();
    const train = this.#far.startTrain(farSchedule, first.atNs, sequence.dontFragment);
    return [...replies, ...train].sort((a, b) => a.atNs - b.atNs);
  }

  #carryBack(leaving: Packet[], columns: TraceColumns): Carried {
    let lastStartNs = -Infinity;
    const farPort: HopObserver = {
      onStart: (packet, startNs) => {
        if (packet.sender !== 'far') return;
        columns.recordFarSent(packet, this.#far.stampTx(startNs));
        lastStartNs = Math.max(lastStartNs, startNs);
      },
      onRefused: () => undefined,
    };
    let packets = leaving;
    for (const [index, hop] of this.#reverse.entries()) {
      packets = index === 0 ? hop.carry(packets, farPort) : hop.carry(packets);
    }
    return { packets, lastStartNs };
  }

  /** Records what arrives in time; gives the instant of the last of it. */
  #receive(arriving: readonly Packet[], deadlineNs: number, columns: TraceColumns): number {
    const ring = this.#ring;
    const taken = ring === null ? arriving : arriving.filter((packet) => ring.take(packet));
    columns.receiveOverflows = arriving.length - taken.length;
    const { coalescing } = this.path.probe;
    if (coalescing !== undefined) coalesce(taken, coalescing);
    let lastNs = -Infinity;
    for (const packet of taken) {
      if (packet.atNs > deadlineNs) break;
      columns.recordArrival(packet, this.#stampRx(packet.atNs));
      lastNs = packet.atNs;
    }
    return lastNs;
  }
}

interface Carried {
  readonly packets: Packet[];
  /** When the last packet that counts as sent began to leave; −Infinity where none did. */
  readonly lastStartNs: number;
}

/** When the sender hands each row to the port: its planned instant and a lateness, in order, as fast as it can. */
function planHandOver(run: SimulatedRun, { sendCeiling }: ProbeModel, drawLatenessNs: () => number): Packet[] {
  const { schedule, startNs, sequence } = run;
  const rows = Math.min(run.stopBeforeRow ?? schedule.count, schedule.count);
  const packets: Packet[] = [];
  let readyNs = startNs;
  for (let row = 0; row < rows; row += 1) {
    const sizeBytes = schedule.sizeBytes[row] ?? 0;
    const plannedClass = schedule.trafficClass[row] ?? 0;
    const atNs = Math.max(readyNs, startNs + (schedule.offsetNs[row] ?? 0) + drawLatenessNs());
    readyNs = sendCeiling === undefined ? atNs : atNs + computeTurnNs(sizeBytes, sendCeiling);
    packets.push({
      sender: 'probe',
      row,
      flow: schedule.flow[row] ?? 0,
      dontFragment: sequence.dontFragment,
      isCopy: false,
      answer: null,
      sizeBytes,
      plannedClass,
      trafficClass: plannedClass,
      atNs,
    });
  }
  return packets;
}
