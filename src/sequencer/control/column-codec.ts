// Tables of typed columns as bytes: one column after the other in the order of their types, little-endian. JSON would make a table
// of 100,000 rows about four times as large and lose NaN.
import { ProtocolError } from '../../model/errors.js';

type ColumnType =
  | typeof Uint8Array
  | typeof Uint16Array
  | typeof Int16Array
  | typeof Uint32Array
  | typeof Int32Array
  | typeof Float64Array;

export type ColumnTypes = Readonly<Record<string, ColumnType>>;
export type ColumnsOf<T extends ColumnTypes> = { readonly [K in keyof T]: InstanceType<T[K]> };

export function countRowBytes(types: ColumnTypes): number {
  return Object.values(types).reduce((sum, type) => sum + type.BYTES_PER_ELEMENT, 0);
}

/** Views of the memory of the table's own columns; the table must have every one of them. */
export function encodeColumns<T extends ColumnTypes>(
  types: T,
  table: Readonly<Record<keyof T & string, ArrayBufferView>>,
): Uint8Array[] {
  return Object.keys(types).map((name) => {
    const { buffer, byteOffset, byteLength } = table[name] ?? new Uint8Array(0);
    return new Uint8Array(buffer, byteOffset, byteLength);
  });
}

/** Of the widest column. */
const MOST_ALIGNMENT_BYTES = 8;

/** `count` rows from the start of `body`. @throws ProtocolError where it holds fewer. */
export function parseColumns<T extends ColumnTypes>(types: T, count: number, body: Uint8Array): ColumnsOf<T> {
  const needed = countRowBytes(types) * count;
  if (body.length < needed) throw new ProtocolError(`trace: ${body.length} bytes of columns, ${needed} are needed`);
  // A copy, since the columns lie unaligned in the frame, and in one piece: a buffer for each would take as much again as short columns.
  const copy = new Uint8Array(needed + Object.keys(types).length * MOST_ALIGNMENT_BYTES);
  let start = 0;
  let at = 0;
  const columns = Object.entries(types).map(([name, type]) => {
    const size = type.BYTES_PER_ELEMENT;
    at = Math.ceil(at / size) * size;
    copy.set(body.subarray(start, start + count * size), at);
    const column = new type(copy.buffer, at, count);
    start += count * size;
    at += count * size;
    return [name, column] as const;
  });
  return Object.fromEntries(columns) as unknown as ColumnsOf<T>;
}
