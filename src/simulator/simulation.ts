// Runs sequences over a path model in virtual time: same model, same seed, same traces. The physics of a hop is in hop.ts,
// that of the ends in far-end.ts and receiver.ts; what a trace means is decided by its readers.
import { createRandom } from '../model/random.js';
import type { Trace } from '../model/trace.js';
import { drawDelay } from './answering-pace.js';
import { FarEnd } from './far-end.js';
import { Hop } from './hop.js';
import type { PlayedTraffic } from './hop.js';
import { MetTransit } from './met-transit.js';
import { OrderedTransit } from './ordered-transit.js';
import { PortCounters } from './port-counters.js';
import type { Packet } from './packet.js';
import type { PathModel, ProbeModel } from './path-model.js';
import { Pauses } from './pauses.js';
import { QuietEnd } from './quiet-end.js';
import { coalesce, computeTurnNs, ReceiveRing } from './receiver.js';
import { openSharedLink } from './shared-link.js';
import type { SimulatedRun, SimulatedTrace } from './simulated-run.js';
import { createSharedStamper, createStamper } from './stamper.js';
import type { Stamper } from './stamper.js';
import { TraceColumns } from './trace-columns.js';
import { Departures } from './transit.js';
import type { Transit } from './transit.js';

/** A path with a memory: queues, buckets, loss states, clocks and counters carry over from run to run. */
export interface Simulation {
  run(run: SimulatedRun): SimulatedTrace;
  /** Other people's traffic since the start, one entry for each hop forward. */
  readPlayedTraffic(untilNs: number): readonly PlayedTraffic[];
}

/** A single run over a fresh path. */
export function simulateTrace(options: SimulatedRun & { readonly path: PathModel; readonly seed: number }): Trace {
  return createSimulation(options.path, options.seed).run(options).trace;
}

export function createSimulation(path: PathModel, seed: number): Simulation {
  return new PathSimulation(path, seed);
}

class PathSimulation implements Simulation {
  readonly #forward: readonly Hop[];
  readonly #far: FarEnd;
  readonly #transit: Transit;
  readonly #drawLatenessNs: () => number;
  readonly #stampTx: Stamper;
  readonly #stampRx: Stamper;
  readonly #ring: ReceiveRing | null;
  readonly #counters: PortCounters | null;
  readonly #pauses: Pauses | null;

  constructor(
    private readonly path: PathModel,
    seed: number,
  ) {
    const { probe } = path;
    const random = createRandom(seed);
    const link = openSharedLink(path);
    const forward = path.forward.map((model, i) => new Hop(model, random, link?.stationOf('forward', i)));
    const reverse = path.reverse.map((model, i) => new Hop(model, random, link?.stationOf('reverse', i)));
    this.#forward = forward;
    this.#far = new FarEnd(path.far, random);
    const lateness = createRandom(random.uint32());
    this.#drawLatenessNs = () => drawDelay(probe.sendLateness, lateness);
    this.#stampTx = createStamper(probe.txStamp, createRandom(random.uint32()));
    const stampRx = createStamper(probe.rxStamp, createRandom(random.uint32()));
    this.#stampRx = probe.coalescing === undefined ? stampRx : createSharedStamper(stampRx);
    this.#ring = probe.receiveCeiling === undefined ? null : new ReceiveRing(probe.receiveCeiling);
    const stations = { forward, far: this.#far, reverse };
    this.#transit = link === null ? new OrderedTransit(stations) : new MetTransit(stations, link, path.far);
    link?.addOthers(stations, random);
    this.#counters = probe.countsErrors === true ? new PortCounters(reverse.at(-1), link) : null;
    this.#pauses = probe.pauses === undefined ? null : new Pauses(probe.pauses, createRandom(random.uint32()));
  }

  run(run: SimulatedRun): SimulatedTrace {
    const columns = new TraceColumns(run, this.path, this.#far.baseShiftNs);
    const handedOver = planHandOver(run, this.path.probe, {
      drawLatenessNs: this.#drawLatenessNs,
      pauses: this.#pauses,
    });
    const handedOverNs = handedOver.at(-1)?.atNs ?? run.startNs;
    const departures = new Departures(columns, this.#stampTx, (startNs) => this.#far.stampTx(startNs));
    const arriving = this.#send(run, handedOver, departures);
    const deadlineNs = Math.max(handedOverNs, departures.lastStartNs) + run.sequence.lingerNs;
    const sending = { firstNs: handedOver[0]?.atNs ?? run.startNs, lastNs: deadlineNs - run.sequence.lingerNs };
    const quiet = new QuietEnd(run.sequence.quietNs ?? Infinity, sending);
    const lastNs = this.#receive(arriving, { deadlineNs, quiet }, columns);
    // A schedule takes its time also where the port refuses its packets.
    const endNs = columns.isComplete ? Math.max(handedOverNs, lastNs) : Math.min(deadlineNs, quiet.computeNs());
    columns.portErrors = this.#counters?.readRise(columns.receiveOverflows) ?? null;
    return { trace: columns.finish(), endNs: Math.ceil(endNs) };
  }

  #send(run: SimulatedRun, handedOver: Packet[], departures: Departures): Packet[] {
    if (this.path.probe.hasNoNextHop !== true) return this.#transit.carry(run, handedOver, departures);
    for (const { row } of handedOver) departures.columns.recordNoNeighbour(row);
    return [];
  }

  readPlayedTraffic(untilNs: number): readonly PlayedTraffic[] {
    return this.#forward.map((hop) => hop.readPlayedTraffic(untilNs));
  }

  /** Records what arrives in time; gives the instant of the last of it. */
  #receive(arriving: readonly Packet[], { deadlineNs, quiet }: Listening, columns: TraceColumns): number {
    const ring = this.#ring;
    const taken = ring === null ? arriving : arriving.filter((packet) => ring.take(packet));
    columns.receiveOverflows = arriving.length - taken.length;
    const { coalescing } = this.path.probe;
    if (coalescing !== undefined) coalesce(taken, coalescing);
    for (const packet of taken) packet.atNs = this.#pauses?.computeHappensNs(packet.atNs) ?? packet.atNs;
    let lastNs = -Infinity;
    for (const packet of taken) {
      if (packet.atNs > Math.min(deadlineNs, quiet.computeNs())) break;
      quiet.hear(packet.atNs);
      columns.recordArrival(packet, this.#stampRx(packet.atNs));
      lastNs = packet.atNs;
    }
    return lastNs;
  }
}

interface Listening {
  readonly deadlineNs: number;
  readonly quiet: QuietEnd;
}

interface SendingMachine {
  readonly drawLatenessNs: () => number;
  readonly pauses: Pauses | null;
}

/** When the sender hands each row to the port: its planned instant and a lateness, in order, as fast as it can. */
function planHandOver(
  run: SimulatedRun,
  { sendCeiling }: ProbeModel,
  { drawLatenessNs, pauses }: SendingMachine,
): Packet[] {
  const { schedule, startNs, sequence } = run;
  const rows = Math.min(run.stopBeforeRow ?? schedule.count, schedule.count);
  const packets: Packet[] = [];
  let readyNs = startNs;
  for (let row = 0; row < rows; row += 1) {
    const sizeBytes = schedule.sizeBytes[row] ?? 0;
    const plannedClass = schedule.trafficClass[row] ?? 0;
    const dueNs = Math.max(readyNs, startNs + (schedule.offsetNs[row] ?? 0) + drawLatenessNs());
    const atNs = pauses?.computeHappensNs(dueNs) ?? dueNs;
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
      partBytes: sizeBytes,
      extraHops: 0,
      atNs,
    });
  }
  return packets;
}
