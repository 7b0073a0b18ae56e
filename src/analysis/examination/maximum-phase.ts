// The most that the path carries for a second (RFC 9097): a ramp of short loads, then the load of a second.
import type { Sequence } from '../../model/sequence.js';
import type { Knowledge } from './knowledge.js';

export function planMaximum(_knowledge: Knowledge): Sequence | null {
  return null;
}
