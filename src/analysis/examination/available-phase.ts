// What the tight link has left: a bracket from chirps, then streams around it.
import type { Sequence } from '../../model/sequence.js';
import type { Knowledge } from './knowledge.js';

export function planAvailable(_knowledge: Knowledge): Sequence | null {
  return null;
}
