// An incident and an event as others make them, for tests that only keep and find them.
import type { BoxEvent, Incident } from '../../../src/model/incident.js';

export function buildIncident(id: string, startedMs: number, openedMs: number): Incident {
  return {
    id,
    target: 'target-0',
    kind: 'loss',
    severity: 'warning',
    state: 'open',
    startedMs,
    openedMs,
    endedMs: null,
    metric: 'lossRatio',
    expected: 0.001,
    worst: 0.2,
    segment: null,
    alsoAffected: [],
    partOf: null,
    reportId: null,
    finding: null,
    verdict: null,
    summary: 'Every fifth packet is lost.',
  };
}

export function buildEvent(atMs: number, target: string | null): BoxEvent {
  return {
    id: `e${String(atMs).padStart(15, '0')}`,
    atMs,
    kind: 'mtu-changed',
    severity: 'info',
    target,
    incidentId: null,
    text: 'The path takes 1400 octets.',
  };
}
