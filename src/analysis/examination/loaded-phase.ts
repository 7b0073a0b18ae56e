// Delay while the path is full: at rest, then with our load, the far end's and both, each until the queue has found its end or
// what may be spent has.
import { computePatternCost } from '../../model/pattern-cost.js';
import type { Estimate } from '../../model/report.js';
import type { Pattern, Sequence } from '../../model/sequence.js';
import { NS_PER_MS, NS_PER_SEC } from '../../model/units.js';
import { fitCount } from './allowance.js';
import type { Allowance } from './allowance.js';
import { computeLightSize, computeLingerNs } from './knowledge.js';
import type { Knowledge } from './knowledge.js';
import {
  computeFrameGapNs,
  IDLE_SEQUENCE,
  LOAD_KINDS,
  readIdle,
  readLastLoaded,
  selectLoadedRuns,
} from './loaded-readings.js';
import type { LoadKind } from './loaded-readings.js';
import { readCapacity } from './train-readings.js';

const IDLE_PACKETS = 200;
const PROBE_INTERVAL_NS = 10 * NS_PER_MS;
const LARGEST_PACKET = 1500;
/** The loads tried in turn, as times the capacity: the first fills half a second of buffer, the second three. */
const TRIES = [
  { overload: 1.25, durationNs: 2 * NS_PER_SEC },
  { overload: 2, durationNs: 3 * NS_PER_SEC },
] as const;
/** A shorter load fills no buffer worth telling. */
const LEAST_LOAD_NS = 0.4 * NS_PER_SEC;
/** What one load may take of what is left, so that there is some for the loads after it; `both` takes twice as much as one. */
const SHARE_ALONE = 0.9;
const SHARE_OF_SEVERAL = { up: 0.3, down: 0.4, both: 0.9 } as const;
/** Where it is one part of an examination among others, all loads together may cost this much. */
const MOST_BYTES_IN_PASSING = 9e6;
const LONGEST_LINGER_NS = 4 * NS_PER_SEC;

/** Only where it was asked for, or where a thorough examination can pay for it. */
export function planLoaded(knowledge: Knowledge): Sequence | null {
  const { request, path, traces } = knowledge;
  if (request.quantity === null && request.depth !== 'deep') return null;
  const capacity = readCapacity(traces)?.estimate ?? null;
  // Who limits his answers, and a path faster than the probe, cannot be filled.
  if (capacity === null || capacity.limitedBy === 'probe' || path.maxProbesPerSec !== null) return null;
  if (readIdle(traces) === null) return traces.loaded.length === 0 ? planIdle(knowledge) : null;
  const kinds = path.farSends ? LOAD_KINDS : (['up'] as const);
  for (const kind of kinds) {
    const sequence = planLoad(knowledge, kind, capacity);
    if (sequence !== null) return sequence;
  }
  return null;
}

function planIdle({ path, traces, allowance }: Knowledge): Sequence | null {
  const sizeBytes = computeLightSize(path);
  const lingerNs = computeLingerNs(traces);
  const one = computePatternCost({ kind: 'single', sizeBytes });
  const room = { ...allowance, ns: allowance.ns - lingerNs };
  const count = fitCount(IDLE_PACKETS, one.bytes, PROBE_INTERVAL_NS, room);
  const pattern: Pattern = { kind: 'isochronous', count, intervalNs: PROBE_INTERVAL_NS, sizeBytes };
  return count < IDLE_PACKETS ? null : { id: IDLE_SEQUENCE, pattern, dscp: 0, dontFragment: false, lingerNs };
}

/** Once again, harder and longer, where the queue was still growing; null when that is known or cannot be paid. */
function planLoad(knowledge: Knowledge, kind: LoadKind, capacity: Estimate): Sequence | null {
  const { path, traces } = knowledge;
  const allowance = computeRoom(knowledge);
  const runs = selectLoadedRuns(traces, kind).length;
  const plan = TRIES[runs];
  if (plan === undefined || (runs > 0 && readLastLoaded(traces, path, kind)?.isGrowing !== true)) return null;
  // The queue that the load leaves behind drains at the rate of the link.
  const backlogNs = (plan.overload - 1) * plan.durationNs;
  const lingerNs = Math.round(Math.min(LONGEST_LINGER_NS, computeLingerNs(traces) + backlogNs));
  const gapNs = computeFrameGapNs(computeLoadSize(knowledge), plan.overload * capacity.value);
  const durationNs = fitDuration(knowledge, {
    kind,
    gapNs,
    wantedNs: plan.durationNs,
    room: { ...allowance, ns: allowance.ns - lingerNs },
  });
  if (durationNs < LEAST_LOAD_NS) return null;
  const common = { id: `${kind}-${runs + 1}`, dscp: 0, dontFragment: false };
  const pattern = planNear(knowledge, kind, { gapNs, durationNs });
  if (kind === 'up') return { ...common, pattern, lingerNs };
  return { ...common, pattern, farPattern: planFar(knowledge, { gapNs, durationNs }), lingerNs };
}

function computeRoom({ request, traces, allowance }: Knowledge): Allowance {
  if (request.quantity !== null) return allowance;
  const spent = traces.loaded.reduce((sum, { cost }) => sum + cost.bytes, 0);
  return { ...allowance, bytes: Math.max(0, Math.min(allowance.bytes, MOST_BYTES_IN_PASSING - spent)) };
}

interface LoadShape {
  readonly gapNs: number;
  readonly durationNs: number;
}

/** While the far end sends, one small packet stands for the load: the probes beside it are the same. */
function planNear(knowledge: Knowledge, kind: LoadKind, { gapNs, durationNs }: LoadShape): Pattern {
  const probeSizeBytes = computeLightSize(knowledge.path);
  const probes = { kind: 'probed-load', durationNs, probeIntervalNs: PROBE_INTERVAL_NS, probeSizeBytes } as const;
  if (kind === 'down') return { ...probes, loadGapNs: durationNs, loadSizeBytes: probeSizeBytes };
  return { ...probes, loadGapNs: gapNs, loadSizeBytes: computeLoadSize(knowledge) };
}

function planFar(knowledge: Knowledge, { gapNs, durationNs }: LoadShape): Pattern {
  const packetsPerTrain = Math.max(1, Math.floor(durationNs / gapNs));
  const sizeBytes = computeLoadSize(knowledge);
  return { kind: 'train', trains: 1, packetsPerTrain, gapNs, spacingNs: 0, sizeBytes };
}

interface Wish {
  readonly kind: LoadKind;
  readonly gapNs: number;
  readonly wantedNs: number;
  readonly room: Allowance;
}

/** Cut to what may be spent, ns; near and far load are both counted. */
function fitDuration(knowledge: Knowledge, { kind, gapNs, wantedNs, room }: Wish): number {
  const share = knowledge.path.farSends ? SHARE_OF_SEVERAL[kind] : SHARE_ALONE;
  const perInterval = (pattern: Pattern): { packets: number; bytes: number } => computePatternCost(pattern);
  const shape = { gapNs, durationNs: NS_PER_SEC };
  const costs = [planNear(knowledge, kind, shape), ...(kind === 'up' ? [] : [planFar(knowledge, shape)])].map(
    perInterval,
  );
  const bytesPerSec = costs.reduce((sum, { bytes }) => sum + bytes, 0);
  const packetsPerSec = costs.reduce((sum, { packets }) => sum + packets, 0);
  const seconds = Math.min((share * room.bytes) / bytesPerSec, (share * room.packets) / packetsPerSec);
  return Math.floor(Math.min(wantedNs, room.ns, seconds * NS_PER_SEC));
}

function computeLoadSize({ path }: Knowledge): number {
  return Math.min(path.mtuBytes, LARGEST_PACKET);
}
