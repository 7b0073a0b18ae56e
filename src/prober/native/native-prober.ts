// A path on a real port: each run becomes one call of the engine and one trace. How the target is reached was decided before.
import { getSystemErrorName } from 'node:util';
import type { NativePort, RunResult } from '../../../device/nic/nic.js';
import { InvariantError } from '../../model/errors.js';
import type { PathDescription, Prober, RunOptions } from '../../model/path.js';
import type { Cost, Schedule, Sequence } from '../../model/sequence.js';
import { isAnswered, TRACE_FLAG, type Trace } from '../../model/trace.js';
import { NS_PER_MS } from '../../model/units.js';
import type { EncodedProbe, ProbeEnvelope, ProbeLink } from '../../packet/probe-packet.js';
import { checkBudget } from '../../sequencer/budget.js';
import { planSchedule } from '../../sequencer/schedule.js';
import { checkSizes } from '../check-sizes.js';
import { createUnaddressedTrace, createUnsentTrace } from './blank-trace.js';
import { collectTrace } from './collect-trace.js';
import { FarEnd, type FarRun } from './far-end.js';
import {
  computeControlBytes,
  computeControlCost,
  mergeDepartures,
  type Departures,
  type FarPlan,
} from './far-train.js';
import { readTrustedNeighbour, resolveNeighbour } from './neighbour.js';
import type { NextHop } from './next-hop.js';
import type { ProbeKind } from './probe-kind.js';
import { planRun } from './plan-run.js';
import { createGoneError, openRawPort } from './raw-port.js';
import { runEngine } from './run-engine.js';
import { countRows, selectRows } from './select-rows.js';

const TTL = 64;
/** A tenth more than a second, since two clocks never agree. */
const REST_MS_PER_SEC = 1_100;
/** Each packet may come back twice, and error messages beside it. */
const FRAMES_PER_PACKET = 3;
const SPARE_FRAMES = 1024;
/** An answer to one of the last rows of a run shows that the next hop still takes our frames. */
const CONFIRMING_ROWS = 3;
/** Greetings to a far end, and the two words that it is to stop: one may be lost. */
const GREETING_OFFSETS_NS = Float64Array.of(0, 10 * NS_PER_MS);
const NEVER = new AbortController().signal;
const FREE: Cost = { packets: 0, bytes: 0 };

export interface NativeProberOptions {
  readonly path: PathDescription;
  readonly openingCost: Cost;
  readonly hop: NextHop;
  readonly kind: ProbeKind;
  readonly stampPorts: readonly number[];
  /** null where nothing there can be asked to send. */
  readonly farEnd: FarEnd | null;
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
  /** While the far end may be sending. */
  #farRunning: Promise<unknown> | null = null;
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
    const farPlan = this.#planFar(sequence);
    const { hop } = this.options;
    const isStopped = (): boolean => signal.aborted || this.#closed;
    if (isStopped()) return createUnsentTrace(sequence.id, schedule);
    let extraCost = await this.#resolve(signal);
    if (isStopped()) return createUnsentTrace(sequence.id, schedule, extraCost);
    if (hop.sendLayer === 'link' && !this.#mac) return createUnaddressedTrace(sequence.id, schedule, extraCost);
    if (farPlan !== null) extraCost = addCosts(extraCost, await this.greetFarEnd(sequence.lingerNs, signal));
    if (isStopped()) return createUnsentTrace(sequence.id, schedule, extraCost);
    const farEnd = this.options.farEnd?.isKnown === true ? this.options.farEnd : null;
    const far = farEnd === null || farPlan === null ? null : farEnd.begin(farPlan);
    const running = this.#runPlanned({ sequence, schedule, far, extraCost }, { signal, onProgress });
    this.#farRunning = far === null ? null : running.catch(() => undefined);
    return running;
  }

  /** null where nothing is asked for, or nobody there could be asked. @throws UsageError for what this far end cannot send. */
  #planFar(sequence: Sequence): FarPlan | null {
    const plan = this.options.farEnd?.plan(sequence) ?? null;
    if (plan === null) return null;
    // The least size is that of our own probes; the plan has looked at its own.
    checkSizes(plan.schedule, { ...this.path, minSizeBytes: 0 }, true);
    return plan;
  }

  async #runPlanned(planned: PlannedRun, options: RunAsked): Promise<Trace> {
    const { sequence, schedule, far, extraCost } = planned;
    const { hop, kind, stampPorts } = this.options;
    const departures = mergeDepartures(schedule, far?.controls ?? []);
    const farPackets = far?.plan.schedule.count ?? 0;
    const expectFrames = this.#comesMultiplied ? 0 : departures.what.length + farPackets;
    const whole = await this.#send(planned, { ...options, departures, expectFrames });
    const result = far === null ? whole : selectRows(whole, departures);
    const collected = { sequenceId: sequence.id, schedule, lingerNs: sequence.lingerNs, expectFrames };
    const heard = { result, kind, linkLayer: hop.linkLayer, stampPorts, hasFarTrain: far !== null };
    const trace = collectTrace({ ...collected, ...heard, resolutionCost: extraCost });
    if (far === null || this.options.farEnd === null) {
      this.#learn(trace, result.rx.count);
      return trace;
    }
    const controlsSent = whole.counters.sent - result.counters.sent;
    const withFar = this.options.farEnd.collect(trace, far, { result, controlsSent });
    this.#learn(trace, result.rx.count - withFar.frames);
    return withFar.trace;
  }

  async #send({ sequence, schedule, far }: PlannedRun, options: SendOptions): Promise<RunResult> {
    const { hop, kind } = this.options;
    const { departures, expectFrames, signal, onProgress } = options;
    kind.beginRun(schedule.count);
    const farPackets = far?.plan.schedule.count ?? 0;
    const port = this.#openPort((departures.what.length + farPackets) * FRAMES_PER_PACKET + SPARE_FRAMES);
    const restNs = Math.max(0, this.#restedAtMs - performance.now()) * NS_PER_MS;
    const isExact = sequence.yieldsProcessor !== true;
    const plan = { offsetNs: departures.offsetNs, lingerNs: sequence.lingerNs, expectFrames, restNs, isExact };
    const run = planRun(plan, (i) => {
      const index = departures.what[i] ?? 0;
      return index < 0 ? this.#encodeControl(port, far, -1 - index) : this.#encode(sequence, schedule, index, port);
    });
    const onSent = (departed: number): void =>
      onProgress?.({ sent: countRows(departures, departed), total: schedule.count });
    const result = await runEngine(port, run, { signal, portName: hop.port, onSent });
    this.#restedAtMs = this.#planRest();
    if (result.stop === 'gone' && result.counters.sent === 0) {
      throw createGoneError(hop.port, { errno: getSystemErrorName(-result.stopErrno), syscall: 'send' });
    }
    if (far !== null && result.stop === 'canceled') await this.#stopFarEnd(port, far);
    return result;
  }

  /** Gets the cookie without which the far end sends nothing, where there is none that it still takes. Free where there is one. */
  async greetFarEnd(patienceNs: number, signal: AbortSignal): Promise<Cost> {
    const { hop, farEnd } = this.options;
    if (farEnd === null || farEnd.isKnown || (hop.sendLayer === 'link' && !this.#mac)) return FREE;
    const port = this.#openPort(SPARE_FRAMES);
    const plan = { offsetNs: GREETING_OFFSETS_NS, lingerNs: patienceNs, expectFrames: 1, restNs: 0, isExact: true };
    const run = planRun(plan, () => farEnd.encodeHello(this.#envelopeControl(port)));
    const result = await runEngine(port, run, { signal, portName: hop.port, onSent: () => undefined });
    farEnd.learnCookie(result);
    return computeControlCost(result.counters.sent, hop.version);
  }

  /** Two packets, whatever was canceled: a far end that hears nothing would go on for half a second. */
  async #stopFarEnd(port: NativePort, far: FarRun): Promise<void> {
    const { farEnd, hop } = this.options;
    if (farEnd === null) return;
    const plan = { offsetNs: new Float64Array(2), lingerNs: 0, expectFrames: 0, restNs: 0, isExact: true };
    const run = planRun(plan, () => farEnd.encodeControl(this.#envelopeControl(port), 'stop', far));
    await runEngine(port, run, { signal: NEVER, portName: hop.port, onSent: () => undefined });
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
    const envelope = this.#envelope(port, {
      trafficClass: schedule.trafficClass[index] ?? 0,
      dontFragment: sequence.dontFragment,
      ipId: index & 0xffff,
      sizeBytes: schedule.sizeBytes[index] ?? 0,
    });
    return this.options.kind.encode(envelope, index, schedule.flow[index] ?? 0);
  }

  #encodeControl(port: NativePort, far: FarRun | null, index: number): EncodedProbe {
    const control = far?.controls[index];
    if (far === null || control === undefined || this.options.farEnd === null) {
      throw new InvariantError(`no control packet ${index} was planned`);
    }
    return this.options.farEnd.encodeControl(this.#envelopeControl(port), control.operation, far);
  }

  #envelopeControl(port: NativePort): ProbeEnvelope {
    const sizeBytes = computeControlBytes(this.options.hop.version);
    return this.#envelope(port, { trafficClass: 0, dontFragment: true, ipId: 0, sizeBytes });
  }

  #envelope(
    port: NativePort,
    packet: Pick<ProbeEnvelope, 'trafficClass' | 'dontFragment' | 'ipId' | 'sizeBytes'>,
  ): ProbeEnvelope {
    const { hop } = this.options;
    const link: ProbeLink | null =
      hop.sendLayer === 'link' && this.#mac ? { sourceMac: port.mac, destinationMac: this.#mac } : null;
    return { link, source: hop.source, destination: hop.target, ttl: TTL, ...packet };
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
    // It ends by telling the far end to stop, for which it needs the port.
    this.#port?.cancel();
    await this.#farRunning;
    const port = this.#port;
    this.#port = null;
    this.#ringFrames = 0;
    this.options.kind.close();
    await port?.close();
  }
}

/** A sequence with all that was decided before its first packet. */
interface PlannedRun {
  readonly sequence: Sequence;
  readonly schedule: Schedule;
  readonly far: FarRun | null;
  /** What was sent before: address resolution, a greeting. */
  readonly extraCost: Cost;
}

interface RunAsked {
  readonly signal: AbortSignal;
  readonly onProgress: RunOptions['onProgress'];
}

interface SendOptions extends RunAsked {
  readonly departures: Departures;
  readonly expectFrames: number;
}

function addCosts(a: Cost, b: Cost): Cost {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
