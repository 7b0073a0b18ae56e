// Incidents of all boxes: what is kept of each when messages come late, twice, out of order or not at all. No I/O.
import type { FleetIncident } from '../model/fleet.js';
import type { Incident } from '../model/incident.js';
import { NewestRows } from './newest-rows.js';

/** Some 2 kB each. */
const MOST_REMEMBERED = 5_000;
/** States overtake events: an incident that a state names no more gets its own end, with what was found, within this time. */
const GRACE_MS = 180_000;

/** Ids of boxes are unique on the box only. They begin with their time, so that those of all boxes still ascend with it. */
export const qualifyId = (id: string, box: string): string => `${id}@${box}`;

export function readBoxOfId(id: string): string {
  return id.slice(id.lastIndexOf('@') + 1);
}

export function qualifyIncident(incident: Incident, box: string): FleetIncident {
  const { id, partOf } = incident;
  return { ...incident, box, id: qualifyId(id, box), partOf: partOf === null ? null : qualifyId(partOf, box) };
}

export class IncidentBook {
  readonly newest = new NewestRows<FleetIncident>(MOST_REMEMBERED);
  /** Open ones by box. */
  readonly #open = new Map<string, Map<string, FleetIncident>>();
  /** When an open one was first missing in the state of its target, Unix ms by the console's clock. */
  readonly #missing = new Map<string, number>();

  /** From an event, or from the disk at the start. False where it tells nothing new: what is over does not open again. */
  take(incident: FleetIncident): boolean {
    const { id, box } = incident;
    const known = this.newest.find(id) ?? this.#open.get(box)?.get(id) ?? null;
    if (known?.state === 'closed' && incident.state === 'open') return false;
    this.newest.put(incident);
    const open = this.#open.get(box) ?? new Map<string, FleetIncident>();
    if (incident.state === 'open') open.set(id, incident);
    else open.delete(id);
    if (open.size > 0) this.#open.set(box, open);
    else this.#open.delete(box);
    this.#missing.delete(id);
    return true;
  }

  /** From the state of a target: true where nothing was known of it. */
  takeNamed(incident: FleetIncident): boolean {
    this.#missing.delete(incident.id);
    const isKnown = this.newest.find(incident.id) !== null || this.#open.get(incident.box)?.has(incident.id) === true;
    return isKnown ? false : this.take(incident);
  }

  /**
   * Those of a target that are open here and that its state does not name any more, though it had time to tell why: what told of
   * their end was lost. They end with the minute of the state.
   */
  closeUnnamed(
    box: string,
    target: string,
    state: { ids: readonly string[]; atMs: number; nowMs: number },
  ): FleetIncident[] {
    const open = [...(this.#open.get(box)?.values() ?? [])];
    const missing = open.filter((one) => one.target === target && !state.ids.includes(one.id));
    return missing.flatMap((incident) => {
      const sinceMs = this.#missing.get(incident.id) ?? state.nowMs;
      this.#missing.set(incident.id, sinceMs);
      if (state.nowMs - sinceMs < GRACE_MS) return [];
      const closed = { ...incident, state: 'closed' as const, endedMs: Math.max(incident.openedMs, state.atMs) };
      this.take(closed);
      return [closed];
    });
  }

  listOpen(): FleetIncident[] {
    return [...this.#open.values()].flatMap((one) => [...one.values()]).sort((a, b) => (a.id < b.id ? 1 : -1));
  }
}
