// Columns of numbers as compact JSON: what repeats is written once, what grows evenly as differences. Which columns there are is
// said by their users.
import { InvariantError } from '../model/errors.js';

/** `[value]` for a column that holds one value throughout; otherwise as many as there are rows. */
export type Column<T> = readonly T[];

/** As `encodeAlike` writes it, or the values themselves where some are missing or no whole numbers. */
export type NumberColumn = Column<number | null> | { readonly alike: string };

export function encodeColumn<T>(values: readonly T[]): Column<T> {
  const [first] = values;
  if (first === undefined || values.length === 1) return values;
  const text = JSON.stringify(first);
  return values.every((value) => JSON.stringify(value) === text) ? [first] : values;
}

/** @throws InvariantError for a column of another length. */
export function decodeColumn<T>(column: Column<T>, rows: number): readonly T[] {
  if (column.length === rows) return column;
  const [first] = column;
  if (column.length !== 1 || first === undefined) throw new InvariantError('a column has not as many values as rows');
  return Array.from({ length: rows }, () => first);
}

/** Null where there is no number. */
export function encodeNumbers(values: readonly (number | null)[]): NumberColumn {
  const column = encodeColumn(values);
  const [first] = values;
  if (column.length === 1 && first === values.at(-1)) return column;
  // A difference takes one bit more than its numbers, and its sign another.
  const isWhole = values.every((value) => value !== null && Number.isInteger(value) && Math.abs(value) < 2 ** 51);
  return isWhole ? { alike: encodeAlike(values as readonly number[]) } : column;
}

export function decodeNumbers(column: NumberColumn, rows: number): readonly (number | null)[] {
  return decodeColumn('alike' in column ? decodeAlike(column.alike) : column, rows);
}

/** As `decodeNumbers`, of a column in which no value may be missing. */
export function decodeFullNumbers(column: NumberColumn, rows: number): readonly number[] {
  return decodeNumbers(column, rows).map((value) => {
    if (value === null) throw new InvariantError('a value is missing in a column that is always full');
    return value;
  });
}

/** Characters that JSON writes as they are; the last ones announce longer numbers. */
const DIGITS = Array.from({ length: 0x7b - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).filter(
  (character) => character !== '"' && character !== '\\',
);
const RADIX = DIGITS.length;
/** By character code; NaN for what is no digit. */
const DIGIT_VALUES = Array.from({ length: 0x80 }, (_, code) => {
  const value = DIGITS.indexOf(String.fromCharCode(code));
  return value < 0 ? Number.NaN : value;
});
/** Behind the first stand two digits, behind the next three and so on; between two of `DECIMAL` any number. */
const LONGER = '{|}';
const DECIMAL = '~';

/**
 * Whole numbers whose neighbours are alike, as text. Each is the difference to the one before it, 0 −1 1 −2 2 … as 0 1 2 3 4 …: in
 * one digit to base 89, in two to four behind a sign that says so, or in decimal.
 */
export function encodeAlike(values: readonly number[]): string {
  let before = 0;
  return values
    .map((value) => {
      const difference = value - before;
      before = value;
      return encodeDigits(difference < 0 ? -2 * difference - 1 : 2 * difference);
    })
    .join('');
}

function encodeDigits(number: number): string {
  let digits = '';
  for (let rest = number; digits === '' || rest > 0; rest = Math.floor(rest / RADIX)) {
    digits = (DIGITS[rest % RADIX] ?? '') + digits;
  }
  if (digits.length === 1) return digits;
  const sign = LONGER[digits.length - 2];
  return sign === undefined ? `${DECIMAL}${number}${DECIMAL}` : `${sign}${digits}`;
}

/** @throws InvariantError for text that `encodeAlike` does not write. */
export function decodeAlike(text: string): number[] {
  const values: number[] = [];
  let value = 0;
  for (let at = 0; at < text.length;) {
    // Most numbers are one digit.
    let folded = DIGIT_VALUES[text.charCodeAt(at)] ?? Number.NaN;
    at += 1;
    if (Number.isNaN(folded)) {
      const end = findEnd(text, at - 1);
      folded = decodeLonger(text, at - 1, end);
      at = end;
    }
    value += folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2;
    values.push(value);
  }
  return values;
}

/** Where a number that is announced at `at` ends; behind the text where it does not. */
function findEnd(text: string, at: number): number {
  if (text.charAt(at) !== DECIMAL) return at + 3 + LONGER.indexOf(text.charAt(at));
  const end = text.indexOf(DECIMAL, at + 1);
  return end < 0 ? Infinity : end + 1;
}

/** @throws InvariantError for what is no number, or cut. */
function decodeLonger(text: string, at: number, end: number): number {
  const isDecimal = text.charAt(at) === DECIMAL;
  const digits = text.slice(at + 1, isDecimal ? end - 1 : end);
  let number = isDecimal && /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
  if (!isDecimal && LONGER.includes(text.charAt(at))) {
    number = 0;
    for (let i = 0; i < digits.length; i += 1) number = number * RADIX + (DIGIT_VALUES[digits.charCodeAt(i)] ?? NaN);
  }
  if (end > text.length || !Number.isSafeInteger(number)) throw new InvariantError('a column holds what is no number');
  return number;
}
