// Fills the table of what the far end sent on its own account. Knows the words of model/trace.ts, nothing of the physics.
import type { Schedule } from '../model/sequence.js';
import type { FarTrain } from '../model/trace.js';

export class FarTrainColumns {
  sent = 0;
  received = 0;
  bytes = 0;
  readonly #schedule: Schedule;
  readonly #isSent: Uint8Array;
  readonly #farTxOffsetNs: Float64Array;
  readonly #rxOffsetNs: Float64Array;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#isSent = new Uint8Array(schedule.count);
    this.#farTxOffsetNs = new Float64Array(schedule.count).fill(NaN);
    this.#rxOffsetNs = new Float64Array(schedule.count).fill(NaN);
  }

  /** Offsets are after the trace's bases, as stamped. */
  recordSent(row: number, farTxOffsetNs: number, frameBytes: number): void {
    this.#isSent[row] = 1;
    this.#farTxOffsetNs[row] = farTxOffsetNs;
    this.sent += 1;
    this.bytes += frameBytes;
  }

  /** Only the first copy counts. */
  recordArrival(row: number, rxOffsetNs: number): void {
    if (!Number.isNaN(this.#rxOffsetNs[row])) return;
    this.#rxOffsetNs[row] = rxOffsetNs;
    this.received += 1;
  }

  finish(): FarTrain {
    const { count, sizeBytes, burst, position, offsetNs } = this.#schedule;
    return {
      count,
      sizeBytes: sizeBytes.slice(),
      burst: burst.slice(),
      position: position.slice(),
      plannedOffsetNs: offsetNs.slice(),
      isSent: this.#isSent,
      farTxOffsetNs: this.#farTxOffsetNs,
      rxOffsetNs: this.#rxOffsetNs,
    };
  }
}
