// One conversation with the routers of a path: sends probes with chosen TTLs through raw sockets, and knows which of them were
// answered by whom. When something came is used for waiting only; delays are the engine's business.
import { setTimeout as sleep } from 'node:timers/promises';
import { ProtocolError, type DeviceError } from '../../model/errors.js';
import type { HopAnswer, HopSample } from '../../model/route.js';
import type { Cost } from '../../model/sequence.js';
import { ETHERNET_HEADER_BYTES } from '../../model/units.js';
import { formatAddress, parseAddress } from '../../packet/address.js';
import { encodeIpv6Header } from '../../packet/ipv6.js';
import { parseMplsLabels } from '../../packet/mpls-labels.js';
import { concatOctets } from '../../packet/octets.js';
import { IP_PROTOCOL } from '../../packet/protocol-numbers.js';
import { parseReply } from '../../packet/reply-match.js';
import { encodeRouteProbe, matchRouteReply, type RouteAnswer, type RouteIdentity } from '../../packet/route-probe.js';
import type { NextHop } from '../native/next-hop.js';
import { openRawSocket, type RawSocket } from './raw-socket.js';

export interface ProbeSpec {
  readonly ttl: number;
  readonly sizeBytes: number;
  readonly flow: number;
}

/** What the search for the hops asks of whoever sends. */
export interface Asker {
  /** Resolves with what became of these probes: as soon as all are answered, when waiting is over, or when the signal aborts. */
  ask(probes: readonly ProbeSpec[], signal: AbortSignal): Promise<readonly HopSample[]>;
}

/** Probes of one question do not leave as one burst, which a small queue could cut. */
const SEND_GAP_MS = 8;
/** Waited for an answer until one has shown how long they take, then this many times the slowest, within bounds. */
const FIRST_PATIENCE_MS = 1_000;
const PATIENCE_FACTOR = 3;
const LEAST_PATIENCE_MS = 150;
const LONGEST_PATIENCE_MS = 3_000;
const POLL_MS = 5;

interface Pending extends ProbeSpec {
  readonly sentAtMs: number;
  answer: HopAnswer | null;
  isLate: boolean;
  isSettled: boolean;
}

export class RouteSession implements Asker {
  readonly #sockets: RawSocket[] = [];
  readonly #probes = new Map<number, Pending>();
  #next = 0;
  #slowestMs: number | null = null;
  #bytes = 0;
  #failure: DeviceError | null = null;

  /** @throws DeviceError without the package or a socket. `port` binds to it; null leaves the choice to the routes. */
  constructor(
    private readonly hop: NextHop,
    readonly identity: RouteIdentity,
    port: string | null,
  ) {
    const icmp = hop.version === 4 ? IP_PROTOCOL.icmp : IP_PROTOCOL.icmpv6;
    const own = { icmp, udp: IP_PROTOCOL.udp, tcp: IP_PROTOCOL.tcp }[identity.protocol];
    const onError = (error: DeviceError): void => void (this.#failure = error);
    try {
      for (const protocol of new Set([icmp, own])) {
        const onMessage = (bytes: Uint8Array, source: string): void => this.#hear(bytes, source, protocol);
        this.#sockets.push(openRawSocket({ protocol, version: hop.version, port, onMessage, onError }));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async ask(probes: readonly ProbeSpec[], signal: AbortSignal): Promise<readonly HopSample[]> {
    const asked: Pending[] = [];
    for (const probe of probes) {
      if (signal.aborted) break;
      if (asked.length > 0) await sleep(SEND_GAP_MS);
      asked.push(await this.#send(probe));
    }
    const endMs = performance.now() + this.readPatienceMs();
    // Ends with the last answer or with our patience.
    while (!signal.aborted && performance.now() < endMs && asked.some(({ answer }) => answer === null)) {
      await sleep(POLL_MS);
    }
    for (const probe of asked) probe.isSettled = true;
    if (this.#failure) throw this.#failure;
    return asked.map(toSample);
  }

  /** Everything asked so far, with the answers that came late. */
  readSamples(): HopSample[] {
    return [...this.#probes.values()].map(toSample);
  }

  readCost(): Cost {
    return { packets: this.#probes.size, bytes: this.#bytes };
  }

  /** Numbers that this session will not use, for probes that somebody else sends. */
  reserveNumbers(count: number): number {
    const first = this.#next;
    this.#next += count;
    return first;
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  async #send(probe: ProbeSpec): Promise<Pending> {
    const number = this.reserveNumbers(1);
    const { source, target, version } = this.hop;
    const envelope = { link: null, source, destination: target, trafficClass: 0, dontFragment: true };
    const packet = encodeRouteProbe(this.identity, { flow: probe.flow, number }, { ...envelope, ...probe });
    const pending: Pending = { ...probe, sentAtMs: performance.now(), answer: null, isLate: false, isSettled: false };
    this.#probes.set(number, pending);
    this.#bytes += probe.sizeBytes + ETHERNET_HEADER_BYTES;
    const zone = version === 6 && isLinkLocal(target) ? this.hop.port : null;
    await this.#sockets[0]?.send(packet, formatAddress(target, zone));
    return pending;
  }

  #hear(bytes: Uint8Array, source: string, protocol: number): void {
    const packet = this.hop.version === 4 ? bytes : restoreHeader(bytes, source, this.hop.source, protocol);
    const found = readAnswer(packet, this.identity);
    const probe = found && this.#probes.get(found.number);
    if (!probe || probe.answer !== null) return;
    const tookMs = performance.now() - probe.sentAtMs;
    this.#slowestMs = Math.max(this.#slowestMs ?? 0, tookMs);
    probe.isLate = probe.isSettled;
    probe.answer = toHopAnswer(found, packet);
  }

  /** How long an answer is worth waiting for. */
  readPatienceMs(): number {
    if (this.#slowestMs === null) return FIRST_PATIENCE_MS;
    return Math.min(LONGEST_PATIENCE_MS, Math.max(LEAST_PATIENCE_MS, PATIENCE_FACTOR * this.#slowestMs));
  }
}

/** What a matched reply says of its hop. `packet` is the whole of it, for the labels behind its quote. */
function toHopAnswer(answer: RouteAnswer, packet: Uint8Array): HopAnswer {
  const { kind, code, mtuBytes, replySizeBytes, quotedTtl } = answer;
  const labels = parseMplsLabels(packet);
  return { kind, code, mtuBytes, replySizeBytes, quotedTtl, from: formatAddress(answer.source), labels };
}

/** null for what does not parse: anybody may send us ICMP. */
function readAnswer(packet: Uint8Array, identity: RouteIdentity): RouteAnswer | null {
  try {
    return matchRouteReply(parseReply(packet, 'none'), identity);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** Raw IPv6 sockets give the payload only. The hop limit is lost, which nobody asks for here. */
function restoreHeader(payload: Uint8Array, from: string, destination: Uint8Array, protocol: number): Uint8Array {
  const source = parseAddress(from).bytes;
  const rest = { dscp: 0, ecn: 0, flowLabel: 0, hopLimit: 0, extensions: [], protocol };
  return concatOctets([encodeIpv6Header({ ...rest, source, destination }, payload.length), payload]);
}

function isLinkLocal(address: Uint8Array): boolean {
  return address[0] === 0xfe && ((address[1] ?? 0) & 0xc0) === 0x80;
}

function toSample({ ttl, sizeBytes, flow, answer, isLate }: Pending): HopSample {
  return { ttl, sizeBytes, flow, answer, rttNs: null, isLate };
}
