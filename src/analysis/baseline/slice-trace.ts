// Some consecutive packets of a trace as a trace of their own: what a minute shows of a run that began before it or lasts beyond it.
import type { Trace } from '../../model/trace.js';
import { listAnsweredRows } from '../estimators/packet-fate.js';
import type { Stretch } from '../estimators/delay/route-changes.js';

/** What is told of the whole run (counters, messages, cost, clock step) stays that of the whole run. */
export function sliceTrace(trace: Trace, { from, to }: Stretch): Trace {
  if (from === 0 && to === trace.count) return trace;
  const lastAnswered = listAnsweredRows(trace).at(-1) ?? -1;
  return {
    ...trace,
    count: to - from,
    sizeBytes: trace.sizeBytes.subarray(from, to),
    burst: trace.burst.subarray(from, to),
    position: trace.position.subarray(from, to),
    plannedOffsetNs: trace.plannedOffsetNs.subarray(from, to),
    txOffsetNs: trace.txOffsetNs.subarray(from, to),
    farRxOffsetNs: trace.farRxOffsetNs.subarray(from, to),
    farTxOffsetNs: trace.farTxOffsetNs.subarray(from, to),
    rxOffsetNs: trace.rxOffsetNs.subarray(from, to),
    replySizeBytes: trace.replySizeBytes.subarray(from, to),
    arrival: trace.arrival.subarray(from, to),
    duplicates: trace.duplicates.subarray(from, to),
    farSequence: trace.farSequence.subarray(from, to),
    replyTtl: trace.replyTtl.subarray(from, to),
    flags: trace.flags.subarray(from, to),
    trafficClass: trace.trafficClass.subarray(from, to),
    farTrafficClass: trace.farTrafficClass.subarray(from, to),
    replyTrafficClass: trace.replyTrafficClass.subarray(from, to),
    flow: trace.flow.subarray(from, to),
    farTrain: null,
    // What was answered later shows that the run was still listened to.
    interrupted: trace.interrupted && lastAnswered < to,
  };
}
