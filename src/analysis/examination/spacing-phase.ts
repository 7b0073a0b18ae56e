// Bursts at several spacings: does the path reorder packets that come close together, and which of them does it lose?
import type { Sequence } from '../../model/sequence.js';
import type { Knowledge } from './knowledge.js';

export function planSpacing(_knowledge: Knowledge): Sequence | null {
  return null;
}
