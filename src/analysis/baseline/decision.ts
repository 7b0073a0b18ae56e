// What judging a minute leads to, as data: the server carries it out.
import type { HourNorm } from '../../model/hour-norm.js';
import type { BoxEvent, Incident } from '../../model/incident.js';

/** To be kept, in place of what was kept under its id. With an event it is told to people, without it changed silently. */
export interface IncidentDecision {
  readonly kind: 'incident';
  readonly incident: Incident;
  readonly event: BoxEvent | null;
}

export type Decision =
  | IncidentDecision
  /** A fact by itself, to be kept and told. */
  | { readonly kind: 'event'; readonly event: BoxEvent }
  /** A deep examination is wanted for this incident. Budgets, quiet hours and when the last one was are the server's to weigh. */
  | { readonly kind: 'examine'; readonly target: string; readonly incidentId: string }
  /** An hour more that the target's baseline is made of. */
  | { readonly kind: 'learn'; readonly norm: HourNorm }
  /** Hours before `sinceMs` are of another normal and are forgotten. Comes before the hours that replace them. */
  | { readonly kind: 'forget'; readonly target: string; readonly sinceMs: number };

/** Baselines look back so far, ms: eight weeks. */
const REMEMBERED_MS = 8 * 604_800_000;

/** The hours of one target after these decisions; what is older than eight weeks before the latest is dropped. */
export function applyLearning(norms: readonly HourNorm[], decisions: readonly Decision[]): readonly HourNorm[] {
  let kept = norms;
  for (const decision of decisions) {
    if (decision.kind === 'forget') kept = kept.filter(({ startMs }) => startMs >= decision.sinceMs);
    if (decision.kind === 'learn') {
      const { norm } = decision;
      const oldestMs = norm.startMs - REMEMBERED_MS;
      kept = [...kept.filter(({ startMs }) => startMs > oldestMs && startMs !== norm.startMs), norm];
    }
  }
  return kept;
}
