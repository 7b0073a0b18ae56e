// Our side of a far end that sends trains: the cookie it gave us, the numbers of the runs, the control packets of each. What they
// look like is the channel's business; sending them the prober's.
import { randomInt } from 'node:crypto';
import type { RunResult } from '../../../device/nic/native-port.js';
import type { Cost, Sequence } from '../../model/sequence.js';
import type { Trace } from '../../model/trace.js';
import { NS_PER_MS, NS_PER_SEC } from '../../model/units.js';
import type { LinkLayer } from '../../packet/reply-match.js';
import type { TrainOperation, TrainShape } from '../../packet/stamp-train.js';
import type { EncodedProbe, ProbeEnvelope } from '../../packet/probe-packet.js';
import { collectFarTrain, findCookie } from './collect-far-train.js';
import { computeControlCost, planControlPackets, planFarTrain, type ControlPacket, type FarPlan } from './far-train.js';
import type { FarChannel } from './probe-kind.js';

/** The reflector takes a cookie for a minute at least; some of that is on its way. */
const COOKIE_NS = 55 * NS_PER_SEC;
const NO_SHAPE: TrainShape = {
  packetBytes: 0,
  trafficClass: 0,
  bursts: 0,
  packets: 0,
  spreadFactor: 1,
  firstGapNs: 0,
  spacingNs: 0,
};

export interface FarEndOptions {
  readonly channel: FarChannel;
  readonly ipVersion: 4 | 6;
  readonly linkLayer: LinkLayer;
  readonly stampPorts: readonly number[];
  /** A clock that never goes back, ms; performance.now without it. */
  readonly readMs?: () => number;
}

/** One train to ask for. */
export interface FarRun {
  readonly plan: FarPlan;
  readonly controls: readonly ControlPacket[];
  readonly run: number;
}

export class FarEnd {
  #cookie: { readonly value: bigint; readonly atMs: number } | null = null;
  #run = randomInt(2 ** 32);
  #number = 0;

  readonly #readMs: () => number;

  constructor(private readonly options: FarEndOptions) {
    this.#readMs = options.readMs ?? (() => performance.now());
  }

  /** Whether it has a cookie that the reflector still takes `forNs` from now: each word to a train carries it. */
  isKnownFor(forNs: number): boolean {
    return this.#cookie !== null && (this.#readMs() - this.#cookie.atMs) * NS_PER_MS + forNs < COOKIE_NS;
  }

  /** @throws UsageError for a pattern the far end cannot send. */
  plan(sequence: Sequence): FarPlan | null {
    const { farPattern } = sequence;
    return farPattern === undefined ? null : planFarTrain(sequence, farPattern, this.options.ipVersion);
  }

  begin(plan: FarPlan): FarRun {
    this.#run = (this.#run + 1) >>> 0;
    return { plan, controls: planControlPackets(plan), run: this.#run };
  }

  encodeHello(envelope: ProbeEnvelope): EncodedProbe {
    return this.#encode(envelope, 'hello', { run: 0, shape: NO_SHAPE });
  }

  encodeControl(envelope: ProbeEnvelope, operation: TrainOperation, far: FarRun): EncodedProbe {
    return this.#encode(envelope, operation, { run: far.run, shape: far.plan.shape });
  }

  #encode(
    envelope: ProbeEnvelope,
    operation: TrainOperation,
    asked: { readonly run: number; readonly shape: TrainShape },
  ): EncodedProbe {
    this.#number += 1;
    return this.options.channel.encodeRequest(
      envelope,
      { operation, cookie: this.#cookie?.value ?? 0n, ...asked },
      this.#number,
    );
  }

  /** Takes the cookie out of what came back to a hello. */
  learnCookie(result: RunResult): void {
    this.#keepCookie(findCookie({ ...this.options, result }));
  }

  /** The trace of our own packets with the far train beside it, and how many frames were not for our own packets. */
  collect(
    trace: Trace,
    far: FarRun,
    { result, controlsSent }: { readonly result: RunResult; readonly controlsSent: number },
  ): { readonly trace: Trace; readonly frames: number } {
    const { rx } = result;
    const rxNs = { hardware: rx.hardwareNs, kernel: rx.kernelNs, user: rx.userNs }[trace.stamps.rx];
    const { plan, run } = far;
    const { farBaseNs } = trace;
    const collected = collectFarTrain({ ...this.options, result, rxNs, plan, run, farBaseNs });
    this.#keepCookie(collected.cookie);
    const control = computeControlCost(controlsSent, this.options.ipVersion);
    const cost = addCosts(addCosts(trace.cost, collected.cost), control);
    return {
      trace: { ...trace, farBaseNs: collected.farBaseNs, farTrain: collected.train, cost },
      frames: collected.frames,
    };
  }

  #keepCookie(value: bigint | null): void {
    if (value !== null) this.#cookie = { value, atMs: this.#readMs() };
  }
}

function addCosts(a: Cost, b: Cost): Cost {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
