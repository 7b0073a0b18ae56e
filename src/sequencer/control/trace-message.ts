// A trace on the wire: a JSON header with what is one value, and after it the columns as binary (see column-codec.ts), those of the
// far end's own train behind those of the trace.
import { ProtocolError } from '../../model/errors.js';
import type { FarTrain, PathMessage, PortBytes, StampSource, StampSources, Trace } from '../../model/trace.js';
import { countRowBytes, encodeColumns, parseColumns } from './column-codec.js';
import { parseLinkEvidence } from './link-evidence-message.js';
import { CONTROL_LIMITS, parseCount, parseObject, parseText } from './messages.js';

const TRACE_TYPES = {
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
  trafficClass: Uint8Array,
  farTrafficClass: Int16Array,
  replyTrafficClass: Int16Array,
  flow: Uint8Array,
} as const;

const FAR_TRAIN_TYPES = {
  sizeBytes: Uint16Array,
  burst: Uint32Array,
  position: Uint32Array,
  plannedOffsetNs: Float64Array,
  isSent: Uint8Array,
  farTxOffsetNs: Float64Array,
  rxOffsetNs: Float64Array,
} as const;

/** Order of the columns on the wire. */
export const TRACE_COLUMNS: readonly string[] = Object.keys(TRACE_TYPES);

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
  const { baseNs, farBaseNs, farTrain, ...rest } = trace;
  const single = Object.entries(rest).filter(([name]) => !Object.hasOwn(TRACE_TYPES, name));
  return {
    header: {
      type: 'trace',
      ...Object.fromEntries(single),
      baseNs: baseNs.toString(),
      farBaseNs: farBaseNs.toString(),
      columns: TRACE_COLUMNS,
      farTrainCount: farTrain?.count ?? null,
    },
    columns: [
      ...encodeColumns(TRACE_TYPES, trace),
      ...(farTrain === null ? [] : encodeColumns(FAR_TRAIN_TYPES, farTrain)),
    ],
  };
}

/** @throws ProtocolError when header and columns are not one whole trace. */
export function parseTrace(header: unknown, body: Uint8Array): Trace {
  const fields = parseObject(header, 'trace');
  const cost = parseObject(fields['cost'], 'cost');
  return {
    sequenceId: parseText(fields['sequenceId'], 'sequenceId', 32),
    clock: parseChoice(fields['clock'], CLOCKS, 'clock'),
    stamps: parseStamps(fields['stamps']),
    baseNs: parseBigInt(fields['baseNs'], 'baseNs'),
    farBaseNs: parseBigInt(fields['farBaseNs'], 'farBaseNs'),
    ...parseTables(fields, body),
    portBytes: parsePortBytes(fields['portBytes']),
    ...parseLinkEvidence(fields),
    ...(fields['portTakenNs'] === undefined ? {} : { portTakenNs: parseFinite(fields['portTakenNs'], 'portTakenNs') }),
    cost: { packets: parseCount(cost['packets'], 'cost.packets'), bytes: parseCount(cost['bytes'], 'cost.bytes') },
    receiveOverflows: parseCount(fields['receiveOverflows'], 'receiveOverflows'),
    clockStepNs: parseFinite(fields['clockStepNs'], 'clockStepNs'),
    messages: parseMessages(fields['messages']),
    interrupted: fields['interrupted'] === true,
  };
}

type Tables = Pick<Trace, keyof typeof TRACE_TYPES | 'count' | 'farTrain'>;

function parseTables(fields: Readonly<Record<string, unknown>>, body: Uint8Array): Tables {
  const names = fields['columns'];
  if (!Array.isArray(names) || names.join() !== TRACE_COLUMNS.join()) {
    throw new ProtocolError('columns: not those of this protocol');
  }
  const count = parseRows(fields['count'], 'count');
  const farCount = fields['farTrainCount'] === null ? null : parseRows(fields['farTrainCount'], 'farTrainCount');
  const farTrainAt = countRowBytes(TRACE_TYPES) * count;
  const needed = farTrainAt + countRowBytes(FAR_TRAIN_TYPES) * (farCount ?? 0);
  if (body.length !== needed) {
    throw new ProtocolError(`trace: ${body.length} bytes of columns, ${needed} are needed`);
  }
  const farTrain: FarTrain | null =
    farCount === null
      ? null
      : { count: farCount, ...parseColumns(FAR_TRAIN_TYPES, farCount, body.subarray(farTrainAt)) };
  return { count, ...parseColumns(TRACE_TYPES, count, body), farTrain };
}

function parseRows(value: unknown, name: string): number {
  const count = parseCount(value, name);
  if (count > CONTROL_LIMITS.runPackets) throw new ProtocolError(`${name}: more packets than a run may have`);
  return count;
}

function parsePortBytes(value: unknown): PortBytes | null {
  if (value === null) return null;
  const fields = parseObject(value, 'portBytes');
  return {
    sent: parseCount(fields['sent'], 'portBytes.sent'),
    received: parseCount(fields['received'], 'portBytes.received'),
    durationNs: parseFinite(fields['durationNs'], 'portBytes.durationNs'),
  };
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
