// What kept the figures of a full path from being better, or from being there, in sentences.
import { NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { SUB_INTERVAL_NS } from '../../estimators/load/maximum-capacity.js';
import type { Knowledge } from '../knowledge.js';
import { LOAD_KINDS, readIdle, readBestLoaded, readNarrower } from '../readings/loaded-readings.js';
import type { LoadedReading } from '../readings/loaded-readings.js';
import { readMaximum } from '../readings/maximum-readings.js';
import type { MaximumResult } from '../readings/maximum-readings.js';
import { selectPhases } from '../phases/phases-by-quantity.js';

/** Packets that left later than planned by more than this waited in this machine. */
const LEAST_OWN_WAIT_NS = 10 * NS_PER_MS;

/** What is missing of an examination that was stopped is not for want of time: `ranToEnd` is false there. */
export function describeMaximum({ request, path, traces }: Knowledge, ranToEnd: boolean): string[] {
  if (!selectPhases(request.quantity).includes('maximum')) return [];
  if (path.maxProbesPerSec !== null) {
    return ['The target limits its answers: a maximum would be that limit, and was not measured'];
  }
  const { forward, reverse } = readMaximum(traces, path);
  if (forward === null && reverse === null)
    return ranToEnd ? ['Time, bytes or answers were too few for a load of a second: no maximum was measured'] : [];
  if (!path.farSends) return forward === null ? [] : describeWay('the maximum', forward);
  const explain = (way: string): string[] =>
    ranToEnd ? [`No maximum ${way}: time, bytes or answers were too few`] : [];
  return [
    ...(forward === null ? explain('forward') : describeWay('the maximum forward', forward)),
    ...(reverse === null ? explain('reverse') : describeWay('the maximum reverse', reverse)),
  ];
}

function describeWay(what: string, { boundedBy, rate }: MaximumResult): string[] {
  const seconds = (rate.intervalNs / NS_PER_SEC).toFixed(2);
  return [
    ...(boundedBy === null ? [] : [`${boundedBy}: ${what} is at least that`]),
    ...(rate.intervalNs < SUB_INTERVAL_NS
      ? [`Time or bytes allowed ended the load early: ${what} is one over ${seconds} s`]
      : []),
  ];
}

/** Only who asked for it hears why it is not there, unless it was stopped. */
export function describeLoaded({ request, path, traces }: Knowledge, ranToEnd: boolean): string[] {
  const readings = LOAD_KINDS.flatMap((kind) => readBestLoaded(traces, path, kind) ?? []);
  if (readings.length === 0) {
    return ranToEnd && request.quantity === 'responsiveness' ? [explainNoLoad({ path, traces })] : [];
  }
  const kinds = path.farSends ? LOAD_KINDS : (['up'] as const);
  const missing = kinds.filter((kind) => !readings.some((reading) => reading.kind === kind));
  return [
    ...(path.replySize === 'same' ? ['The target returns what it is sent: our load filled both directions'] : []),
    ...(ranToEnd && missing.length > 0 ? [`Not loaded, for want of time, bytes or speed: ${missing.join(', ')}`] : []),
    ...readings.flatMap(describeReading),
  ];
}

function describeReading({ kind, isFilled, isGrowing, ownWaitNs }: LoadedReading): string[] {
  const carried = `The path carried all of the load (${kind}), so that the delay is not that of a full path`;
  const growing = `The queue was still growing when the load ended (${kind}): the delay under load is at least that`;
  const waited = `Packets waited up to ${Math.round(ownWaitNs / NS_PER_MS)} ms in this machine before they left (${kind}), which is not counted`;
  return [
    ...(isFilled ? [] : [carried]),
    ...(isGrowing ? [growing] : []),
    ...(ownWaitNs > LEAST_OWN_WAIT_NS ? [waited] : []),
  ];
}

function explainNoLoad({ path, traces }: Pick<Knowledge, 'path' | 'traces'>): string {
  if (path.maxProbesPerSec !== null) return 'The target limits its answers, so that the path could not be filled';
  const capacity = readNarrower(traces);
  const isUnpaid = traces.loaded.length === 0 && (traces.rate.length === 0 || capacity !== null);
  if (capacity?.limitedBy === 'probe')
    return 'The path carries all that this probe can send, so that it could not be filled';
  if (!isUnpaid && (capacity === null || readIdle(traces) === null))
    return 'Too little came back to measure delay under load';
  return 'Time or bytes allowed were too few to fill the path';
}
