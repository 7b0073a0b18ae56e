// An entity in Home Assistant's discovery message, and what those of a box are made from.
import type { RequestVerb } from '../../model/mqtt-request.js';
import type { BoxTopics } from '../message.js';

/** One value of `cmps`; without anything but `p` it says that the entity is gone. */
export interface Component {
  readonly p: 'sensor' | 'binary_sensor' | 'event' | 'update' | 'button' | 'select';
  readonly [key: string]: unknown;
}

export interface EntityFrame {
  readonly id: string;
  readonly topics: BoxTopics;
  /** Names of watched targets, and of ports whose link is told. */
  readonly targets: readonly string[];
  readonly ports: readonly string[];
  /** What may be asked for. */
  readonly verbs: readonly RequestVerb[];
}
