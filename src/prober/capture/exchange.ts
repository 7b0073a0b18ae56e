// Requests of one host to another with what came back: the rows of a trace before they are one. How a packet is told to be a request
// or an answer is the business of the files that fill it.
import type { PathMessage } from '../../model/trace.js';
import type { CapturedError, CapturedPacket } from '../../packet/captured-packet.js';
import type { FarAnswer } from '../native/probe-kind.js';

export type ExchangeKind = 'icmp' | 'stamp' | 'udp' | 'tcp';

export interface Answer {
  readonly atNs: number;
  readonly sizeBytes: number;
  readonly ttl: number;
  /** −1 where the far end chooses it, so that it tells nothing of the way. */
  readonly trafficClass: number;
  /** Traffic class of the request as it arrived, −1 where nobody tells. */
  readonly requestClass: number;
  readonly far: FarAnswer | null;
}

/** A request as it passed the recording point, ns after the recording's first packet. */
export interface ProbeRow {
  readonly atNs: number;
  readonly sizeBytes: number;
  readonly trafficClass: number;
  readonly dontFragment: boolean | null;
  readonly ttl: number;
  readonly ipId: number;
  /** Identifier or source port. */
  readonly flow: number;
  /** What our own probes carry of the run they belong to; of others any 8 octets. */
  readonly runTag: number | null;
  readonly payloadIndex: number | null;
  answer: Answer | null;
  duplicates: number;
  isRefused: boolean;
}

export interface Exchange {
  readonly kind: ExchangeKind;
  readonly probe: string;
  readonly target: string;
  readonly rows: ProbeRow[];
  readonly messages: Map<string, PathMessage>;
  /** Requests that were recorded twice, as on several ports of one machine. */
  repeated: number;
  /** Answers that the recording cut so short that they do not tell to which request they belong. */
  cutAnswers: number;
}

export interface Request {
  readonly kind: ExchangeKind;
  /** What beside kind and addresses makes it another exchange. */
  readonly session: string;
  readonly atNs: number;
  readonly packet: CapturedPacket;
  readonly flow: number;
  readonly runTag: number | null;
  readonly payloadIndex: number | null;
}

/** One packet recorded on two ports follows itself within this time. */
const REPEATED_WITHIN_NS = 1e9;
/** Different messages that are kept of one exchange: a path has tens of routers, a forger has any number of addresses. */
const MAX_MESSAGES = 256;

export class ExchangeTable {
  readonly #exchanges = new Map<string, Exchange>();
  readonly #open = new Map<string, { readonly exchange: Exchange; readonly row: ProbeRow }>();

  get exchanges(): readonly Exchange[] {
    return [...this.#exchanges.values()];
  }

  /** `key` is the same in a request and its answer, and holds both addresses. */
  request(key: string, { kind, session, atNs, packet, flow, runTag, payloadIndex }: Request): void {
    const { source, destination, sizeBytes, trafficClass, dontFragment, ttl, ipId } = packet;
    const known = this.#open.get(key);
    if (known?.row.ipId === ipId && atNs - known.row.atNs < REPEATED_WITHIN_NS) {
      known.exchange.repeated += 1;
      return;
    }
    const name = [kind, source, destination, session].join(' ');
    const exchange = this.#exchanges.get(name) ?? createExchange(kind, source, destination);
    this.#exchanges.set(name, exchange);
    const where = { atNs, sizeBytes, trafficClass, dontFragment, ttl, ipId, flow, runTag, payloadIndex };
    const row = { ...where, answer: null, duplicates: 0, isRefused: false };
    exchange.rows.push(row);
    this.#open.set(key, { exchange, row });
  }

  answer(key: string, answer: Answer): void {
    const row = this.#open.get(key)?.row;
    if (row === undefined) return;
    if (row.answer === null) row.answer = answer;
    else row.duplicates += 1;
  }

  /** What came back from the target cannot be told to belong to any one request. */
  cutAnswer(kind: ExchangeKind, probe: string, target: string): void {
    for (const exchange of this.exchanges) {
      if (exchange.kind === kind && exchange.probe === probe && exchange.target === target) exchange.cutAnswers += 1;
    }
  }

  /** A router or host said of the request that it did not pass. */
  refuse(key: string, { source, errorKind: kind, code, mtuBytes }: CapturedError): void {
    const open = this.#open.get(key);
    if (open === undefined) return;
    if (open.row.answer === null) open.row.isRefused = true;
    const { messages } = open.exchange;
    const name = `${kind} ${code} ${source} ${mtuBytes ?? ''}`;
    if (messages.size === MAX_MESSAGES && !messages.has(name)) return;
    messages.set(name, { kind, code, from: source, mtuBytes, count: (messages.get(name)?.count ?? 0) + 1 });
  }
}

function createExchange(kind: ExchangeKind, probe: string, target: string): Exchange {
  return { kind, probe, target, rows: [], messages: new Map(), repeated: 0, cutAnswers: 0 };
}
