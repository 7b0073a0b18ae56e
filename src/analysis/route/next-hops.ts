// How many next hops there are in parallel at a TTL: addresses seen by different flows, and how many more can be ruled out.
import type { HopRow } from './hop-table.js';

/**
 * Flows after which one more next hop than seen is ruled out with 95 %: with n + 1 equally used ones, so many flows see all of
 * them (Augustin et al., E2EMON 2007): 6, 11 and 16 for one, two and three seen.
 */
const FLOWS_TO_RULE_OUT = [6, 11, 16] as const;

/** Flows that are worth sending where `seen` (≥ 1) next hops were seen; what more than 16 flows would find is not looked for. */
export function countFlowsNeeded(seen: number): number {
  return FLOWS_TO_RULE_OUT[Math.min(seen, FLOWS_TO_RULE_OUT.length) - 1] ?? FLOWS_TO_RULE_OUT[0];
}

export interface NextHops {
  readonly seen: number;
  /** Answering flows. */
  readonly flows: number;
  /** True where one more than seen is ruled out with 95 %. */
  readonly isComplete: boolean;
}

export function countNextHops({ all, addresses }: Pick<HopRow, 'all' | 'addresses'>): NextHops {
  const flows = new Set(all.filter(({ answer }) => answer !== null).map(({ flow }) => flow)).size;
  const needed = FLOWS_TO_RULE_OUT[addresses.length - 1];
  return { seen: addresses.length, flows, isComplete: needed !== undefined && flows >= needed };
}
