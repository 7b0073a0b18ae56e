// A path on a real port: each run becomes one call of the engine and one trace. How the target is reached was decided before.
import { getSystemErrorName } from 'node:util';
import type { RunResult } from '../../../device/nic/native-port.js';
import { computeErrorRise, type ErrorCounters } from '../../box/error-counters.js';
import type { Listening } from '../../box/link-watch.js';
import { InvariantError } from '../../model/errors.js';
import type { PathDescription, Prober, RunOptions } from '../../model/path.js';
import type { Cost, Schedule, Sequence } from '../../model/sequence.js';
import { isAnswered, TRACE_FLAG, type Trace } from '../../model/trace.js';
import { NS_PER_MS } from '../../model/units.js';
import { checkBudget } from '../../sequencer/budget.js';
import { planSchedule } from '../../sequencer/schedule.js';
import { checkSizes } from '../check-sizes.js';
import { createUnaddressedTrace, createUnsentTrace } from './blank-trace.js';
import { collectTrace } from './collect-trace.js';
import { FarControl } from './far-control.js';
import type { FarEnd, FarRun } from './far-end.js';
import { computeFarDurationNs, mergeDepartures, type Departures, type FarPlan } from './far-train.js';
import type { NextHop } from './next-hop.js';
import { readOwnQueue } from './own-queue.js';
import { PathPort } from './path-port.js';
import { planRun } from './plan-run.js';
import { computePortBytes, readPortCounters } from './port-counters.js';
import type { ProbeKind } from './probe-kind.js';
import { createGoneError } from './raw-port.js';
import type { RecordRun } from './run-engine.js';
import { countRows, selectRows } from './select-rows.js';

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
  /** null where nothing there can be asked to send. */
  readonly farEnd: FarEnd | null;
  /** null where the next hop did not answer; asked again before each run until it does. */
  readonly mac: Uint8Array | null;
  /** Packets went to the target just now: the first run waits as long as between two probes. */
  readonly justTried: boolean;
  /** Keeps the frames of each run; null where nobody wants them. */
  readonly record: RecordRun | null;
  /** Of the port that frames leave by. */
  readonly errors: ErrorCounters;
  /** On the same port; null where nobody can. The caller closes it. */
  readonly listening: Listening | null;
}

export class NativeProber implements Prober {
  readonly path: PathDescription;
  readonly openingCost: Cost;
  readonly #port: PathPort;
  /** null where nothing there can be asked to send. */
  readonly #farControl: FarControl | null;
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
    const { hop, kind, mac, farEnd, record } = options;
    this.#port = new PathPort({ hop, filter: kind.filter, mac, record });
    this.#farControl = farEnd === null ? null : new FarControl(this.#port, farEnd, hop.version);
    this.#confirmed = mac !== null;
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
    const isStopped = (): boolean => signal.aborted || this.#closed;
    if (isStopped()) return createUnsentTrace(sequence.id, schedule);
    let extraCost = await this.#port.resolve(this.#confirmed, signal);
    if (isStopped()) return createUnsentTrace(sequence.id, schedule, extraCost);
    if (!this.#port.isAddressed) return createUnaddressedTrace(sequence.id, schedule, extraCost);
    if (farPlan !== null) {
      extraCost = addCosts(extraCost, await this.greetFarEnd(computeFarDurationNs(farPlan), sequence.lingerNs, signal));
    }
    if (isStopped()) return createUnsentTrace(sequence.id, schedule, extraCost);
    const far = farPlan === null ? null : this.#beginFar(farPlan);
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

  /** null where the far end did not answer the greeting. */
  #beginFar(plan: FarPlan): FarRun | null {
    const { farEnd } = this.options;
    return farEnd?.isKnownFor(computeFarDurationNs(plan)) === true ? farEnd.begin(plan) : null;
  }

  async #runPlanned(planned: PlannedRun, options: RunAsked): Promise<Trace> {
    const { sequence, schedule, far, extraCost } = planned;
    const { hop, kind, stampPorts, errors, listening } = this.options;
    const departures = mergeDepartures(schedule, far?.controls ?? []);
    const farPackets = far?.plan.schedule.count ?? 0;
    const expectFrames = this.#comesMultiplied ? 0 : departures.what.length + farPackets;
    const before = readPortCounters(hop.port);
    const errorsBefore = errors.read();
    const ownQueue = readOwnQueue(hop.portIndex);
    const whole = await this.#send(planned, { ...options, departures, expectFrames });
    const portBytes = computePortBytes(before, readPortCounters(hop.port));
    const portErrors = computeErrorRise(errorsBefore, errors.read());
    const result = far === null ? whole : selectRows(whole, departures);
    const collected = { sequenceId: sequence.id, schedule, lingerNs: sequence.lingerNs, expectFrames };
    const heard = { result, kind, linkLayer: hop.linkLayer, stampPorts, hasFarTrain: far !== null, ownQueue };
    const trace = {
      ...collectTrace({ ...collected, ...heard, resolutionCost: extraCost }),
      portBytes,
      portErrors,
      heard: listening?.read() ?? null,
    };
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
    const port = this.#port.open((departures.what.length + farPackets) * FRAMES_PER_PACKET + SPARE_FRAMES);
    const restNs = Math.max(0, this.#restedAtMs - performance.now()) * NS_PER_MS;
    const isExact = sequence.yieldsProcessor !== true;
    const { lingerNs, quietNs = 0 } = sequence;
    const plan = { offsetNs: departures.offsetNs, lingerNs, quietNs, expectFrames, restNs, isExact };
    const run = planRun(plan, (i) => {
      const index = departures.what[i] ?? 0;
      if (index < 0 && far !== null && this.#farControl !== null) return this.#farControl.encode(port, far, -1 - index);
      const trafficClass = schedule.trafficClass[index] ?? 0;
      const sizeBytes = schedule.sizeBytes[index] ?? 0;
      const { dontFragment } = sequence;
      const envelope = this.#port.wrap(port, { trafficClass, dontFragment, ipId: index & 0xffff, sizeBytes });
      return kind.encode(envelope, index, schedule.flow[index] ?? 0);
    });
    const onSent =
      onProgress === undefined
        ? null
        : (departed: number): void => onProgress({ sent: countRows(departures, departed), total: schedule.count });
    const result = await this.#port.run(port, run, { signal, onSent });
    this.#restedAtMs = this.#planRest();
    if (result.stop === 'gone' && result.counters.sent === 0) {
      throw createGoneError(hop.port, { errno: getSystemErrorName(-result.stopErrno), syscall: 'send' });
    }
    if (far !== null && result.stop === 'canceled') await this.#farControl?.stop(port, far);
    return result;
  }

  /** Gets a cookie that is good for a train of `forNs`, where there is none yet. */
  async greetFarEnd(forNs: number, patienceNs: number, signal: AbortSignal): Promise<Cost> {
    return (await this.#farControl?.greet(forNs, patienceNs, signal)) ?? FREE;
  }

  /** A target that limits itself counts on from run to run. */
  #planRest(): number {
    const { maxProbesPerSec } = this.options.kind;
    return performance.now() + (maxProbesPerSec === null ? 0 : REST_MS_PER_SEC / maxProbesPerSec);
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

  async close(): Promise<void> {
    this.#closed = true;
    // It ends by telling the far end to stop, for which it needs the port.
    this.#port.cancel();
    await this.#farRunning;
    this.options.kind.close();
    await this.#port.close();
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
