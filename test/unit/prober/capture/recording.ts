// Recordings made packet by packet, for the tests of analysis: frames of any exchange with their instants, as a file of any format.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../../../src/model/report.js';
import { encodeIcmp } from '../../../../src/packet/icmp.js';
import { encodeIpv4 } from '../../../../src/packet/ipv4.js';
import { concatOctets, NO_OCTETS, putUint16, putUint32 } from '../../../../src/packet/octets.js';
import { IP_PROTOCOL } from '../../../../src/packet/protocol-numbers.js';
import { encodeTcp, type TcpOption } from '../../../../src/packet/tcp.js';
import { encodeUdp } from '../../../../src/packet/udp.js';
import { analyzeRecording, type AnalysisRequest } from '../../../../src/prober/capture/analyze-recording.js';
import { readRecording } from '../../../../src/prober/capture/read-recording.js';

export interface Frame {
  readonly atUs: number;
  readonly bytes: Uint8Array;
}

/** Reason to skip what needs the optional package. */
export const pcapSkip: string | false = (() => {
  try {
    createRequire(import.meta.url)('pcap');
    return false;
  } catch {
    return 'needs the package pcap, built for this Node.js';
  }
})();

export const PROBE = Uint8Array.of(10, 1, 0, 1);
export const TARGET = Uint8Array.of(10, 2, 0, 2);

export interface IpFacts {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly protocol: number;
  readonly ipId?: number;
  readonly ttl?: number;
  readonly dscp?: number;
}

export function wrapIp(facts: IpFacts, payload: Uint8Array): Uint8Array {
  return encodeIpv4({
    dscp: facts.dscp ?? 0,
    ecn: 0,
    identification: facts.ipId ?? 0,
    dontFragment: true,
    moreFragments: false,
    fragmentOffsetBytes: 0,
    ttl: facts.ttl ?? 64,
    protocol: facts.protocol,
    source: facts.source,
    destination: facts.destination,
    options: NO_OCTETS,
    payload,
  });
}

export interface EchoFacts {
  readonly sequence: number;
  readonly isReply: boolean;
  readonly dataBytes?: number;
  readonly identifier?: number;
  readonly ttl?: number;
}

/** An IP packet between PROBE and TARGET. */
export function encodeEcho({ sequence, isReply, dataBytes = 56, identifier = 4242, ttl = 64 }: EchoFacts): Uint8Array {
  const data = new Uint8Array(dataBytes).fill(0x5a);
  const echo = encodeIcmp({ kind: isReply ? 'echo-reply' : 'echo-request', identifier, sequence, data });
  const [source, destination] = isReply ? [TARGET, PROBE] : [PROBE, TARGET];
  return wrapIp({ source, destination, protocol: IP_PROTOCOL.icmp, ipId: 7 + 3 * sequence, ttl }, echo);
}

export interface SegmentFacts {
  readonly isForward: boolean;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly payloadBytes?: number;
  readonly options?: readonly TcpOption[];
  readonly ipId?: number;
}

export function encodeSegment(facts: SegmentFacts): Uint8Array {
  const [source, destination] = facts.isForward ? [PROBE, TARGET] : [TARGET, PROBE];
  const segment = encodeTcp(
    {
      sourcePort: facts.isForward ? 50_000 : 5201,
      destinationPort: facts.isForward ? 5201 : 50_000,
      sequence: facts.sequence >>> 0,
      acknowledgment: facts.acknowledgment >>> 0,
      flags: facts.flags,
      window: 65_535,
      urgentPointer: 0,
      options: facts.options ?? [],
      payload: new Uint8Array(facts.payloadBytes ?? 0),
    },
    { source, destination },
  );
  return wrapIp({ source, destination, protocol: IP_PROTOCOL.tcp, ipId: facts.ipId ?? 1 }, segment);
}

export function encodeDatagram(isForward: boolean, ports: readonly [number, number], payload: Uint8Array): Uint8Array {
  const [source, destination] = isForward ? [PROBE, TARGET] : [TARGET, PROBE];
  const [probePort, targetPort] = ports;
  const datagram = isForward
    ? { sourcePort: probePort, destinationPort: targetPort, payload }
    : { sourcePort: targetPort, destinationPort: probePort, payload };
  return wrapIp(
    { source, destination, protocol: IP_PROTOCOL.udp, ipId: 99 },
    encodeUdp(datagram, { source, destination }),
  );
}

/** A pcap file in microseconds, big-endian; the frames are bytes of `linkType`. */
export function encodePcap(linkType: number, frames: readonly Frame[]): Uint8Array {
  const head = new Uint8Array(24);
  putUint32(head, 0, 0xa1b2_c3d4);
  putUint16(head, 4, 2);
  putUint16(head, 6, 4);
  putUint32(head, 16, 65_535);
  putUint32(head, 20, linkType);
  const records = frames.map(({ atUs, bytes }) => {
    const record = new Uint8Array(16);
    putUint32(record, 0, 1_800_000_000 + Math.floor(atUs / 1e6));
    putUint32(record, 4, Math.floor(atUs % 1e6));
    putUint32(record, 8, bytes.length);
    putUint32(record, 12, bytes.length);
    return concatOctets([record, bytes]);
  });
  return concatOctets([head, ...records]);
}

export const LINKTYPE = { null: 0, ethernet: 1, raw: 101, cooked: 113, cooked2: 276 } as const;

/** Writes `file` to a folder of its own for as long as `use` works. */
export async function withFile<T>(file: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'recording-'));
  try {
    const path = join(folder, 'made.pcap');
    writeFileSync(path, file);
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function analyzeFile(file: Uint8Array, request: Partial<AnalysisRequest> = {}): Promise<Report> {
  return withFile(file, async (path) =>
    analyzeRecording(await readRecording(path), { id: 'TEST', target: null, probe: null, ...request }),
  );
}

/** Pings 20 ms apart with a round trip of 3 ms; those in `lost` have no answer. */
export function recordPings(count: number, lost: readonly number[] = []): Frame[] {
  return Array.from({ length: count }, (_, sequence) => {
    const request = { atUs: sequence * 20_000, bytes: encodeEcho({ sequence, isReply: false }) };
    const reply = { atUs: sequence * 20_000 + 3_000, bytes: encodeEcho({ sequence, isReply: true, ttl: 61 }) };
    return lost.includes(sequence) ? [request] : [request, reply];
  }).flat();
}
