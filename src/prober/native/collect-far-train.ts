// Received frames -> what the far end sent on its own account: which of its packets came and when, and what it said of the rest. Pure.
import type { RunResult } from '../../../device/nic/native-port.js';
import { ProtocolError } from '../../model/errors.js';
import type { Cost } from '../../model/sequence.js';
import type { FarTrain } from '../../model/trace.js';
import { ETHERNET_HEADER_BYTES } from '../../model/units.js';
import { parseReply, type LinkLayer } from '../../packet/reply-match.js';
import { TRAIN_STATUS, type TrainWord } from '../../packet/stamp-train.js';
import type { FarPlan } from './far-train.js';
import type { FarChannel, FarWord } from './probe-kind.js';

export interface CollectFarOptions {
  readonly result: RunResult;
  /** Arrivals of the frames by the clock that the trace uses, ns after its base. */
  readonly rxNs: Float64Array;
  readonly channel: FarChannel;
  readonly plan: FarPlan;
  readonly run: number;
  readonly linkLayer: LinkLayer;
  readonly stampPorts: readonly number[];
  /** What the trace counts the far clock from; 0 where none of its rows was stamped there. */
  readonly farBaseNs: bigint;
}

export interface CollectedFar {
  /** null where the far end did not do what it was asked. */
  readonly train: FarTrain | null;
  readonly farBaseNs: bigint;
  /** What the far end sent. */
  readonly cost: Cost;
  /** Received frames that belong to the train or to its control. */
  readonly frames: number;
  /** The last cookie that came; null where none did. */
  readonly cookie: bigint | null;
}

/** Of these answers `handedOver` is the far end's own count. */
const COUNTING: ReadonlySet<number> = new Set([
  TRAIN_STATUS.running,
  TRAIN_STATUS.complete,
  TRAIN_STATUS.stopped,
  TRAIN_STATUS.failed,
]);

export function collectFarTrain(options: CollectFarOptions): CollectedFar {
  const { run, rxNs } = options;
  const gathered = new Gathering(options);
  let frames = 0;
  forEachFarWord(options, (word, k) => {
    frames += 1;
    if (word.kind === 'answer') gathered.addAnswer(word, word.run === run);
    else if (word.run === run) gathered.addPacket(word, rxNs[k] ?? NaN);
  });
  return { ...gathered.finish(), frames };
}

/** The newest cookie among the answers, null where there is none. */
export function findCookie(options: Omit<FarFrames, 'result'> & { readonly result: RunResult }): bigint | null {
  let cookie: bigint | null = null;
  forEachFarWord(options, (word) => {
    if (word.kind === 'answer') cookie = word.cookie;
  });
  return cookie;
}

type FarFrames = Pick<CollectFarOptions, 'result' | 'channel' | 'linkLayer' | 'stampPorts'>;

function forEachFarWord(options: FarFrames, visit: (word: FarWord, frame: number) => void): void {
  const { rx } = options.result;
  for (let k = 0; k < rx.count; k++) {
    const frame = rx.bytes.subarray(rx.start[k] ?? 0, rx.start[k + 1] ?? 0);
    const word = parseFarWord(frame, options);
    if (word !== null) visit(word, k);
  }
}

function parseFarWord(frame: Uint8Array, { channel, linkLayer, stampPorts }: FarFrames): FarWord | null {
  try {
    return channel.parse(parseReply(frame, linkLayer, stampPorts), frame);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

class Gathering {
  readonly #plan: FarPlan;
  readonly #rxOffsetNs: Float64Array;
  readonly #farTxOffsetNs: Float64Array;
  #farBaseNs: bigint;
  #cookie: bigint | null = null;
  #handedOver = 0;

  constructor({ plan, farBaseNs }: CollectFarOptions) {
    const { count } = plan.schedule;
    this.#plan = plan;
    this.#farBaseNs = farBaseNs;
    this.#rxOffsetNs = new Float64Array(count).fill(NaN);
    this.#farTxOffsetNs = new Float64Array(count).fill(NaN);
  }

  addAnswer(answer: Extract<TrainWord, { kind: 'answer' }>, isOfThisRun: boolean): void {
    this.#cookie = answer.cookie;
    if (!isOfThisRun || !COUNTING.has(answer.status)) return;
    this.#handedOver = Math.max(this.#handedOver, Math.min(answer.handedOver, this.#plan.schedule.count));
  }

  addPacket({ index, sentNs, sizeBytes }: Extract<FarWord, { kind: 'packet' }>, rxNs: number): void {
    const { schedule } = this.#plan;
    // Rates come from the planned size: a packet of another one is none of this train.
    if (index >= schedule.count || sizeBytes !== schedule.sizeBytes[index]) return;
    if (!Number.isNaN(this.#rxOffsetNs[index])) return;
    this.#rxOffsetNs[index] = rxNs;
    // Who sent this one sent those before it, whatever it managed to tell of them.
    this.#handedOver = Math.max(this.#handedOver, index + 1);
    if (sentNs === null) return;
    if (this.#farBaseNs === 0n) this.#farBaseNs = sentNs;
    this.#farTxOffsetNs[index] = Number(sentNs - this.#farBaseNs);
  }

  finish(): Omit<CollectedFar, 'frames'> {
    const { count, sizeBytes, burst, position, offsetNs } = this.#plan.schedule;
    const isSent = new Uint8Array(count).fill(1, 0, this.#handedOver);
    let bytes = 0;
    for (let i = 0; i < this.#handedOver; i++) bytes += (sizeBytes[i] ?? 0) + ETHERNET_HEADER_BYTES;
    const [rxOffsetNs, farTxOffsetNs] = [this.#rxOffsetNs, this.#farTxOffsetNs];
    const rows = { count, sizeBytes, burst, position, plannedOffsetNs: offsetNs };
    return {
      train: this.#handedOver === 0 ? null : { ...rows, isSent, farTxOffsetNs, rxOffsetNs },
      farBaseNs: this.#farBaseNs,
      cost: { packets: this.#handedOver, bytes },
      cookie: this.#cookie,
    };
  }
}
