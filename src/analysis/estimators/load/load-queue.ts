// How long the queue in front of the narrow link got while a load of ours filled it, run by run. Whether that is too long is judged by
// others, as is which loads to send.
import type { Trace } from '../../../model/trace.js';
import { computeMedian } from '../../statistics/quantile.js';
import { computeFates } from '../packet-fate.js';
import { collectOneWaySamples } from '../delay/one-way-samples.js';

export interface LoadQueue {
  /** Delay of the last quarter of the load above that of its fastest packet, ns: 7/8 of the peak of a queue that grows evenly. */
  readonly settledNs: number;
  /** The direction whose queue it was; null where the far end's stamps do not tell. */
  readonly direction: 'forward' | 'reverse' | null;
  readonly packets: number;
  /** Whether the queue took no more, so that it was as long as it gets. */
  readonly isFull: boolean;
}

/** Fewer packets are no load. */
const LEAST_PACKETS = 20;
/** Of a load that meets a full queue more is lost than this. */
const FULL_ABOVE = 0.02;
const LEAST_LOST = 5;
/** Of a queue's delay the one direction has at least this share where the directions are told apart. */
const MOST_OF_IT = 0.7;

/** Of what the probe sent; null where it was no load, or too little of it came back. */
export function measureLoadQueue(trace: Trace): LoadQueue | null {
  const fates = computeFates(trace);
  const sent = fates.filter((fate) => fate !== 'excluded').length;
  const lost = fates.filter((fate) => fate === 'lost').length;
  const samples = collectOneWaySamples([trace], trace.sizeBytes[0] ?? 0);
  if (sent < LEAST_PACKETS || samples.rttNs.length < LEAST_PACKETS) return null;
  const settledNs = computeSettled(samples.rttNs);
  const forwardNs = computeSettled(samples.forwardNs);
  const reverseNs = computeSettled(samples.reverseNs);
  const direction =
    forwardNs >= MOST_OF_IT * settledNs ? 'forward' : reverseNs >= MOST_OF_IT * settledNs ? 'reverse' : null;
  return { settledNs, direction, packets: sent, isFull: lost >= LEAST_LOST && lost > FULL_ABOVE * sent };
}

/** Of what the far end sent on its own account; null where it sent no load. */
export function measureFarLoadQueue({ farTrain }: Trace): LoadQueue | null {
  if (farTrain === null || farTrain.count < LEAST_PACKETS) return null;
  const delayNs = farTrain.rxOffsetNs.map((rxNs, i) => rxNs - (farTrain.farTxOffsetNs[i] ?? Number.NaN));
  const sent = farTrain.isSent.reduce((sum, isSent) => sum + isSent, 0);
  const came = delayNs.filter(Number.isFinite);
  if (came.length < LEAST_PACKETS) return null;
  const lost = sent - came.length;
  const isFull = lost >= LEAST_LOST && lost > FULL_ABOVE * sent;
  return { settledNs: computeSettled(came), direction: 'reverse', packets: sent, isFull };
}

/** Median of the last quarter less the least; NaN where some are missing, so that no comparison holds. */
function computeSettled(delayNs: Float64Array): number {
  const last = delayNs.subarray(Math.floor(0.75 * delayNs.length));
  return computeMedian(last) - delayNs.reduce((least, ns) => Math.min(least, ns), Infinity);
}
