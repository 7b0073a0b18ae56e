// Where on the way it failed, told by comparing targets of different distance that were watched at the same time. What failed, and
// whether it did, is decided for each target alone in judge-minute.ts.
import type { Incident, IncidentKind } from '../../model/incident.js';
import { SEGMENTS } from '../../model/monitor.js';
import type { MonitorTarget, Segment } from '../../model/monitor.js';
import type { Decision } from './decision.js';
import { replaceIncident } from './incident-record.js';
import type { TargetWatch } from './target-watch.js';

export interface WatchedTarget {
  readonly target: Pick<MonitorTarget, 'name' | 'segment' | 'port'>;
  readonly watch: TargetWatch;
}

export interface Located {
  /** In the order they were given. */
  readonly watches: readonly TargetWatch[];
  readonly decisions: readonly Decision[];
}

/** Troubles that begin within this time of each other are one, ms. */
const TOGETHER_MS = 300_000;

/** Kinds that one cause shows as, nearer or further off. */
const FAMILIES: Readonly<Record<IncidentKind, 'broken' | 'slow' | 'unmeasured'>> = {
  outage: 'broken',
  loss: 'broken',
  delay: 'slow',
  jitter: 'slow',
  'cannot-measure': 'unmeasured',
};

/**
 * Goes over all open incidents once all targets of a minute are judged. `isLinkUp` is that of the port, null where it is not known.
 * What changes is changed silently: it is no news, but part of the incident.
 */
export function locateFaults(
  targets: readonly WatchedTarget[],
  isLinkUp: (port: string | undefined) => boolean | null,
): Located {
  const decisions: Decision[] = [];
  const watches = targets.map(({ target, watch }) =>
    watch.incidents.reduce((next, incident) => {
      const affected = listAffected(targets, incident);
      const names = affected.map((other) => other.target.name).filter((name) => name !== target.name);
      const segment = findSegment(incident, { own: target, targets, affected, isLinkUp: isLinkUp(target.port) });
      // What was once told apart stays so while the targets recover one after the other.
      const alsoAffected = [...new Set([...incident.alsoAffected, ...names])].sort();
      const located: Incident = { ...incident, segment: segment ?? incident.segment, alsoAffected };
      if (located.segment === incident.segment && alsoAffected.length === incident.alsoAffected.length) return next;
      decisions.push({ kind: 'incident', incident: located, event: null });
      return replaceIncident(next, located);
    }, watch),
  );
  return { watches, decisions };
}

/** Targets with an open incident that began with this one and may have the same cause; its own is among them. */
export function listAffected(targets: readonly WatchedTarget[], incident: Incident): readonly WatchedTarget[] {
  return targets.filter(({ watch }) => watch.incidents.some((other) => beganTogether(other, incident)));
}

/** As one cause lets incidents of different targets begin. */
export function beganTogether(one: Incident, other: Incident): boolean {
  return FAMILIES[one.kind] === FAMILIES[other.kind] && Math.abs(one.startedMs - other.startedMs) <= TOGETHER_MS;
}

/** The nearest segment of which most targets are affected, of those that leave through `port`; null where there is none. */
export function findNearestFailing(
  targets: readonly WatchedTarget[],
  affected: readonly WatchedTarget[],
  port: string | undefined,
): Segment | null {
  const samePort = targets.filter(({ target }) => target.port === port);
  const holds = (segment: Segment): boolean => {
    const ofSegment = samePort.filter(({ target }) => target.segment === segment);
    // More than half, of one at least.
    return ofSegment.length > 0 && ofSegment.filter((one) => affected.includes(one)).length * 2 > ofSegment.length;
  };
  return SEGMENTS.find(holds) ?? null;
}

interface Compared {
  readonly own: WatchedTarget['target'];
  readonly targets: readonly WatchedTarget[];
  readonly affected: readonly WatchedTarget[];
  readonly isLinkUp: boolean | null;
}

/**
 * The nearest segment with an affected target, if most of its targets are affected and something nearer is sound: a sound target, or
 * for the gateway the link. null where nothing nearer is watched.
 */
function findSegment(incident: Incident, { own, targets, affected, isLinkUp }: Compared): Incident['segment'] {
  if (FAMILIES[incident.kind] === 'unmeasured') return isLinkUp === false ? 'link' : 'probe';
  const samePort = targets.filter(({ target }) => target.port === own.port);
  const isAffected = (one: WatchedTarget): boolean => affected.includes(one);
  if (isLinkUp === false) return 'link';
  const nearest = findNearestFailing(targets, affected, own.port);
  // Only some of the targets of a segment are affected: it is theirs, behind what they share with the others.
  if (nearest === null) return own.segment === 'beyond' ? 'beyond' : null;
  const rank = SEGMENTS.indexOf(nearest);
  if (rank > SEGMENTS.indexOf(own.segment)) return null;
  const isSoundNearer = samePort.some(
    (one) => SEGMENTS.indexOf(one.target.segment) < rank && !isAffected(one) && isSound(one.watch),
  );
  if (isSoundNearer) return nearest;
  return nearest === 'link' || (nearest === 'gateway' && isLinkUp === true) ? nearest : null;
}

function isSound({ incidents, lastMs }: TargetWatch): boolean {
  return lastMs !== null && incidents.length === 0;
}
