// The discovery message of a box: one device with all its entities, and what became of those it had before. Pure.
import type { BoxIdentity } from '../payloads.js';
import type { Component, EntityFrame } from './component.js';
import { composeEntities } from './entities.js';

/** Platform by key, of every entity that was ever announced, in the order of their first time. */
export type AnnouncedEntities = Readonly<Record<string, Component['p']>>;

export interface Discovery {
  readonly payload: string;
  /** To be given as `before` the next time. */
  readonly announced: AnnouncedEntities;
}

/** Home Assistant may be away while an entity goes, so that it is told for long; then the oldest are forgotten. */
const MOST_GONE = 256;

/** An entity of `before` that is no more is named by its platform alone, which removes it. */
export function composeDiscovery(identity: BoxIdentity, frame: EntityFrame, before: AnnouncedEntities): Discovery {
  const { id, name, version } = identity;
  const entities = composeEntities(frame);
  const gone = Object.entries(before)
    .filter(([key]) => !(key in entities))
    .slice(-MOST_GONE);
  const origin = { name: 'appareNet', sw: version };
  const payload = JSON.stringify({
    dev: { ids: [`apparenet_${id}`], name: `appareNet ${name}`, mf: 'appareNet', mdl: 'Network probe', sw: version },
    o: origin,
    cmps: { ...entities, ...Object.fromEntries(gone.map(([key, p]) => [key, { p }])) },
    qos: 1,
  });
  const current = Object.entries(entities).map(([key, { p }]) => [key, p] as const);
  return { payload, announced: Object.fromEntries([...gone, ...current]) };
}
