// Whole numbers on a bench's command line.
import { UsageError } from '../../src/model/errors.js';

/** @throws UsageError for what is not a whole number. */
export function parseCount(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError('usage.argument', `${option} takes a whole number, not "${text}"`);
}
