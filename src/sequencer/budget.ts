// Decides whether a sequence may be sent at all. What is refused here has not sent a packet.
import { UsageError } from '../model/errors.js';
import type { Budget, Cost, Schedule, Sequence } from '../model/sequence.js';
import { NS_PER_MS } from '../model/units.js';
import { planCost, planSchedule } from './schedule.js';

/** What may run beside others, `Sequence.runsBeside`: 20 kbit/s with the replies at most. */
const BESIDE = { leastGapNs: 100 * NS_PER_MS, mostSizeBytes: 128 } as const;

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

/** @throws UsageError where the sequence asks to run beside others and is not light enough for that. */
export function checkBeside(sequence: Sequence): void {
  if (sequence.runsBeside !== true) return;
  if (sequence.farPattern === undefined && isLight(planSchedule(sequence))) return;
  throw new UsageError('usage.argument', `sequence ${sequence.id} is too heavy to run beside others`);
}

function isLight({ count, offsetNs, sizeBytes }: Schedule): boolean {
  const isSparse = (offsetNs[count - 1] ?? 0) >= (count - 1) * BESIDE.leastGapNs;
  return isSparse && sizeBytes.every((size) => size <= BESIDE.mostSizeBytes);
}

function refuseAbove(id: string, unit: string, needed: number, allowed: number): void {
  // Written so that a budget of NaN allows nothing.
  if (needed <= allowed) return;
  throw new UsageError('usage.argument', `sequence ${id} needs ${needed} ${unit}, the budget allows ${allowed}`);
}
