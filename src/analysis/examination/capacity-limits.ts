// What kept the capacity from being better, in sentences: bounds, batches, tokens, disagreeing trains, a direction not told.
import { NS_PER_SEC } from '../../model/units.js';
import type { CapacityResult } from '../estimators/capacity.js';
import { OWN_PORT } from '../estimators/own-ceiling.js';
import { LONGEST_INTERRUPT_NS } from '../estimators/stamp-batches.js';
import { selectTrainTraces } from './knowledge.js';
import type { Knowledge } from './knowledge.js';
import { selectPhases } from './supported-quantities.js';
import { readCapacity, readReverseCapacity } from './train-readings.js';

/** Bytes; a few packets more or less are the queue of any link. */
const LEAST_BURST_TOLD = 6000;

/** A line that kept its rate for so long is not called a burst. */
const TELLING_NS = 0.25 * NS_PER_SEC;

export function describeCapacity({ request, traces, path }: Knowledge): string[] {
  if (!selectPhases(request.quantity).includes('rate')) return [];
  if (selectTrainTraces(traces).length === 0) return [];
  const capacity = readCapacity({ traces, path });
  if (capacity === null) return ['Too few packets of the trains came back with stamps to measure capacity'];
  return [...describeForward(capacity), ...describeReverse(readReverseCapacity({ traces, path })?.boundedBy ?? null)];
}

function describeReverse(boundedBy: string | null): string[] {
  if (boundedBy === null) return [];
  return boundedBy.startsWith(OWN_PORT)
    ? [`${boundedBy}: the capacity of the way back is a lower bound`]
    : ['The way back carried all that was sent on it: its capacity is a lower bound'];
}

function describeForward({
  boundedBy,
  isDisputed,
  isCutOff,
  batchNs,
  sharesStamps,
  estimate,
  burstBytes,
  pushedBytes,
  pushedNs,
}: CapacityResult): string[] {
  if (boundedBy !== null) {
    return [`${boundedBy}: the capacity is a lower bound, for bursts of up to ${formatKilobytes(pushedBytes)}`];
  }
  if (isCutOff) {
    return [
      `Only the first ${formatKilobytes(pushedBytes)} of each train passed: a token bucket on the path, and its lasting rate is lower`,
    ];
  }
  const limits: string[] = [];
  if (isDisputed) limits.push('Some trains came at another rate: the path changed, or other traffic shared it');
  if (batchNs !== null) limits.push(describeBatches(batchNs, sharesStamps, estimate.quality === 'poor'));
  if (burstBytes >= LEAST_BURST_TOLD && !isDisputed) {
    limits.push(`About ${formatKilobytes(burstBytes)} pass faster than that at first: a token bucket on the path`);
  }
  if (limits.length === 0 && pushedNs < TELLING_NS) {
    limits.push(
      `Capacity was seen in bursts of up to ${formatKilobytes(pushedBytes)}: a larger token bucket would not show`,
    );
  }
  return limits;
}

function describeBatches(batchNs: number, sharesStamps: boolean, hidesTraffic: boolean): string {
  if (sharesStamps) {
    const shared = `Packets share stamps, one each ${formatMicroseconds(batchNs)}: a port gathers them before it stamps`;
    return hidesTraffic ? `${shared}, and other traffic on the path does not show` : shared;
  }
  const every = `Packets come in batches, one each ${formatMicroseconds(batchNs)}`;
  return batchNs < LONGEST_INTERRUPT_NS
    ? `${every}: a port that gathers them before it stamps; other traffic on the path does not show`
    : `${every}, as on a slotted link (wireless, cable or mobile): its rate over time is given, other traffic does not show`;
}

function formatKilobytes(bytes: number): string {
  return `${Math.round(bytes / 1e3)} kB`;
}

function formatMicroseconds(ns: number): string {
  return ns < 1e6 ? `${Math.round(ns / 1e3)} µs` : `${(ns / 1e6).toFixed(1)} ms`;
}
