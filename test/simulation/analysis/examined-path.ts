// Runs a whole examination over a simulated path in virtual time, and the paths that the simulations share.
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { InvariantError } from '../../../src/model/errors.js';
import { DEPTH_BUDGET, type Depth, type ExaminationRequest } from '../../../src/model/examination.js';
import type { PathDescription, PortFacts } from '../../../src/model/path.js';
import type { Report } from '../../../src/model/report.js';
import type { Trace } from '../../../src/model/trace.js';
import { NS_PER_MS, NS_PER_SEC, NS_PER_US } from '../../../src/model/units.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import { checkBudget } from '../../../src/sequencer/budget.js';
import type { FarEndModel, HopModel, PathModel } from '../../../src/simulator/path-model.js';
import { createSimulation } from '../../../src/simulator/simulation.js';

export const PORT: PortFacts = {
  name: 'sim0',
  mtuBytes: 1500,
  linkUp: true,
  speedBitsPerSec: null,
  duplex: 'unknown',
  autoNegotiation: null,
  supportedModes: [],
  advertisedModes: [],
  partnerModes: null,
};

/** What a run from one part of the machine to the next costs beside the packets. */
const TURNAROUND_NS = 30 * NS_PER_MS;
/** More steps than any depth plans. */
const MAX_STEPS = 50;

/** What others sent over the last hop forward while the phase `available` lasted; 0 without it. */
export interface OthersTraffic {
  readonly bytes: number;
  readonly ns: number;
  /** Of `ns`: silences of ours that nobody saw are not played. */
  readonly playedNs: number;
}

export interface ExaminedPath {
  readonly report: Report;
  readonly traces: readonly Trace[];
  readonly phases: readonly string[];
  readonly others: OthersTraffic;
}

export interface ExamineOptions {
  readonly seed: number;
  readonly depth?: Depth;
  readonly quantity?: ExaminationRequest['quantity'];
  readonly maxSeconds?: number;
  readonly maxBytes?: number;
  readonly maxLinkShare?: number;
  readonly description?: Partial<PathDescription>;
}

export function describePath(model: PathModel): PathDescription {
  const { port, stampSource } = model.probe;
  const far = model.far.kind === 'stamp' ? model.far.stampSource : null;
  return {
    target: { address: '192.0.2.9', via: 'simulated' },
    port,
    stamps: { tx: stampSource, rx: stampSource, far },
    nextHop: { address: '192.0.2.1', resolved: true },
    mtuBytes: port.mtuBytes,
    minSizeBytes: 64,
    replySize: model.far.kind === 'small-reply' ? 'small' : 'same',
    maxProbesPerSec: null,
    farSends: model.far.kind === 'stamp' && model.far.sends === true,
    abilities: model.probe.abilities ?? null,
    notes: [],
  };
}

export function examine(model: PathModel, options: ExamineOptions): ExaminedPath {
  const { seed, depth = 'normal', quantity = null } = options;
  const { maxSeconds = DEPTH_BUDGET[depth].maxSeconds, maxBytes = DEPTH_BUDGET[depth].maxBytes } = options;
  const startedAt = '2026-01-01T00:00:00Z';
  const request = {
    id: 'TEST',
    startedAt,
    depth,
    quantity,
    maxSeconds,
    maxBytes,
    seed,
    ...(options.maxLinkShare === undefined ? {} : { maxLinkShare: options.maxLinkShare }),
  };
  const path = { ...describePath(model), ...options.description };
  const examination = startExamination(request, path, { packets: 0, bytes: 0 });
  const simulation = createSimulation(model, seed);
  const traces: Trace[] = [];
  const phases: string[] = [];
  const countOthers = (atNs: number): OthersTraffic => {
    const played = simulation.readPlayedTraffic(atNs).at(-1);
    return { bytes: played?.bytes ?? 0, ns: atNs, playedNs: played?.playedNs ?? 0 };
  };
  /** Up to our last packet: waiting for answers is not measuring. */
  const countMet = (): OthersTraffic | null => {
    const met = simulation.readPlayedTraffic(-Infinity).at(-1);
    return met === undefined || met.untilNs <= 0 ? null : { ...met, ns: met.untilNs };
  };
  let before: OthersTraffic | null = null;
  let others: OthersTraffic = { bytes: 0, ns: 0, playedNs: 0 };
  let nowNs = 0;
  let last: Trace | null = null;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const next = examination.next({ elapsedNs: nowNs, trace: last });
    if (next.kind === 'done') return { report: next.report, traces, phases, others };
    const { sequence } = next;
    checkBudget(sequence, next.budget);
    const schedule = planSchedule(sequence);
    const { farPattern } = sequence;
    const far = farPattern && { farSchedule: planSchedule({ ...sequence, pattern: farPattern }) };
    if (next.phase === 'available') before ??= countOthers(nowNs);
    const { trace, endNs } = simulation.run({ sequence, schedule, startNs: nowNs, ...far });
    if (next.phase === 'available') {
      const after = countMet() ?? countOthers(endNs);
      if (before !== null) others = subtract(after, before);
    }
    last = trace;
    traces.push(trace);
    phases.push(next.phase);
    nowNs = endNs + TURNAROUND_NS;
  }
  throw new InvariantError(`the examination did not end in ${MAX_STEPS} steps`);
}

function subtract(after: OthersTraffic, before: OthersTraffic): OthersTraffic {
  return { bytes: after.bytes - before.bytes, ns: after.ns - before.ns, playedNs: after.playedNs - before.playedNs };
}

/** A path whose narrow part stands at its first hop, in its middle or at its last one; the rest is a fast virtual link. */
export interface NarrowPath {
  readonly narrow: Partial<HopModel>;
  readonly place?: 'own-port' | 'forward' | 'reverse';
  readonly stampNoiseNs?: number;
  /** What sending a packet costs the probe; 1.3 us is 770,000 packets a second. */
  readonly sendCostNs?: number;
  readonly processing?: { readonly floorNs: number; readonly meanExtraNs: number };
  readonly far?: FarEndModel;
}

export function buildNarrowPath(path: NarrowPath): PathModel {
  const { narrow, place = 'forward', stampNoiseNs = 1_500, sendCostNs = 1_300 } = path;
  const processing = path.processing ?? { floorNs: 1_500, meanExtraNs: 500 };
  const fast: HopModel = { rateBitsPerSec: 40e9, propagationNs: 20 * NS_PER_US, queueBytes: 10e6 };
  // The cost of sending is a link that takes the same time for every size, as near as one can be built from bytes.
  const sender: HopModel = { rateBitsPerSec: (1514 * 8 * NS_PER_SEC) / sendCostNs, propagationNs: 0, queueBytes: 10e6 };
  const tight: HopModel = { ...fast, ...narrow };
  const stamp = { noiseNs: stampNoiseNs, granularityNs: 1 };
  return {
    probe: {
      port: PORT,
      stampSource: 'kernel',
      txStamp: stamp,
      rxStamp: stamp,
      sendLateness: { floorNs: 500, meanExtraNs: 1_000 },
    },
    forward: place === 'own-port' ? [tight] : place === 'forward' ? [sender, tight] : [sender],
    far: path.far ?? { kind: 'echo', processing },
    reverse: place === 'reverse' ? [tight] : [fast],
  };
}

/** A token bucket of the Linux kernel: tokens pass at line rate, then `rateBitsPerSec`. */
export function buildTokenBucket(rateBitsPerSec: number, burstBytes: number, queueBytes: number): Partial<HopModel> {
  return { tokenBucket: { kind: 'shaper', rateBitsPerSec, burstBytes, queueBytes } };
}
