// Traces without packets: the one to fill in, the one of a next hop that does not answer, the one stopped before it began.
import type { Cost, Schedule } from '../../model/sequence.js';
import { TRACE_FLAG, type Trace } from '../../model/trace.js';

export type MutableTrace = {
  -readonly [K in keyof Trace]: Trace[K];
};

export function createBlankTrace(sequenceId: string, schedule: Schedule, baseNs: bigint): MutableTrace {
  const { count } = schedule;
  const noStamps = (): Float64Array => new Float64Array(count).fill(NaN);
  return {
    sequenceId,
    clock: 'wall',
    stamps: { tx: 'kernel', rx: 'kernel', far: null },
    baseNs,
    farBaseNs: 0n,
    count,
    sizeBytes: schedule.sizeBytes,
    burst: schedule.burst,
    position: schedule.position,
    plannedOffsetNs: schedule.offsetNs,
    txOffsetNs: noStamps(),
    farRxOffsetNs: noStamps(),
    farTxOffsetNs: noStamps(),
    rxOffsetNs: noStamps(),
    replySizeBytes: new Uint16Array(count),
    arrival: new Int32Array(count).fill(-1),
    duplicates: new Uint16Array(count),
    farSequence: new Float64Array(count).fill(-1),
    replyTtl: new Uint8Array(count),
    flags: new Uint16Array(count),
    trafficClass: schedule.trafficClass,
    farTrafficClass: new Int16Array(count).fill(-1),
    replyTrafficClass: new Int16Array(count).fill(-1),
    flow: schedule.flow,
    farTrain: null,
    portBytes: null,
    cost: { packets: 0, bytes: 0 },
    receiveOverflows: 0,
    clockStepNs: 0,
    messages: [],
    interrupted: false,
  };
}

/** Every packet lost before the first wire: nobody told the link address to send it to. `cost` is that of asking. */
export function createUnaddressedTrace(sequenceId: string, schedule: Schedule, cost: Cost): Trace {
  const trace = createBlankTrace(sequenceId, schedule, 0n);
  trace.flags.fill(TRACE_FLAG.noNeighbour);
  return { ...trace, cost };
}

/** Stopped before its first packet. */
export function createUnsentTrace(
  sequenceId: string,
  schedule: Schedule,
  cost: Cost = { packets: 0, bytes: 0 },
): Trace {
  const trace = createBlankTrace(sequenceId, schedule, 0n);
  trace.flags.fill(TRACE_FLAG.canceled);
  return { ...trace, cost, interrupted: true };
}
