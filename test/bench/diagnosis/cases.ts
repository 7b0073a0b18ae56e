// All kinds of cases by name; a kind and a seed make one case.
import { UsageError } from '../../../src/model/errors.js';
import { createRandom } from '../../../src/model/random.js';
import { DIRECT_FAULT_CASES } from './direct-fault-cases.js';
import type { DrawCase, DrawnCase } from './drawn-case.js';
import { HEALTHY_CASES } from './healthy-cases.js';
import { LOAD_FAULT_CASES } from './load-fault-cases.js';
import { addPauses } from './paused-case.js';

const CASES: Readonly<Record<string, DrawCase>> = { ...HEALTHY_CASES, ...LOAD_FAULT_CASES, ...DIRECT_FAULT_CASES };

/** Names of the kinds, healthy ones first. */
export const CASE_KINDS: readonly string[] = Object.keys(CASES);

/** @throws UsageError for a kind that is none. */
export function drawCase(kind: string, seed: number, machines: 'steady' | 'pausing' = 'steady'): DrawnCase {
  const draw = CASES[kind];
  if (draw === undefined) throw new UsageError('usage.argument', `no kind of case is called "${kind}"`);
  // Kinds do not share their draws.
  const number = seed * CASE_KINDS.length + CASE_KINDS.indexOf(kind);
  const drawn = draw(createRandom(number));
  return machines === 'pausing' ? addPauses(drawn, createRandom(-number)) : drawn;
}
