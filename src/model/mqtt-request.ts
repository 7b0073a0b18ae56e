// What may be asked of a box over MQTT, and how the configuration allows it. How a request arrives is the mqtt room's business.
import type { Depth, Quantity, SpendingBounds } from './examination.js';

/** The last level of the topic of a request. */
export const REQUEST_VERBS = ['diagnose', 'measure', 'calibrate', 'bundle', 'profile'] as const;
export type RequestVerb = (typeof REQUEST_VERBS)[number];

/** Allowed where nobody says otherwise: all that changes no configuration. */
export const DEFAULT_REQUESTS: readonly RequestVerb[] = ['diagnose', 'measure', 'calibrate', 'bundle'];

export interface RequestSettings {
  /** Others are refused; empty: nothing is subscribed to. */
  readonly allow: readonly RequestVerb[];
  /** False: only targets of the configuration, by name. */
  readonly anyAddress: boolean;
}

/** `target` is the name of a target of the configuration or an address. */
export type MqttRequest =
  | ({ readonly verb: 'diagnose'; readonly target: string; readonly depth?: Depth } & Partial<SpendingBounds>)
  | ({ readonly verb: 'measure'; readonly target: string; readonly quantity: Quantity } & Partial<SpendingBounds>)
  /** Without a target this machine itself. */
  | { readonly verb: 'calibrate'; readonly target?: string }
  | { readonly verb: 'bundle' }
  /** How thoroughly the target is examined when there is trouble. */
  | { readonly verb: 'profile'; readonly target: string; readonly profile: Depth };
