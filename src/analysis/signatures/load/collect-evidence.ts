// What all load faults are weighed on: the rows of an examination, the queues and buckets that may have dropped some of them, and where
// queues were seen full. What each fault makes of it is decided elsewhere.
import type { Estimate, Estimates } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { NS_PER_SEC } from '../../../model/units.js';
import { PHASES } from '../../examination/knowledge.js';
import type { TracesByPhase } from '../../examination/knowledge.js';
import type { Observations } from '../observations.js';
import { computeFills, findBrims, findDryRows } from './buckets/brim.js';
import { findBucketPatterns } from './buckets/bucket-patterns.js';
import type { LinkRates } from './buckets/bucket-patterns.js';
import { collectLoadRows, losesAny } from './rows/collect-load-rows.js';
import type { Detail, LoadEvidence } from './load-hypothesis.js';
import type { LoadRows } from './rows/load-rows.js';
import { playBacklog } from './buckets/played-bucket.js';

/** Whether anything was lost that load may explain, without a look at what the path is like. */
export function losesUnderLoad(byPhase: TracesByPhase): boolean {
  return losesAny({ traces: listTraces(byPhase), mute: selectMute(byPhase), mtuBytes: null });
}

/** Seconds of more than the path carries lose packets by intent, and weighing them would take as long as they did. */
const WEIGHED_PHASES = PHASES.filter((phase) => phase !== 'maximum');

/** In the order of sending. */
const listTraces = (byPhase: TracesByPhase): readonly Trace[] => WEIGHED_PHASES.flatMap((phase) => byPhase[phase]);

const selectMute = (byPhase: TracesByPhase): ReadonlySet<Trace> => new Set([...byPhase.mtu, ...byPhase.classes]);

/** null where nothing is to be explained. */
export function collectEvidence(observations: Observations, detail: Detail): LoadEvidence | null {
  const { estimates } = observations;
  const rows = collectRows(observations);
  if (rows === null || rows.lost === 0 || isAllLost(rows)) return null;
  const links = toLinkRates(estimates);
  const fillNs = computeFills(rows);
  const brims = findBrims(rows, fillNs);
  return {
    detail,
    rows,
    observations,
    fillNs,
    isDry: findDryRows(rows, computeLeastQueues(links)),
    brims,
    buckets: findBucketPatterns(rows, { links, brims, detail }),
    backlogs: playBacklogs(rows, estimates),
  };
}

/**
 * Who plans the last experiment and who writes the report ask the same of the same estimates, which are remembered with their traces
 * (`composeEstimates`): forgotten with them.
 */
const rowsSeen = new WeakMap<Estimates, LoadRows | null>();

/** null where nothing was lost. */
function collectRows({ light, byPhase, estimates }: Observations): LoadRows | null {
  const known = rowsSeen.get(estimates);
  if (known !== undefined) return known;
  const limit =
    estimates.mtu !== null && estimates.mtu.failedBytes.forward !== null ? estimates.mtu.forwardBytes : null;
  const collected = {
    traces: listTraces(byPhase),
    light: new Set(light),
    sparse: new Set([...byPhase.spacing, ...byPhase.meet, ...byPhase.separate]),
    mute: selectMute(byPhase),
    mtuBytes: limit,
  };
  const rows = losesAny(collected) ? collectLoadRows(collected) : null;
  rowsSeen.set(estimates, rows);
  return rows;
}

/** Of each direction as far as it is known; of a link that both may share, half. */
function playBacklogs(rows: LoadRows, { capacity, available }: Observations['estimates']): LoadEvidence['backlogs'] {
  const forward = leastOf(capacity.forward, available.forward);
  const reverse = leastOf(capacity.reverse, available.reverse);
  const isShareable = forward !== null && (capacity.forward?.value ?? Infinity) <= MOST_SHARED;
  const play = (way: 'forward' | 'reverse', rate: number | null, link: Estimate | null) =>
    rate === null
      ? []
      : [playBacklog(rows, way, { bytesPerSec: rate / 8, linkBytesPerSec: Math.max(rate, link?.value ?? 0) / 8 })];
  return [
    ...play('forward', forward, capacity.forward),
    ...play('reverse', reverse, capacity.reverse),
    ...(isShareable ? play('forward', forward / 2, null) : []),
  ];
}

/** What four full packets take on each link: no queue that holds less is worth the name. */
function computeLeastQueues({ forward, reverse }: LinkRates): LinkRates {
  const waitOf = (bytesPerSec: number | null): number | null =>
    bytesPerSec === null ? null : (LEAST_QUEUE_BYTES * NS_PER_SEC) / bytesPerSec;
  return { forward: waitOf(forward), reverse: waitOf(reverse) };
}

const LEAST_QUEUE_BYTES = 4 * 1514;

function toLinkRates({ capacity }: Observations['estimates']): LinkRates {
  const bytesOf = (rate: Estimate | null): number | null => (rate === null ? null : rate.value / 8);
  return { forward: bytesOf(capacity.forward), reverse: bytesOf(capacity.reverse) };
}

/** Half duplex ends at 100 Mb/s. */
const MOST_SHARED = 102e6;
/** An uncertain rate counts as no more than twice its lower bound. */
const LEAST_FACTOR = 2;

function leastOf(...rates: readonly (Estimate | null)[]): number | null {
  const known = rates.flatMap((rate) =>
    rate === null ? [] : [Math.min(rate.value, LEAST_FACTOR * (rate.low > 0 ? rate.low : rate.value))],
  );
  const least = known.reduce((a, b) => Math.min(a, b), Infinity);
  return least > 0 && Number.isFinite(least) ? least : null;
}

function isAllLost({ lost, count }: LoadRows): boolean {
  return lost === count;
}
