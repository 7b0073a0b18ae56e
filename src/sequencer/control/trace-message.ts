// A trace on the wire: a JSON header with what is one value, and the columns one after the other as binary in the order of
// TRACE_COLUMNS, little-endian. JSON would make a trace of 100,000 packets about four times as large and lose NaN.
import { ProtocolError } from '../../model/errors.js';
import type { PathMessage, StampSource, StampSources, Trace } from '../../model/trace.js';
import { CONTROL_LIMITS, parseCount, parseObject, parseText } from './messages.js';

const COLUMN_TYPES = {
  sizeBytes: Uint16Array,
  burst: Uint32Array,
  position: Uint32Array,
  plannedOffsetNs: Float64Array,
  txOffsetNs: Float64Array,
  farRxOffsetNs: Float64Array,
  farTxOffsetNs: Float64Array,
  rxOffsetNs: Float64Array,
  replySizeBytes: Uint16Array,
  arrival: Int32Array,
  duplicates: Uint16Array,
  farSequence: Float64Array,
  replyTtl: Uint8Array,
  flags: Uint16Array,
} as const;

type ColumnName = keyof typeof COLUMN_TYPES;
type Columns = Pick<Trace, ColumnName>;

/** Order of the columns on the wire. */
export const TRACE_COLUMNS = Object.keys(COLUMN_TYPES) as readonly ColumnName[];

const CLOCKS = ['wall', 'phc', 'virtual'] as const;
const SOURCES = ['hardware', 'kernel', 'user'] as const;
const MESSAGE_KINDS = ['unreachable', 'packet-too-big', 'time-exceeded', 'other'] as const;
const MAX_MESSAGES = 10_000;

export interface EncodedTrace {
  readonly header: Readonly<Record<string, unknown>>;
  readonly columns: readonly Uint8Array[];
}

/** bigints travel as decimal strings; the columns are views of the trace's own memory. */
export function encodeTrace(trace: Trace): EncodedTrace {
  const { baseNs, farBaseNs, ...rest } = trace;
  const single = Object.entries(rest).filter(([name]) => !Object.hasOwn(COLUMN_TYPES, name));
  return {
    header: {
      type: 'trace',
      ...Object.fromEntries(single),
      baseNs: baseNs.toString(),
      farBaseNs: farBaseNs.toString(),
      columns: TRACE_COLUMNS,
    },
    columns: TRACE_COLUMNS.map((name) => {
      const column = trace[name];
      return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
    }),
  };
}

/** @throws ProtocolError when header and columns are not one whole trace. */
export function parseTrace(header: unknown, body: Uint8Array): Trace {
  const fields = parseObject(header, 'trace');
  const count = parseCount(fields['count'], 'count');
  if (count > CONTROL_LIMITS.runPackets) throw new ProtocolError('count: more packets than a run may have');
  const cost = parseObject(fields['cost'], 'cost');
  return {
    sequenceId: parseText(fields['sequenceId'], 'sequenceId', 32),
    clock: parseChoice(fields['clock'], CLOCKS, 'clock'),
    stamps: parseStamps(fields['stamps']),
    baseNs: parseBigInt(fields['baseNs'], 'baseNs'),
    farBaseNs: parseBigInt(fields['farBaseNs'], 'farBaseNs'),
    count,
    ...parseColumns(fields['columns'], count, body),
    cost: { packets: parseCount(cost['packets'], 'cost.packets'), bytes: parseCount(cost['bytes'], 'cost.bytes') },
    receiveOverflows: parseCount(fields['receiveOverflows'], 'receiveOverflows'),
    clockStepNs: parseFinite(fields['clockStepNs'], 'clockStepNs'),
    messages: parseMessages(fields['messages']),
    interrupted: fields['interrupted'] === true,
  };
}

function parseColumns(names: unknown, count: number, body: Uint8Array): Columns {
  if (!Array.isArray(names) || names.join() !== TRACE_COLUMNS.join()) {
    throw new ProtocolError('columns: not those of this protocol');
  }
  const rowBytes = TRACE_COLUMNS.reduce((sum, name) => sum + COLUMN_TYPES[name].BYTES_PER_ELEMENT, 0);
  if (body.length !== rowBytes * count) {
    throw new ProtocolError(`trace: ${body.length} bytes of columns, ${rowBytes * count} are needed`);
  }
  let start = 0;
  const columns = TRACE_COLUMNS.map((name) => {
    const type = COLUMN_TYPES[name];
    const end = start + count * type.BYTES_PER_ELEMENT;
    // A copy: the columns lie unaligned in the frame, and the frame's memory is not ours to keep.
    const column = new type(new Uint8Array(body.subarray(start, end)).buffer);
    start = end;
    return [name, column] as const;
  });
  return Object.fromEntries(columns) as unknown as Columns;
}

function parseStamps(value: unknown): StampSources {
  const fields = parseObject(value, 'stamps');
  const source = (name: string): StampSource => parseChoice(fields[name], SOURCES, `stamps.${name}`);
  return { tx: source('tx'), rx: source('rx'), far: fields['far'] === null ? null : source('far') };
}

function parseMessages(value: unknown): PathMessage[] {
  if (!Array.isArray(value) || value.length > MAX_MESSAGES) throw new ProtocolError('messages: a list is needed');
  return value.map((entry: unknown) => {
    const fields = parseObject(entry, 'messages');
    return {
      kind: parseChoice(fields['kind'], MESSAGE_KINDS, 'messages.kind'),
      code: parseCount(fields['code'], 'messages.code'),
      from: parseText(fields['from'], 'messages.from', 64),
      mtuBytes: fields['mtuBytes'] === null ? null : parseCount(fields['mtuBytes'], 'messages.mtuBytes'),
      count: parseCount(fields['count'], 'messages.count'),
    };
  });
}

function parseChoice<T extends string>(value: unknown, choices: readonly T[], name: string): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new ProtocolError(`${name}: one of ${choices.join(', ')} is needed`);
  return choice;
}

function parseBigInt(value: unknown, name: string): bigint {
  if (typeof value !== 'string' || !/^-?\d{1,20}$/.test(value)) {
    throw new ProtocolError(`${name}: a decimal number in a string is needed`);
  }
  return BigInt(value);
}

function parseFinite(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ProtocolError(`${name}: a number is needed`);
  return value;
}
