// Decides whether a sequence may be sent at all. What is refused here has not sent a packet.
import { UsageError } from '../model/errors.js';
import type { Budget, Cost, Sequence } from '../model/sequence.js';
import { planCost } from './schedule.js';

/**
 * The cost of the sequence, if the budget allows it.
 * @throws UsageError naming what would be exceeded, or the field of the sequence that is out of bounds.
 */
export function checkBudget(sequence: Sequence, budget: Budget): Cost {
  const cost = planCost(sequence);
  refuseAbove(sequence.id, 'packets', cost.packets, budget.maxPackets);
  refuseAbove(sequence.id, 'bytes', cost.bytes, budget.maxBytes);
  return cost;
}

function refuseAbove(id: string, unit: string, needed: number, allowed: number): void {
  // Written so that a budget of NaN allows nothing.
  if (needed <= allowed) return;
  throw new UsageError('usage.argument', `sequence ${id} needs ${needed} ${unit}, the budget allows ${allowed}`);
}
