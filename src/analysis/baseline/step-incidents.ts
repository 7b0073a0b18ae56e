// Which incidents of a target open, change and end with a minute. One cause shows as several kinds of trouble at once and is told as
// one incident: as long as one is open, what else goes wrong belongs to it. An outage, and what cannot be measured, stand for themselves.
import { INCIDENT_KINDS } from '../../model/incident.js';
import type { Incident, IncidentKind } from '../../model/incident.js';
import type { MonitorTarget } from '../../model/monitor.js';
import type { Assessment, Reading } from './assess-minute.js';
import { clearSum } from './change-sums.js';
import type { Decision } from './decision.js';
import type { Expectation } from './expectation.js';
import {
  addToIncident,
  changeIncident,
  closeIncident,
  describeWorst,
  findOpen,
  openIncident,
  replaceIncident,
} from './incident-record.js';
import { stepKind } from './kind-watch.js';
import type { TargetWatch } from './target-watch.js';

export interface StepFrame {
  /** Begin and end of the minute, Unix ms. */
  readonly atMs: number;
  readonly endMs: number;
  readonly expectation: Expectation;
  readonly thresholds: MonitorTarget['thresholds'];
  /** What follows is added. */
  readonly decisions: Decision[];
}

/** A record anew for each minute that is a little worse would wear out a flash memory: so much of the worst that is kept. */
const LEAST_STEP = 0.1;

const STANDS_ALONE: readonly IncidentKind[] = ['outage', 'cannot-measure'];

export function stepIncidents(watch: TargetWatch, { readings, sums }: Assessment, frame: StepFrame): TargetWatch {
  return INCIDENT_KINDS.reduce((next, kind) => stepOne(next, kind, { ...frame, reading: readings[kind] }), {
    ...watch,
    sums,
  });
}

type KindFrame = StepFrame & { readonly reading: Reading };

function stepOne(before: TargetWatch, kind: IncidentKind, frame: KindFrame): TargetWatch {
  const { atMs, endMs, decisions, reading } = frame;
  // The silence of an outage that is told already is nothing more.
  const isTold = reading.mark === 'unknown' && findOpen(before, 'outage') !== undefined;
  const { watch: kindWatch, change } = stepKind(
    before.kinds[kind],
    isTold ? { ...reading, isCritical: false } : reading,
    { kind, atMs },
  );
  const next = { ...before, kinds: { ...before.kinds, [kind]: kindWatch } };
  switch (change) {
    case 'none':
      return followWorst(next, kind, frame);
    case 'opened': {
      const cover = STANDS_ALONE.includes(kind) ? undefined : findCover(next);
      const opening = { reading, endMs, basis: findBasis(frame, kind), decisions };
      if (cover === undefined) return openIncident(next, kind, opening);
      const added = kindWatch.coveredBy === cover.id ? next : addToIncident(next, cover, kind, opening);
      const covered = { ...kindWatch, open: null, coveredBy: cover.id, calmFactor: before.kinds[kind].calmFactor };
      return { ...added, kinds: { ...added.kinds, [kind]: covered } };
    }
    case 'worse':
      return changeIncident(next, kind, { atMs: endMs, basis: findBasis(frame, kind) }, decisions);
    case 'closed': {
      const covered = listCovered(before, kind);
      // Waits for what belongs to it: tried again with the next minute.
      if (covered.some(({ marks }) => marks.some(({ isBad }) => isBad))) return before;
      const endedMs = Math.max(kindWatch.calmSinceMs ?? atMs, ...covered.map(({ calmSinceMs }) => calmSinceMs ?? 0));
      const value = before.kinds[kind].open?.worst ?? reading.value;
      const worst = { value, basis: findBasis(frame, kind) };
      const closed = closeIncident(next, kind, { atMs: endMs, endedMs, worst }, decisions);
      return { ...closed, sums: clearSum(closed.sums, kind) };
    }
  }
}

function findCover({ incidents }: TargetWatch): Incident | undefined {
  return incidents.find(({ kind }) => kind !== 'cannot-measure');
}

function listCovered(watch: TargetWatch, kind: IncidentKind) {
  const id = findOpen(watch, kind)?.id;
  return INCIDENT_KINDS.map((other) => watch.kinds[other]).filter(
    ({ coveredBy }) => id !== undefined && coveredBy === id,
  );
}

/** Whoever asks sees it; told it is only when it is notable, which is the kind's watch's to say. */
function followWorst(watch: TargetWatch, kind: IncidentKind, frame: KindFrame): TargetWatch {
  const worst = watch.kinds[kind].open?.worst;
  const known = findOpen(watch, kind);
  if (worst === undefined || known === undefined) return watch;
  if (Math.abs(worst - known.worst) < LEAST_STEP * Math.abs(known.worst)) return watch;
  const incident = describeWorst(known, worst, findBasis(frame, kind));
  frame.decisions.push({ kind: 'incident', incident, event: null });
  return replaceIncident(watch, incident);
}

function findBasis({ thresholds, expectation }: StepFrame, kind: IncidentKind): string {
  const name = kind === 'delay' ? 'rttMs' : kind === 'jitter' ? 'jitterMs' : 'lossPercent';
  if (thresholds !== 'learn' && thresholds[name] !== undefined) return 'are the limit set for it';
  if (!expectation.isLearning) return 'are usual at this hour';
  // What less than a day showed of losses says next to nothing of the usual.
  return kind === 'loss' ? 'are taken for usual until a day was seen' : 'were usual so far (less than a day was seen)';
}
