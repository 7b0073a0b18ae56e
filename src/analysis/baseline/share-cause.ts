// One cause, one alarm, over all targets of a box: where most targets from some distance on begin to fail together, the nearest one's
// incident stands for all. The others are kept and told as parts of it, without an alarm and without an examination of their own.
import type { Incident } from '../../model/incident.js';
import { SEGMENTS } from '../../model/monitor.js';
import type { Decision } from './decision.js';
import { clearSum } from './change-sums.js';
import { staysBad } from './kind-watch.js';
import { IS_EXAMINED, replaceIncident, tell } from './incident-record.js';
import { beganTogether, findNearestFailing, listAffected } from './locate-fault.js';
import type { Located, WatchedTarget } from './locate-fault.js';
import type { TargetWatch } from './target-watch.js';

interface Open {
  readonly target: WatchedTarget['target'];
  readonly incident: Incident;
}

/** The incident that each one, by its id, is a part of. */
type Leaders = ReadonlyMap<string, Incident>;

/**
 * `decisions` are those of the minute that ends at `endMs`, Unix ms; what they tell of an incident is changed where it became a part of
 * another. What goes on being bad when that other is over, is an alarm of its own from then on.
 */
export function shareCauses(
  targets: readonly WatchedTarget[],
  { decisions, endMs }: { readonly decisions: readonly Decision[]; readonly endMs: number },
): Located {
  const leaders = findLeaders(targets, listOpenedIds(decisions));
  const watches = targets.map(({ watch }) =>
    watch.incidents.reduce((next, incident) => {
      const leader = leaders.get(incident.id);
      return leader === undefined ? next : replaceIncident(next, { ...incident, partOf: leader.id });
    }, watch),
  );
  const alone = standAlone(restartEvidence(watches), endMs);
  const joined = decisions.flatMap((decision) => joinDecision(decision, leaders));
  const isPart = (one: Decision): boolean => one.kind === 'incident' && leaders.has(one.incident.id);
  // A person reads first what the others refer to.
  const inOrder = [...joined.filter((one) => !isPart(one)), ...joined.filter(isPart)];
  return { watches: alone.watches, decisions: [...inOrder, ...alone.decisions] };
}

function listOpenedIds(decisions: readonly Decision[]): readonly string[] {
  return decisions.flatMap((one) => (one.kind === 'incident' && one.event?.kind === 'opened' ? [one.incident.id] : []));
}

function findLeaders(targets: readonly WatchedTarget[], openedIds: readonly string[]): Leaders {
  const leaders = new Map<string, Incident>();
  const open = listOpen(targets);
  for (const [at, one] of open.entries()) {
    if (!openedIds.includes(one.incident.id)) continue;
    const before = open.slice(0, at);
    const leader = before.find((other) => standsForItself(other, leaders) && isOneCause(targets, one, other));
    if (leader !== undefined) leaders.set(one.incident.id, leader.incident);
  }
  return leaders;
}

/** What may stand for others comes first: the longest open, then the nearest. */
function listOpen(targets: readonly WatchedTarget[]): readonly Open[] {
  const rank = ({ target }: Open): number => SEGMENTS.indexOf(target.segment);
  return targets
    .flatMap(({ target, watch }) => watch.incidents.map((incident) => ({ target, incident })))
    .sort((a, b) => a.incident.openedMs - b.incident.openedMs || rank(a) - rank(b));
}

function standsForItself({ incident }: Open, leaders: Leaders): boolean {
  return incident.partOf === null && !leaders.has(incident.id);
}

/** They began together, and with them most of the targets of the nearest distance where anything did. */
function isOneCause(targets: readonly WatchedTarget[], one: Open, other: Open): boolean {
  if (other.target.name === one.target.name || other.target.port !== one.target.port) return false;
  if (!beganTogether(one.incident, other.incident)) return false;
  const nearest = findNearestFailing(targets, listAffected(targets, one.incident), one.target.port);
  if (nearest === null) return false;
  const rank = SEGMENTS.indexOf(nearest);
  return [one, other].every(({ target }) => SEGMENTS.indexOf(target.segment) >= rank);
}

function joinDecision(decision: Decision, leaders: Leaders): readonly Decision[] {
  if (decision.kind === 'examine') return leaders.has(decision.incidentId) ? [] : [decision];
  if (decision.kind !== 'incident') return [decision];
  const leader = leaders.get(decision.incident.id);
  if (leader === undefined) return [decision];
  const incident = { ...decision.incident, partOf: leader.id };
  const event = decision.event && {
    ...decision.event,
    severity: 'info' as const,
    text: `${decision.event.text} It began with the trouble of ${leader.target}.`,
  };
  return [{ kind: 'incident', incident, event }];
}

/** What gathers while the leader's trouble lasts is the leader's: only what comes later tells whether a part goes on by itself. */
function restartEvidence(watches: readonly TargetWatch[]): readonly TargetWatch[] {
  const lasting = watches.flatMap(({ incidents, kinds }) =>
    incidents.filter(({ kind }) => kinds[kind].calmMinutes === 0).map(({ id }) => id),
  );
  return watches.map((watch) =>
    watch.incidents
      .filter(({ partOf }) => partOf !== null && lasting.includes(partOf))
      .reduce((next, { kind }) => {
        const kinds = { ...next.kinds, [kind]: { ...next.kinds[kind], marks: [], isSure: false } };
        return { ...next, kinds, sums: clearSum(next.sums, kind) };
      }, watch),
  );
}

function standAlone(watches: readonly TargetWatch[], endMs: number): Located {
  const openIds = new Set(watches.flatMap(({ incidents }) => incidents.map(({ id }) => id)));
  const decisions: Decision[] = [];
  const alone = watches.map((watch) =>
    watch.incidents.reduce((next, incident) => {
      if (incident.partOf === null || openIds.has(incident.partOf)) return next;
      if (!staysBad(watch.kinds[incident.kind], incident.kind)) return next;
      const text = `It goes on, though what it began with is over: ${incident.summary}`;
      const told = tell(next, { ...incident, partOf: null }, 'updated', { atMs: endMs, text }, decisions);
      if (IS_EXAMINED[incident.kind])
        decisions.push({ kind: 'examine', target: incident.target, incidentId: incident.id });
      return told;
    }, watch),
  );
  return { watches: alone, decisions };
}
