// The messages of the control protocol and their bounds; docs/protocol.md is the normative text. How they are framed is
// packet/control-frame's business, how traces become columns is trace-message's.
import { ProtocolError } from '../../model/errors.js';
import type { PortNeighbour } from '../../model/link-evidence.js';
import { VIA_CHOICES } from '../../model/path.js';
import type { PathDescription, PathRequest, ViaChoice } from '../../model/path.js';
import type { Budget, Cost } from '../../model/sequence.js';

export const CONTROL_PROTOCOL = 1;

export const CONTROL_LIMITS = {
  /** Largest frame a client may send. */
  requestBytes: 256 * 1024,
  /** Largest frame the sequencer sends: the trace of `runPackets` packets fits, with as many of a far end's own train. */
  replyBytes: 112 * 1024 * 1024,
  /** Most packets one run may plan; a larger budget is lowered to it. */
  runPackets: 1_000_000,
  /** Room for 32 watched targets, each of which may open its path anew beside the old one, and the examinations. */
  connections: 96,
  /** A client that has not said hello by then is cut off. */
  helloMs: 5_000,
  /** While a request is worked on the sequencer sends something at least this often. */
  heartbeatMs: 1_000,
  /** The same while it is a run beside others, of which there are many all the time. */
  besideHeartbeatMs: 10_000,
  /** Progress is not sent more often than this. */
  progressMs: 100,
  /** Without a byte for this long, a client with a request under way holds the sequencer for dead. */
  silenceMs: 30_000,
  /** A client that takes none of the bytes sent to it for this long is cut off. */
  drainMs: 30_000,
} as const;

export type ControlRequest =
  | { readonly type: 'hello'; readonly protocol: number; readonly version: string }
  | ({ readonly type: 'open' } & PathRequest)
  | {
      readonly type: 'run';
      readonly sequence: unknown;
      readonly budget: Budget;
      /** Canceled before it was asked for: the trace of a run that sends nothing. */
      readonly canceled: boolean;
    }
  | { readonly type: 'cancel' }
  | { readonly type: 'status' }
  | { readonly type: 'close' };

export interface ReflectorStatus {
  readonly udpPorts: readonly number[];
  /** Its thread has real-time priority. */
  readonly realTime: boolean;
  /** Packets and sessions since it started; the names are those of the native engine. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface ControlStatus {
  readonly version: string;
  readonly protocol: number;
  readonly networkNamespace: string;
  readonly uptimeSec: number;
  /** The network side of tcp/3237: closed until peers can be authenticated. */
  readonly networkControl: 'closed';
  /** Null where no reflector runs. */
  readonly reflector: ReflectorStatus | null;
  /** Of the ports whose neighbour was heard. */
  readonly neighbours: readonly PortNeighbour[];
  /** What the sequencer has to do without, and how to change that; one sentence each. */
  readonly problems: readonly string[];
  readonly connections: number;
  readonly runs: {
    readonly active: number;
    readonly waiting: number;
    readonly completed: number;
    readonly interrupted: number;
    readonly failed: number;
  };
  /** Connections ended because their bytes did not follow the protocol. */
  readonly malformed: number;
}

/** An error on its way to the other side; `errors-on-the-wire` gives it its class back. */
export interface ErrorMessage {
  readonly type: 'error';
  readonly code: string;
  readonly message: string;
  /** ConfigError's field. */
  readonly field?: string;
  /** PermissionError's remedy. */
  readonly remedy?: string;
  /** DeviceError's details. */
  readonly errno?: string | null;
  readonly syscall?: string | null;
  readonly port?: string | null;
}

export type ControlReply =
  | { readonly type: 'hello'; readonly protocol: number; readonly version: string; readonly networkNamespace: string }
  | { readonly type: 'working' }
  | { readonly type: 'opened'; readonly path: PathDescription; readonly openingCost: Cost }
  | { readonly type: 'waiting'; readonly ahead: number; readonly behind?: string }
  | { readonly type: 'progress'; readonly sent: number; readonly total: number }
  | { readonly type: 'status'; readonly status: ControlStatus }
  | { readonly type: 'closed' }
  | ErrorMessage;

/** @throws ProtocolError when the header of a frame is not a request of this protocol. */
export function parseRequest(header: unknown): ControlRequest {
  const fields = parseObject(header, 'message');
  switch (fields['type']) {
    case 'hello':
      return {
        type: 'hello',
        protocol: parseCount(fields['protocol'], 'protocol'),
        version: parseText(fields['version'], 'version', 64),
      };
    case 'open':
      return { type: 'open', ...parsePathRequest(fields) };
    case 'run':
      return {
        type: 'run',
        sequence: fields['sequence'],
        budget: parseBudget(fields['budget']),
        canceled: fields['canceled'] === true,
      };
    case 'cancel':
    case 'status':
    case 'close':
      return { type: fields['type'] };
    default:
      throw new ProtocolError('a control message of no known type');
  }
}

function parsePathRequest(fields: Readonly<Record<string, unknown>>): PathRequest {
  const target = parseText(fields['target'], 'target', 255);
  const via = VIA_CHOICES.find((choice) => choice === fields['via']) satisfies ViaChoice | undefined;
  if (via === undefined) throw new ProtocolError('via: none of the known ways');
  if (fields['port'] === undefined) return { target, via };
  return { target, via, port: parseText(fields['port'], 'port', 64) };
}

function parseBudget(value: unknown): Budget {
  const fields = parseObject(value, 'budget');
  return {
    maxPackets: parseCount(fields['maxPackets'], 'budget.maxPackets'),
    maxBytes: parseCount(fields['maxBytes'], 'budget.maxBytes'),
  };
}

/** @throws ProtocolError unless `value` is a JSON object. */
export function parseObject(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProtocolError(`${name}: an object is needed`);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** @throws ProtocolError unless `value` is a whole number from 0 to 2^53 − 1. */
export function parseCount(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new ProtocolError(`${name}: a whole number from 0 is needed`);
  }
  return value;
}

/** @throws ProtocolError unless `value` is a string of 1 to `maxLength` characters, none of them a control character. */
export function parseText(value: unknown, name: string, maxLength: number): string {
  if (
    typeof value !== 'string' ||
    value.length === 0 ||
    value.length > maxLength ||
    /[\u0000-\u001f\u007f]/.test(value)
  ) {
    throw new ProtocolError(`${name}: a text of 1 to ${maxLength} printable characters is needed`);
  }
  return value;
}
