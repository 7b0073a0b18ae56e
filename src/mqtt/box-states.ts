// What brokers keep of a box as a whole, by topic, but for its health, which is told at another pace. Pure.
import type { BoxHealth } from '../model/box-health.js';
import type { Depth } from '../model/examination.js';
import type { Incident } from '../model/incident.js';
import type { Report } from '../model/report.js';
import type { BoxTopics } from './message.js';
import { encodeInfo, encodeLink, encodeState, encodeUpdate } from './payloads.js';
import type { BoxIdentity, PortState } from './payloads.js';

/** What the box knows of itself at the moment. */
export interface BoxFacts {
  /** Names of those that are watched. */
  readonly targets: readonly string[];
  /** How thoroughly each of them is examined. */
  readonly profiles: Readonly<Record<string, Depth>>;
  readonly openIncidents: readonly Incident[];
  readonly health: BoxHealth;
  readonly isSequencerUp: boolean;
  readonly ports: readonly PortState[];
}

export interface BoxStatesSource {
  readonly identity: BoxIdentity;
  readonly facts: BoxFacts;
  /** null before the first. */
  readonly lastReport: Report | null;
}

/** Topic and payload of each, in the order in which they are to be sent. */
export function composeBoxStates(
  topics: BoxTopics,
  { identity, facts, lastReport }: BoxStatesSource,
): readonly (readonly [topic: string, payload: string])[] {
  const { targets, profiles, openIncidents, ports } = facts;
  return [
    [topics.info, encodeInfo(identity)],
    [topics.state, encodeState({ targets, profiles, openIncidents, lastReport })],
    [topics.update, encodeUpdate(identity)],
    [topics.link, encodeLink(ports)],
  ];
}
