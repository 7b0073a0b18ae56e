// What a simulated run is given and what it gives back.
import type { Schedule, Sequence } from '../model/sequence.js';
import type { Trace } from '../model/trace.js';

export interface SimulatedRun {
  readonly sequence: Sequence;
  readonly schedule: Schedule;
  /** Plan of `sequence.farPattern`; without it, or where the far end does not send, it only answers. */
  readonly farSchedule?: Schedule;
  /** Whole ns of virtual time at which the first packet is due; not before the end of the run before. */
  readonly startNs: number;
  /** Stop sending before this row; without it all rows are sent. */
  readonly stopBeforeRow?: number;
}

export interface SimulatedTrace {
  readonly trace: Trace;
  /** Virtual time at which the run was over: the last arrival if all came, else the end of the linger. */
  readonly endNs: number;
}
