// Which phases the examination of each quantity needs.
import type { Quantity } from '../../../model/examination.js';
import { PHASES } from '../knowledge.js';
import type { PhaseName } from '../knowledge.js';

const PHASES_BY_QUANTITY: Readonly<Record<Quantity, readonly PhaseName[]>> = {
  capacity: ['reach', 'rate', 'capacity'],
  available: ['reach', 'rate', 'available'],
  utilization: ['reach', 'rate', 'capacity', 'available'],
  maximum: ['reach', 'maximum'],
  loss: ['reach', 'delay', 'spacing'],
  delay: ['reach', 'delay', 'rate', 'sizes'],
  propagation: ['reach', 'delay', 'rate', 'sizes'],
  jitter: ['reach', 'delay'],
  voice: ['reach', 'delay'],
  reordering: ['reach', 'spacing'],
  duplication: ['reach', 'delay', 'spacing'],
  mtu: ['reach', 'mtu'],
  dscp: ['reach', 'classes'],
  responsiveness: ['reach', 'rate', 'capacity', 'loaded'],
};

/** Without a quantity every phase but the one that fills the path for a second. */
export function selectPhases(quantity: Quantity | null): readonly PhaseName[] {
  return quantity === null ? PHASES.filter((phase) => phase !== 'maximum') : PHASES_BY_QUANTITY[quantity];
}
