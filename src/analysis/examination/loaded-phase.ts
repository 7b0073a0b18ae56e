// Delay at rest and while the path is loaded up, down and both ways.
import type { Sequence } from '../../model/sequence.js';
import type { Knowledge } from './knowledge.js';

export function planLoaded(_knowledge: Knowledge): Sequence | null {
  return null;
}
