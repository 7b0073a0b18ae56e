// What kept the capacity from being better, in sentences: bounds, batches, tokens, disagreeing trains, a direction not told.
import type { ExaminationRequest } from '../../../model/examination.js';
import { NS_PER_SEC } from '../../../model/units.js';
import type { CapacityResult } from '../../estimators/capacity/capacity.js';
import { OWN_PORT } from '../../estimators/capacity/own-ceiling.js';
import { LONGEST_INTERRUPT_NS } from '../../estimators/capacity/stamp-batches.js';
import { describeOverrun } from '../plans/capacity-plan.js';
import { selectTrainTraces } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';
import { readCapacity, readReverseCapacity } from '../readings/train-readings.js';

/** Bytes; a few packets more or less are the queue of any link. */
const LEAST_BURST_TOLD = 6000;

/** A line that kept its rate for so long is not called a burst, unless its capacity is all that was asked for. */
const TELLING_NS = 0.25 * NS_PER_SEC;

/** Other quantities send trains for a first idea of the rate: what that idea lacks is no news to who asked for them. */
export function asksForCapacity({ quantity }: ExaminationRequest): boolean {
  return quantity === null || quantity === 'capacity';
}

export function describeCapacity(knowledge: Knowledge): string[] {
  const { request, traces, path } = knowledge;
  if (!asksForCapacity(request)) return [];
  if (selectTrainTraces(traces).length === 0) return [];
  const capacity = readCapacity({ traces, path });
  if (capacity === null) return ['Too few packets of the trains came back with stamps to measure capacity'];
  const reverse = readReverseCapacity({ traces, path });
  const tellingNs = request.quantity === 'capacity' ? Infinity : TELLING_NS;
  return [
    ...describeForward(capacity, tellingNs),
    ...describeReverse(reverse?.boundedBy ?? null),
    ...describeOverrun(knowledge),
  ];
}

function describeReverse(boundedBy: string | null): string[] {
  if (boundedBy === null) return [];
  return boundedBy.startsWith(OWN_PORT)
    ? [`${boundedBy}: the capacity of the way back is a lower bound`]
    : ['The way back carried all that was sent on it: its capacity is a lower bound'];
}

function describeForward(capacity: CapacityResult, tellingNs: number): string[] {
  const { boundedBy, isDisputed, isCutOff, batchNs, sharesStamps, estimate, burstBytes, pushedBytes, pushedNs } =
    capacity;
  if (boundedBy !== null) {
    return [`${boundedBy}: the capacity is a lower bound, for bursts of up to ${formatKilobytes(pushedBytes)}`];
  }
  if (isCutOff) {
    return [
      `Only the first ${formatKilobytes(pushedBytes)} of each train passed: a token bucket on the path, or a host that takes no more at once; the lasting rate is lower`,
    ];
  }
  const limits: string[] = [];
  if (isDisputed) limits.push('Some trains came at another rate: the path changed, or other traffic shared it');
  if (batchNs !== null) limits.push(describeBatches(batchNs, sharesStamps, estimate.quality === 'poor'));
  const toldBucket = burstBytes >= LEAST_BURST_TOLD && !isDisputed;
  if (toldBucket) {
    limits.push(`About ${formatKilobytes(burstBytes)} pass faster than that at first: a token bucket on the path`);
  }
  if (!toldBucket && pushedNs < tellingNs) {
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
