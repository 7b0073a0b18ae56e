// Largest packets that pass in each direction (DPLPMTUD, RFC 8899).
import type { Sequence } from '../../model/sequence.js';
import type { Knowledge } from './knowledge.js';

export function planMtu(_knowledge: Knowledge): Sequence | null {
  return null;
}
