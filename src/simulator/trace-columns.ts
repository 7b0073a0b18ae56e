// Fills the columns of a trace as a simulated run goes on. Knows the words of model/trace.ts, nothing of the physics.
import { ETHERNET_HEADER_BYTES } from '../model/units.js';
import { TRACE_FLAG } from '../model/trace.js';
import type { PathMessage, PortErrors, Trace } from '../model/trace.js';
import { FarTrainColumns } from './far-train-columns.js';
import type { Packet } from './packet.js';
import type { PathModel } from './path-model.js';
import type { SimulatedRun } from './simulated-run.js';

const FIRST_TTL = 64;
/** Code 4 of ICMP destination unreachable: fragmentation needed and DF set (RFC 792). */
const FRAGMENTATION_NEEDED = 4;

export class TraceColumns {
  sent = 0;
  receiveOverflows = 0;
  portErrors: PortErrors | null = null;
  readonly #run: SimulatedRun;
  readonly #path: PathModel;
  readonly #farBaseShiftNs: number;
  readonly #count: number;
  readonly #messages = new Map<number, PathMessage>();
  readonly #txOffsetNs: Float64Array;
  readonly #farRxOffsetNs: Float64Array;
  readonly #farTxOffsetNs: Float64Array;
  readonly #rxOffsetNs: Float64Array;
  readonly #replySizeBytes: Uint16Array;
  readonly #arrival: Int32Array;
  readonly #duplicates: Uint16Array;
  readonly #farSequence: Float64Array;
  readonly #replyTtl: Uint8Array;
  readonly #farTrafficClass: Int16Array;
  readonly #replyTrafficClass: Int16Array;
  readonly #flags: Uint16Array;
  #farTrain: FarTrainColumns | null = null;
  #replies = 0;
  #bytes = 0;

  /**
   * Every row starts as canceled: what is sent says so. `farBaseShiftNs`: whole seconds that the far clock's offsets leave to
   * its base, as real clocks show it.
   */
  constructor(run: SimulatedRun, path: PathModel, farBaseShiftNs: number) {
    const { count } = run.schedule;
    this.#run = run;
    this.#path = path;
    this.#farBaseShiftNs = farBaseShiftNs;
    this.#count = count;
    this.#txOffsetNs = new Float64Array(count).fill(NaN);
    this.#farRxOffsetNs = new Float64Array(count).fill(NaN);
    this.#farTxOffsetNs = new Float64Array(count).fill(NaN);
    this.#rxOffsetNs = new Float64Array(count).fill(NaN);
    this.#replySizeBytes = new Uint16Array(count);
    this.#arrival = new Int32Array(count).fill(-1);
    this.#duplicates = new Uint16Array(count);
    this.#farSequence = new Float64Array(count).fill(-1);
    this.#replyTtl = new Uint8Array(count);
    this.#farTrafficClass = new Int16Array(count).fill(-1);
    this.#replyTrafficClass = new Int16Array(count).fill(-1);
    this.#flags = new Uint16Array(count).fill(TRACE_FLAG.canceled);
  }

  /** Whether nothing more can come: every request is answered and every packet of the far end is here. */
  get isComplete(): boolean {
    const farTrain = this.#farTrain;
    return this.#replies === this.sent && (farTrain === null || farTrain.received === farTrain.sent);
  }

  /** `txNs` in virtual time, as stamped; NaN without a stamp. */
  recordSent(row: number, txNs: number): void {
    this.#flags[row] = TRACE_FLAG.sent | (Number.isNaN(txNs) ? TRACE_FLAG.noTxStamp : 0);
    this.#txOffsetNs[row] = txNs - this.#run.startNs;
    this.#bytes += (this.#run.schedule.sizeBytes[row] ?? 0) + ETHERNET_HEADER_BYTES;
    this.sent += 1;
  }

  recordLocalDrop(row: number): void {
    this.#flags[row] = TRACE_FLAG.localDrop;
  }

  recordNoNeighbour(row: number): void {
    this.#flags[row] = TRACE_FLAG.noNeighbour;
  }

  /** Router number `hop` (the one that sends on forward[hop]) answered that the packet is too big. */
  recordTooBig(row: number, hop: number, mtuBytes: number): void {
    this.#flags[row] = (this.#flags[row] ?? 0) | TRACE_FLAG.errorReply;
    const count = (this.#messages.get(hop)?.count ?? 0) + 1;
    // TEST-NET-2 (RFC 5737): addresses that belong to nobody.
    const from = `198.51.100.${hop}`;
    this.#messages.set(hop, { kind: 'packet-too-big', code: FRAGMENTATION_NEEDED, from, mtuBytes, count });
  }

  /** The far end starts to send; from now on its packets may be recorded. */
  expectFarTrain(): void {
    const { farSchedule } = this.#run;
    if (farSchedule !== undefined) this.#farTrain = new FarTrainColumns(farSchedule);
  }

  /** `farTxNs` on the far clock less the base shift, as stamped. */
  recordFarSent({ row, sizeBytes }: Packet, farTxNs: number): void {
    this.#farTrain?.recordSent(row, farTxNs - this.#run.startNs, sizeBytes + ETHERNET_HEADER_BYTES);
  }

  /** Packets are recorded in the order in which they arrive; `rxNs` in virtual time, as stamped; NaN without. */
  recordArrival(packet: Packet, rxNs: number): void {
    const rxOffsetNs = rxNs - this.#run.startNs;
    if (packet.sender === 'far') this.#farTrain?.recordArrival(packet.row, rxOffsetNs);
    else if ((this.#arrival[packet.row] ?? -1) >= 0)
      this.#duplicates[packet.row] = (this.#duplicates[packet.row] ?? 0) + 1;
    else this.#recordReply(packet, rxOffsetNs);
  }

  finish(): Trace {
    const { sequence, schedule, startNs, stopBeforeRow } = this.#run;
    const { far, probe } = this.#path;
    const farTrain = this.#farTrain;
    return {
      sequenceId: sequence.id,
      clock: 'virtual',
      stamps: { tx: probe.stampSource, rx: probe.stampSource, far: far.kind === 'stamp' ? far.stampSource : null },
      baseNs: BigInt(startNs),
      farBaseNs: BigInt(startNs + this.#farBaseShiftNs),
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
      duplicates: this.#duplicates,
      farSequence: this.#farSequence,
      replyTtl: this.#replyTtl,
      flags: this.#flags,
      trafficClass: schedule.trafficClass.slice(),
      farTrafficClass: this.#farTrafficClass,
      replyTrafficClass: this.#replyTrafficClass,
      flow: schedule.flow.slice(),
      farTrain: farTrain?.finish() ?? null,
      portBytes: null,
      portErrors: this.portErrors,
      cost: { packets: this.sent + (farTrain?.sent ?? 0), bytes: this.#bytes + (farTrain?.bytes ?? 0) },
      receiveOverflows: this.receiveOverflows,
      clockStepNs: 0,
      messages: [...this.#messages.values()],
      interrupted: stopBeforeRow !== undefined && stopBeforeRow < this.#count,
    };
  }

  #recordReply({ row, sizeBytes, trafficClass, answer, extraHops }: Packet, rxOffsetNs: number): void {
    const missing = Number.isNaN(rxOffsetNs) ? TRACE_FLAG.noRxStamp : 0;
    this.#flags[row] = (this.#flags[row] ?? 0) | TRACE_FLAG.answered | missing;
    this.#rxOffsetNs[row] = rxOffsetNs;
    this.#replySizeBytes[row] = sizeBytes;
    this.#arrival[row] = this.#replies;
    this.#replies += 1;
    this.#replyTtl[row] = FIRST_TTL - (this.#path.reverse.length - 1) - extraHops;
    this.#replyTrafficClass[row] = trafficClass;
    if (answer === null || Number.isNaN(answer.farRxNs + answer.farTxNs)) return;
    this.#farRxOffsetNs[row] = answer.farRxNs - this.#run.startNs;
    this.#farTxOffsetNs[row] = answer.farTxNs - this.#run.startNs;
    this.#farSequence[row] = answer.farSequence;
    this.#farTrafficClass[row] = answer.farClass;
    this.#flags[row] = (this.#flags[row] ?? 0) | TRACE_FLAG.farStamps;
  }
}
