// Which quantities this version measures by themselves, and which phases each one needs.
import { UsageError } from '../../model/errors.js';
import type { Quantity } from '../../model/examination.js';
import { PHASES } from './knowledge.js';
import type { PhaseName } from './knowledge.js';

export const SUPPORTED_QUANTITIES = ['capacity', 'loss', 'delay', 'jitter'] as const satisfies readonly Quantity[];

const PHASES_BY_QUANTITY: Readonly<Record<(typeof SUPPORTED_QUANTITIES)[number], readonly PhaseName[]>> = {
  capacity: ['reach', 'rate', 'capacity'],
  loss: ['reach', 'delay'],
  delay: ['reach', 'delay', 'rate', 'sizes'],
  jitter: ['reach', 'delay'],
};

/** Every phase without a quantity. @throws UsageError for one that this version cannot measure. */
export function selectPhases(quantity: Quantity | null): readonly PhaseName[] {
  if (quantity === null) return PHASES;
  const supported = SUPPORTED_QUANTITIES.find((name) => name === quantity);
  if (supported !== undefined) return PHASES_BY_QUANTITY[supported];
  throw new UsageError(
    'usage.unsupported',
    `${quantity} cannot be measured by itself in this version; it can measure ${SUPPORTED_QUANTITIES.join(', ')}`,
  );
}
