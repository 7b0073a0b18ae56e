// A path on a real port: each run becomes one call of the engine and one trace. How the target is reached was decided before.
import { getSystemErrorName } from 'node:util';
import type { NativePort, RunResult } from '../../../device/nic/nic.js';
import { InvariantError } from '../../model/errors.js';
import type { PathDescription, Prober, RunOptions } from '../../model/path.js';
import type { Cost, Schedule, Sequence } from '../../model/sequence.js';
import { isAnswered, TRACE_FLAG, type Trace } from '../../model/trace.js';
import { NS_PER_MS } from '../../model/units.js';
import type { EncodedProbe, ProbeLink } from '../../packet/probe-packet.js';
import { checkBudget } from '../../sequencer/budget.js';
import { planSchedule } from '../../sequencer/schedule.js';
import { checkSizes } from '../check-sizes.js';
import { createUnaddressedTrace, createUnsentTrace } from './blank-trace.js';
import { collectTrace } from './collect-trace.js';
import { readTrustedNeighbour, resolveNeighbour } from './neighbour.js';
import type { NextHop } from './next-hop.js';
import type { ProbeKind } from './probe-kind.js';
import { planRun } from './plan-run.js';
import { createGoneError, openRawPort } from './raw-port.js';
import { runEngine } from './run-engine.js';

const TTL = 64;
/** A tenth more than a second, since two clocks never agree. */
const REST_MS_PER_SEC = 1_100;
/** Each packet may come back twice, and error messages beside it. */
const FRAMES_PER_PACKET = 3;
const SPARE_FRAMES = 1024;
/** An answer to one of the last rows of a run shows that the next hop still takes our frames. */
const CONFIRMING_ROWS = 3;
const FREE: Cost = { packets: 0, bytes: 0 };

export interface NativeProberOptions {
  readonly path: PathDescription;
  readonly openingCost: Cost;
  readonly hop: NextHop;
  readonly kind: ProbeKind;
  readonly stampPorts: readonly number[];
  /** null where the next hop did not answer; asked again before each run until it does. */
  readonly mac: Uint8Array | null;
  /** Packets went to the target just now: the first run waits as long as between two probes. */
  readonly justTried: boolean;
}

export class NativeProber implements Prober {
  readonly path: PathDescription;
  readonly openingCost: Cost;
  #mac: Uint8Array | null;
  #port: NativePort | null = null;
  #ringFrames = 0;
  #running = false;
  #closed = false;
  /** Whether the end of the last run was answered: then the next hop's link address needs no question. */
  #confirmed: boolean;
  /** In the last run more frames came than rows were settled: counting them does not tell when all answers are there. */
  #comesMultiplied = false;
  /** When the target may be asked again, on the clock of performance.now. */
  #restedAtMs: number;

  constructor(private readonly options: NativeProberOptions) {
    this.path = options.path;
    this.openingCost = options.openingCost;
    this.#mac = options.mac;
    this.#confirmed = options.mac !== null;
    this.#restedAtMs = options.justTried ? this.#planRest() : 0;
  }

  async run(sequence: Sequence, options: RunOptions): Promise<Trace> {
    if (this.#closed) throw new InvariantError('a sequence was started on a closed prober');
    if (this.#running) throw new InvariantError('a sequence was started while another one runs');
    this.#running = true;
    try {
      return await this.#runOne(sequence, options);
    } finally {
      this.#running = false;
    }
  }

  async #runOne(sequence: Sequence, { signal, budget, onProgress }: RunOptions): Promise<Trace> {
    checkBudget(sequence, budget);
    const schedule = planSchedule(sequence);
    checkSizes(schedule, this.path, sequence.dontFragment);
    const { hop, kind, stampPorts } = this.options;
    const isStopped = (): boolean => signal.aborted || this.#closed;
    if (isStopped()) return createUnsentTrace(sequence.id, schedule);
    const resolutionCost = await this.#resolve(signal);
    if (isStopped()) return createUnsentTrace(sequence.id, schedule, resolutionCost);
    if (hop.sendLayer === 'link' && !this.#mac) return createUnaddressedTrace(sequence.id, schedule, resolutionCost);
    const expectFrames = this.#comesMultiplied ? 0 : schedule.count;
    const result = await this.#send(sequence, schedule, { expectFrames, signal, onProgress });
    const collected = { sequenceId: sequence.id, schedule, lingerNs: sequence.lingerNs, expectFrames, resolutionCost };
    const trace = collectTrace({ ...collected, result, kind, linkLayer: hop.linkLayer, stampPorts });
    this.#learn(trace, result.rx.count);
    return trace;
  }

  async #send(sequence: Sequence, schedule: Schedule, options: SendOptions): Promise<RunResult> {
    const { hop, kind } = this.options;
    const { expectFrames, signal, onProgress } = options;
    kind.beginRun(schedule.count);
    const port = this.#openPort(schedule.count * FRAMES_PER_PACKET + SPARE_FRAMES);
    const restNs = Math.max(0, this.#restedAtMs - performance.now()) * NS_PER_MS;
    const plan = { schedule, lingerNs: sequence.lingerNs, expectFrames, restNs };
    const run = planRun(plan, (index) => this.#encode(sequence, schedule, index, port));
    const onSent = (sent: number): void => onProgress?.({ sent, total: schedule.count });
    const result = await runEngine(port, run, { signal, portName: hop.port, onSent });
    this.#restedAtMs = this.#planRest();
    if (result.stop === 'gone' && result.counters.sent === 0) {
      throw createGoneError(hop.port, { errno: getSystemErrorName(-result.stopErrno), syscall: 'send' });
    }
    return result;
  }

  /** A target that limits itself counts on from run to run. */
  #planRest(): number {
    const { maxProbesPerSec } = this.options.kind;
    return performance.now() + (maxProbesPerSec === null ? 0 : REST_MS_PER_SEC / maxProbesPerSec);
  }

  /**
   * The next hop's link address may change (a router taken over by its twin, a card exchanged). The kernel's word goes before ours;
   * after a run whose end nobody answered it is asked for on the link. Who does not answer then keeps the address he had.
   */
  async #resolve(signal: AbortSignal): Promise<Cost> {
    const { hop } = this.options;
    if (hop.sendLayer !== 'link') return FREE;
    const known = readTrustedNeighbour(hop);
    if (known) this.#mac = known;
    if (known || this.#confirmed) return FREE;
    const { mac, cost } = await resolveNeighbour(hop, 1, signal);
    this.#mac = mac ?? this.#mac;
    return cost;
  }

  #learn(trace: Trace, frames: number): void {
    let settled = 0;
    this.#confirmed = false;
    for (let i = 0; i < trace.count; i++) {
      if (isAnswered(trace, i) && i >= trace.count - CONFIRMING_ROWS) this.#confirmed = true;
      if (isAnswered(trace, i) || ((trace.flags[i] ?? 0) & TRACE_FLAG.errorReply) !== 0) settled += 1;
    }
    this.#comesMultiplied = frames > settled;
  }

  #encode(sequence: Sequence, schedule: Schedule, index: number, port: NativePort): EncodedProbe {
    const { hop, kind } = this.options;
    const link: ProbeLink | null =
      hop.sendLayer === 'link' && this.#mac ? { sourceMac: port.mac, destinationMac: this.#mac } : null;
    return kind.encode(
      {
        link,
        source: hop.source,
        destination: hop.target,
        ttl: TTL,
        trafficClass: schedule.trafficClass[index] ?? 0,
        dontFragment: sequence.dontFragment,
        ipId: index & 0xffff,
        sizeBytes: schedule.sizeBytes[index] ?? 0,
      },
      index,
    );
  }

  /** Opened again only for a run that needs a larger ring. */
  #openPort(ringFrames: number): NativePort {
    if (this.#port && ringFrames <= this.#ringFrames) return this.#port;
    void this.#port?.close();
    const { hop, kind } = this.options;
    this.#port = openRawPort({ port: hop.port, sendLayer: hop.sendLayer, filter: kind.filter, ringFrames });
    this.#ringFrames = ringFrames;
    return this.#port;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const port = this.#port;
    this.#port = null;
    this.#ringFrames = 0;
    this.options.kind.close();
    await port?.close();
  }
}

interface SendOptions extends Pick<RunOptions, 'signal'> {
  readonly expectFrames: number;
  readonly onProgress: RunOptions['onProgress'];
}
