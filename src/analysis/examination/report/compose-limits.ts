// What kept the figures from being better, in sentences, from the traces themselves.
import type { Trace } from '../../../model/trace.js';
import { TRACE_FLAG } from '../../../model/trace.js';
import { countFlag, countTooBig } from '../../estimators/packet-fate.js';
import { computeRoundTrips, selectOneStampSource } from '../../estimators/round-trip-times.js';
import { describeHeavyLoad } from '../plans/heavy-load.js';
import { composeAvailable } from './compose-available.js';
import { composeEstimates } from './compose-estimates.js';
import { asksForCapacity, describeCapacity } from './capacity-limits.js';
import { DEPTH_PLANS } from '../plans/depth-plan.js';
import { answersTrains, readCapacity } from '../readings/train-readings.js';
import { selectPhases } from '../phases/phases-by-quantity.js';
import { formatCount } from '../../signatures/observations.js';
import { hidesQueueBack } from '../../signatures/bufferbloat.js';
import { TOLERABLE_SHARE } from '../../signatures/probe-limited.js';
import { selectLightTraces, selectTrainTraces } from '../knowledge.js';
import type { Knowledge, PhaseName } from '../knowledge.js';
import { describeLoaded, describeMaximum } from './describe-loads.js';
import { describeClassLimits, describeMtuLimits, describeUntriedPackets } from './packet-limits.js';
import { isReached } from '../phases/reach-phase.js';

/** `ranToEnd` is false where it was stopped: what is missing then is not for want of time or bytes. */
export function composeLimits(knowledge: Knowledge, ranToEnd: boolean): string[] {
  const { path, traces } = knowledge;
  const light = selectLightTraces(traces);
  const all = [...light, ...selectTrainTraces(traces)];
  return [
    ...path.notes,
    ...describeProbe(light, all),
    ...describeStampSources(knowledge),
    ...(ranToEnd ? describeLeftOut(knowledge) : []),
    ...describeCapacity(knowledge),
    ...describeHeavyLoad(knowledge),
    ...describeMaximum(knowledge, ranToEnd),
    ...describeLoaded(knowledge, ranToEnd),
    ...describeQueueBack(knowledge),
    ...describeMtuLimits(knowledge),
    ...describeClassLimits(knowledge),
    ...composeAvailable(knowledge.traces).limits,
  ];
}

function describeProbe(light: readonly Trace[], all: readonly Trace[]): string[] {
  const limits: string[] = [];
  const stepped = all.filter((trace) => trace.clockStepNs !== 0).length;
  if (stepped > 0)
    limits.push(`The clock was stepped during ${stepped} of ${all.length} runs; their stamps were not used`);
  const overflows = all.reduce((sum, trace) => sum + Math.max(0, trace.receiveOverflows || 0), 0);
  if (overflows > 0) limits.push(`The probe itself dropped ${formatCount(overflows, 'received packet')}`);
  const trips = all.map(computeRoundTrips);
  const unusable = trips.reduce((sum, trip) => sum + trip.unusable, 0);
  const usable = trips.reduce((sum, { rows }) => sum + rows.length, 0);
  if (unusable > TOLERABLE_SHARE * (unusable + usable))
    limits.push(`Replies without a usable pair of stamps, which count for loss only: ${unusable}`);
  const refused = light.reduce((sum, trace) => sum + countFlag(trace, TRACE_FLAG.localDrop), 0);
  if (refused > 0) limits.push(`Packets refused by the local send queue, which are not counted as sent: ${refused}`);
  const tooBig = light.reduce((sum, trace) => sum + countTooBig(trace), 0);
  if (tooBig > 0) limits.push(`Packets refused on the way for their size, which are not counted as lost: ${tooBig}`);
  return limits;
}

/** Why the report holds a long queue possible that it did not see. */
function describeQueueBack(knowledge: Knowledge): string[] {
  const { request, path, traces } = knowledge;
  if (request.quantity !== null) return [];
  if (!hidesQueueBack({ path, byPhase: traces, estimates: composeEstimates(knowledge) })) return [];
  return [
    'How long the queue of the way back gets was not seen: what is sent from here comes to it no faster than it drains. A box of ours as target can fill it',
  ];
}

function describeStampSources({ traces }: Knowledge): string[] {
  const even = traces.delay.length > 0 ? traces.delay : traces.reach;
  const left = even.length - selectOneStampSource(even).length;
  return left > 0 ? [`Left out of the delay figures: ${formatCount(left, 'run')} stamped by another source`] : [];
}

/** Phases that were asked for, could have run on this path, and were not paid for. */
function describeLeftOut(knowledge: Knowledge): string[] {
  const { request, path, traces } = knowledge;
  if (traces.reach.length === 0)
    return ['Time or bytes allowed were too few to send anything after the path was opened'];
  if (!isReached(traces)) return [];
  const limits: string[] = [];
  const isLeftOut = (phase: PhaseName): boolean =>
    selectPhases(request.quantity).includes(phase) && traces[phase].length === 0;
  const untold = nameUntold(knowledge, isLeftOut);
  if (untold !== null) limits.push(explainUntold(knowledge, untold));
  if (isLeftOut('delay')) limits.push('Time or bytes allowed were too few for a run of evenly paced packets');
  if (isLeftOut('sizes'))
    limits.push('Propagation and serialisation were not told apart: time, bytes or sizes were too few');
  else if (traces.sizes.length > 0 && composeEstimates(knowledge).propagation === null)
    limits.push('Propagation and serialisation were not told apart: too few packets came back');
  if (request.quantity === 'jitter' && traces.delay.length > 0 && composeEstimates(knowledge).jitter === null)
    limits.push('Too few packets came back, one after another, to tell jitter');
  if (isLeftOut('available') && traces.rate.length > 0 && DEPTH_PLANS[request.depth].streamBytes > 0) {
    const why =
      readCapacity({ traces, path }) === null
        ? 'Too few packets of trains came back'
        : 'Time or bytes allowed were too few for streams';
    limits.push(`${why}: available bandwidth was not measured`);
  }
  return [...limits, ...describeUntriedPackets(knowledge)];
}

/** What was asked for and rests on trains that were not sent. Delay makes do without them. */
function nameUntold({ request }: Knowledge, isLeftOut: (phase: PhaseName) => boolean): string | null {
  if (asksForCapacity(request)) return isLeftOut('rate') || isLeftOut('capacity') ? 'capacity' : null;
  const isOfStreams = request.quantity === 'available' || request.quantity === 'utilization';
  return isOfStreams && isLeftOut('rate') ? 'available bandwidth' : null;
}

function explainUntold({ path, traces }: Knowledge, untold: string): string {
  if (traces.rate.length === 0 && !answersTrains(path)) {
    const rate = `${formatCount(path.maxProbesPerSec ?? 0, 'answer')} a second`;
    return `The target limits itself to ${rate}: too few for packet trains, so ${untold} was not measured`;
  }
  const what = untold === 'capacity' ? 'its lasting capacity' : untold;
  return `Time or bytes allowed were too few to load the path: ${what} was not measured`;
}
