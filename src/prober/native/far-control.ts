// Control packets to a far end that sends trains, put on the wire: greeted for its cookie, told to stop. What they say is FarEnd's.
import type { NativePort } from '../../../device/nic/native-port.js';
import { InvariantError } from '../../model/errors.js';
import type { Cost } from '../../model/sequence.js';
import { NS_PER_MS } from '../../model/units.js';
import type { EncodedProbe, ProbeEnvelope } from '../../packet/probe-packet.js';
import type { FarEnd, FarRun } from './far-end.js';
import { computeControlBytes, computeControlCost } from './far-train.js';
import type { PathPort } from './path-port.js';
import { planRun } from './plan-run.js';

/** One of each may be lost. */
const GREETING_OFFSETS_NS = Float64Array.of(0, 10 * NS_PER_MS);
const STOPS = 2;
const RING_FRAMES = 1024;
const NEVER = new AbortController().signal;

export class FarControl {
  constructor(
    private readonly port: PathPort,
    private readonly farEnd: FarEnd,
    private readonly ipVersion: 4 | 6,
  ) {}

  /** Gets the cookie without which the far end sends nothing. Free where there is one that stays good for `forNs` more. */
  async greet(forNs: number, patienceNs: number, signal: AbortSignal): Promise<Cost> {
    if (this.farEnd.isKnownFor(forNs) || !this.port.isAddressed) return { packets: 0, bytes: 0 };
    const port = this.port.open(RING_FRAMES);
    const plan = { offsetNs: GREETING_OFFSETS_NS, lingerNs: patienceNs, expectFrames: 1, restNs: 0, isExact: true };
    const run = planRun(plan, () => this.farEnd.encodeHello(this.#wrap(port)));
    const result = await this.port.run(port, run, { signal, onSent: null });
    this.farEnd.learnCookie(result);
    return computeControlCost(result.counters.sent, this.ipVersion);
  }

  /** Sends, whatever was canceled: a far end that hears nothing would go on for half a second. */
  async stop(port: NativePort, far: FarRun): Promise<void> {
    const plan = { offsetNs: new Float64Array(STOPS), lingerNs: 0, expectFrames: 0, restNs: 0, isExact: true };
    const run = planRun(plan, () => this.farEnd.encodeControl(this.#wrap(port), 'stop', far));
    await this.port.run(port, run, { signal: NEVER, onSent: null });
  }

  /** The planned control packet of that index. */
  encode(port: NativePort, far: FarRun, index: number): EncodedProbe {
    const control = far.controls[index];
    if (control === undefined) throw new InvariantError(`no control packet ${index} was planned`);
    return this.farEnd.encodeControl(this.#wrap(port), control.operation, far);
  }

  #wrap(port: NativePort): ProbeEnvelope {
    const sizeBytes = computeControlBytes(this.ipVersion);
    return this.port.wrap(port, { trafficClass: 0, dontFragment: true, ipId: 0, sizeBytes });
  }
}
