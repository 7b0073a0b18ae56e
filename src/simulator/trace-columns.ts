// Fills the columns of a trace as a simulated run goes on. Knows the words of model/trace.ts, nothing of the physics.
import { ETHERNET_HEADER_BYTES, NS_PER_SEC } from '../model/units.js';
import { TRACE_FLAG } from '../model/trace.js';
import type { PathMessage, Trace } from '../model/trace.js';
import type { Answer } from './far-end.js';
import type { PathModel } from './path-model.js';
import type { SimulatedRun } from './simulated-run.js';

const FIRST_TTL = 64;
/** Code 4 of ICMP destination unreachable: fragmentation needed and DF set (RFC 792). */
const FRAGMENTATION_NEEDED = 4;

export class TraceColumns {
  sent = 0;
  readonly #run: SimulatedRun;
  readonly #path: PathModel;
  readonly #count: number;
  readonly #answers = new Map<number, Answer>();
  readonly #messages = new Map<number, PathMessage>();
  readonly #txOffsetNs: Float64Array;
  readonly #farRxOffsetNs: Float64Array;
  readonly #farTxOffsetNs: Float64Array;
  readonly #rxOffsetNs: Float64Array;
  readonly #replySizeBytes: Uint16Array;
  readonly #arrival: Int32Array;
  readonly #farSequence: Float64Array;
  readonly #replyTtl: Uint8Array;
  readonly #flags: Uint16Array;
  #replies = 0;
  #bytes = 0;

  /** Every row starts as canceled: what is sent says so. */
  constructor(run: SimulatedRun, path: PathModel) {
    const { count } = run.schedule;
    this.#run = run;
    this.#path = path;
    this.#count = count;
    this.#txOffsetNs = new Float64Array(count).fill(NaN);
    this.#farRxOffsetNs = new Float64Array(count).fill(NaN);
    this.#farTxOffsetNs = new Float64Array(count).fill(NaN);
    this.#rxOffsetNs = new Float64Array(count).fill(NaN);
    this.#replySizeBytes = new Uint16Array(count);
    this.#arrival = new Int32Array(count).fill(-1);
    this.#farSequence = new Float64Array(count).fill(-1);
    this.#replyTtl = new Uint8Array(count);
    this.#flags = new Uint16Array(count).fill(TRACE_FLAG.canceled);
  }

  /** `txNs` in virtual time, as stamped. */
  recordSent(row: number, txNs: number): void {
    this.#flags[row] = TRACE_FLAG.sent;
    this.#txOffsetNs[row] = txNs - this.#run.startNs;
    this.#bytes += (this.#run.schedule.sizeBytes[row] ?? 0) + ETHERNET_HEADER_BYTES;
    this.sent += 1;
  }

  recordLocalDrop(row: number): void {
    this.#flags[row] = TRACE_FLAG.localDrop;
  }

  /** Router number `hop` (the one that sends on forward[hop]) answered that the packet is too big. */
  recordTooBig(row: number, hop: number, mtuBytes: number): void {
    this.#flags[row] = (this.#flags[row] ?? 0) | TRACE_FLAG.errorReply;
    const count = (this.#messages.get(hop)?.count ?? 0) + 1;
    // TEST-NET-2 (RFC 5737): addresses that belong to nobody.
    const from = `198.51.100.${hop}`;
    this.#messages.set(hop, { kind: 'packet-too-big', code: FRAGMENTATION_NEEDED, from, mtuBytes, count });
  }

  /** Kept until its reply arrives: what the far end stamped is only known then. */
  holdAnswer(row: number, answer: Answer): void {
    this.#answers.set(row, answer);
  }

  /** Replies are recorded in the order in which they arrive; `rxNs` in virtual time, as stamped. */
  recordReply(row: number, rxNs: number, sizeBytes: number): void {
    this.#flags[row] = (this.#flags[row] ?? 0) | TRACE_FLAG.answered;
    this.#rxOffsetNs[row] = rxNs - this.#run.startNs;
    this.#replySizeBytes[row] = sizeBytes;
    this.#arrival[row] = this.#replies;
    this.#replies += 1;
    this.#replyTtl[row] = FIRST_TTL - (this.#path.reverse.length - 1);
    this.#recordFarStamps(row);
  }

  finish(): Trace {
    const { sequence, schedule, startNs, stopBeforeRow } = this.#run;
    const { far, probe } = this.#path;
    return {
      sequenceId: sequence.id,
      clock: 'virtual',
      stamps: { tx: probe.stampSource, rx: probe.stampSource, far: far.kind === 'stamp' ? far.stampSource : null },
      baseNs: BigInt(startNs),
      farBaseNs: BigInt(startNs + this.#farBaseShiftNs()),
      count: this.#count,
      sizeBytes: schedule.sizeBytes.slice(),
      burst: schedule.burst.slice(),
      position: schedule.position.slice(),
      plannedOffsetNs: schedule.offsetNs.slice(),
      txOffsetNs: this.#txOffsetNs,
      farRxOffsetNs: this.#farRxOffsetNs,
      farTxOffsetNs: this.#farTxOffsetNs,
      rxOffsetNs: this.#rxOffsetNs,
      replySizeBytes: this.#replySizeBytes,
      arrival: this.#arrival,
      duplicates: new Uint16Array(this.#count),
      farSequence: this.#farSequence,
      replyTtl: this.#replyTtl,
      flags: this.#flags,
      trafficClass: schedule.trafficClass.slice(),
      farTrafficClass: new Int16Array(this.#count).fill(-1),
      replyTrafficClass: new Int16Array(this.#count).fill(-1),
      flow: schedule.flow.slice(),
      farTrain: null,
      portBytes: null,
      cost: { packets: this.sent, bytes: this.#bytes },
      receiveOverflows: 0,
      clockStepNs: 0,
      messages: [...this.#messages.values()],
      interrupted: stopBeforeRow !== undefined && stopBeforeRow < this.#count,
    };
  }

  #recordFarStamps(row: number): void {
    const { far } = this.#path;
    const answer = this.#answers.get(row);
    if (far.kind !== 'stamp' || answer === undefined) return;
    const shiftNs = far.clockOffsetNs - this.#farBaseShiftNs() - this.#run.startNs;
    this.#farRxOffsetNs[row] = answer.farRxNs + shiftNs;
    this.#farTxOffsetNs[row] = answer.farTxNs + shiftNs;
    this.#farSequence[row] = answer.farSequence;
    this.#flags[row] = (this.#flags[row] ?? 0) | TRACE_FLAG.farStamps;
  }

  /** Whole seconds of the far clock's offset go into its base, the rest stays in the stamps, as real clocks show it. */
  #farBaseShiftNs(): number {
    const { far } = this.#path;
    return far.kind === 'stamp' ? Math.floor(far.clockOffsetNs / NS_PER_SEC) * NS_PER_SEC : 0;
  }
}
