// Runs sequences over a path model in virtual time: same model, same seed, same traces. The physics of a hop is in hop.ts;
// what a trace means is decided by its readers.
import { createRandom } from '../model/random.js';
import type { Sequence } from '../model/sequence.js';
import type { Trace } from '../model/trace.js';
import { drawDelay, FarEnd } from './far-end.js';
import { Hop } from './hop.js';
import type { PathModel } from './path-model.js';
import type { SimulatedRun, SimulatedTrace } from './simulated-run.js';
import { createStamper } from './stamper.js';
import { TraceColumns } from './trace-columns.js';

/** A path with a memory: queues, buckets, loss states and counters carry over from run to run. */
export interface Simulation {
  run(run: SimulatedRun): SimulatedTrace;
}

/** A packet on its way, due at the next node at `atNs`. Lists of them are in ascending order of that. */
interface Flight {
  readonly row: number;
  readonly atNs: number;
  readonly sizeBytes: number;
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
  const random = createRandom(seed);
  const forward = path.forward.map((model) => new Hop(model, random));
  const reverse = path.reverse.map((model) => new Hop(model, random));
  const far = new FarEnd(path.far, random);
  const lateness = createRandom(random.uint32());
  const stampTx = createStamper(path.probe.txStamp, createRandom(random.uint32()));
  const stampRx = createStamper(path.probe.rxStamp, createRandom(random.uint32()));

  return {
    run(run) {
      const columns = new TraceColumns(run, path);
      let flights = planHandOver(run, () => drawDelay(path.probe.sendLateness, lateness));
      const handedOverNs = flights.at(-1)?.atNs ?? run.startNs;
      let lastTxNs = handedOverNs;
      for (const [index, hop] of forward.entries()) {
        flights = sendThrough(flights, hop, run.sequence, {
          onStart(row, startNs) {
            if (index > 0) return;
            columns.recordSent(row, stampTx(startNs));
            lastTxNs = Math.max(lastTxNs, startNs);
          },
          onRefused(row, by) {
            if (index === 0) columns.recordLocalDrop(row);
            else if (by === 'size' && hop.model.mtu?.sendsMessage)
              columns.recordTooBig(row, index, hop.model.mtu.bytes);
          },
        });
      }
      flights = answerAll(flights, far, columns);
      for (const hop of reverse) flights = sendThrough(flights, hop, run.sequence);

      const deadlineNs = lastTxNs + run.sequence.lingerNs;
      const replies = flights.filter((reply) => reply.atNs <= deadlineNs);
      for (const reply of replies) columns.recordReply(reply.row, stampRx(reply.atNs), reply.sizeBytes);
      const allCame = replies.length === columns.sent;
      // A schedule takes its time also where the port refuses its packets.
      const endNs = allCame ? Math.max(handedOverNs, replies.at(-1)?.atNs ?? 0) : deadlineNs;
      return { trace: columns.finish(), endNs: Math.ceil(endNs) };
    },
  };
}

/** When the sender hands each row to the port: its planned instant and a lateness, in order. */
function planHandOver(run: SimulatedRun, drawLatenessNs: () => number): Flight[] {
  const { schedule, startNs } = run;
  const rows = Math.min(run.stopBeforeRow ?? schedule.count, schedule.count);
  const flights: Flight[] = [];
  let atNs = startNs;
  for (let row = 0; row < rows; row += 1) {
    atNs = Math.max(atNs, startNs + (schedule.offsetNs[row] ?? 0) + drawLatenessNs());
    flights.push({ row, atNs, sizeBytes: schedule.sizeBytes[row] ?? 0 });
  }
  return flights;
}

interface HopObserver {
  onStart(row: number, startNs: number): void;
  onRefused(row: number, by: 'size' | 'bucket' | 'queue'): void;
}

function sendThrough(flights: readonly Flight[], hop: Hop, sequence: Sequence, observer?: HopObserver): Flight[] {
  const { dontFragment } = sequence;
  const arrived: Flight[] = [];
  for (const { row, atNs, sizeBytes } of flights) {
    const passage = hop.send(atNs, { sizeBytes, dontFragment });
    if (passage.kind === 'refused') {
      observer?.onRefused(row, passage.by);
      continue;
    }
    observer?.onStart(row, passage.startNs);
    if (passage.kind === 'passed') arrived.push({ row, atNs: passage.arriveNs, sizeBytes });
  }
  return hop.mayReorder ? arrived.sort((a, b) => a.atNs - b.atNs) : arrived;
}

function answerAll(requests: readonly Flight[], far: FarEnd, columns: TraceColumns): Flight[] {
  const answers: Flight[] = [];
  for (const { row, atNs, sizeBytes } of requests) {
    const answer = far.answer(atNs, sizeBytes);
    if (answer === null) continue;
    columns.holdAnswer(row, answer);
    answers.push({ row, atNs: answer.leaveNs, sizeBytes: answer.sizeBytes });
  }
  return answers;
}
