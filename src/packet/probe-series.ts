// Probes of one run that differ in little but their number: the first of each look is encoded, the others are that one with its
// numbers put in and its checksums corrected. At a hundred thousand packets a run, encoding each takes longer than sending it.
import { ETHERNET_HEADER_BYTES } from '../model/units.js';
import { IPV6_BYTES } from './address.js';
import { updateChecksum } from './checksum.js';
import { VLAN_TAG_BYTES } from './ethernet.js';
import { ICMP_HEADER_BYTES } from './icmp.js';
import { IPV4_HEADER_BYTES } from './ipv4.js';
import { IPV6_HEADER_BYTES } from './ipv6.js';
import { putUint16, uint16At } from './octets.js';
import { PAYLOAD_TAG_BYTES, PAYLOAD_TAG_INDEX_AT } from './payload-tag.js';
import { encodeProbe } from './probe-packet.js';
import type { EncodedProbe, ProbeBody, ProbeEnvelope } from './probe-packet.js';
import { UDP_CHECKSUM_AT, UDP_HEADER_BYTES } from './udp.js';

const IPV4_ID_AT = 4;
const IPV4_CHECKSUM_AT = 10;
const ICMP_CHECKSUM_AT = 2;
const ICMP_SEQUENCE_AT = 6;

/** Kinds whose numbers are known to stand where they do. */
export type NumberedBody = Extract<ProbeBody, { kind: 'icmp' | 'stamp' }>;

export interface ProbeNumbers {
  /** 32 bits: of the payload tag, or the sequence number of STAMP. */
  readonly payloadIndex: number;
  /** 16 bits, of ICMP. */
  readonly sequence: number;
}

export interface ProbeSeries {
  /** Forgets all looks: the next probe may have other addresses, tags or options. */
  restart(): void;
  /**
   * The same bytes as `encodeProbe(envelope, body())`, valid until the next call; `body` must hold these numbers. Between two restarts,
   * bodies of one flow differ in their numbers only, and envelopes in size, class and identification.
   */
  encode(envelope: ProbeEnvelope, flow: number, numbers: ProbeNumbers, body: () => NumberedBody): EncodedProbe;
}

/** Looks kept at a time; a sweep of more sizes encodes some of them again. */
const MOST_LOOKS = 64;

export function createProbeSeries(): ProbeSeries {
  const looks = new Map<string, EncodedProbe>();
  return {
    restart: () => looks.clear(),
    encode(envelope, flow, numbers, body) {
      const look = `${envelope.sizeBytes} ${envelope.trafficClass} ${flow}`;
      const known = looks.get(look);
      if (known !== undefined) {
        putNumbers(known, envelope, numbers);
        return known;
      }
      if (looks.size >= MOST_LOOKS) looks.clear();
      const probe = encodeProbe(envelope, body());
      looks.set(look, probe);
      return probe;
    },
  };
}

function putNumbers({ bytes, timestampAt }: EncodedProbe, envelope: ProbeEnvelope, numbers: ProbeNumbers): void {
  const tagBytes = envelope.link?.vlan === undefined ? 0 : VLAN_TAG_BYTES;
  const ipAt = envelope.link === null ? 0 : ETHERNET_HEADER_BYTES + tagBytes;
  const isVersion6 = envelope.destination.length === IPV6_BYTES;
  const segmentAt = ipAt + (isVersion6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES);
  if (!isVersion6) replaceWord(bytes, ipAt + IPV4_ID_AT, envelope.ipId, ipAt + IPV4_CHECKSUM_AT);
  // Of the two, only STAMP carries the time.
  if (timestampAt < 0) putEchoNumbers(bytes, segmentAt, numbers);
  else putStampNumber(bytes, segmentAt, numbers.payloadIndex);
}

function putStampNumber(bytes: Uint8Array, segmentAt: number, payloadIndex: number): void {
  const checksumAt = segmentAt + UDP_CHECKSUM_AT;
  replaceWords(bytes, segmentAt + UDP_HEADER_BYTES, payloadIndex, checksumAt);
  // Zero would mean that there is no checksum (RFC 768).
  if (uint16At(bytes, checksumAt) === 0) putUint16(bytes, checksumAt, 0xffff);
}

function putEchoNumbers(bytes: Uint8Array, segmentAt: number, { sequence, payloadIndex }: ProbeNumbers): void {
  const checksumAt = segmentAt + ICMP_CHECKSUM_AT;
  replaceWord(bytes, segmentAt + ICMP_SEQUENCE_AT, sequence, checksumAt);
  const tagAt = segmentAt + ICMP_HEADER_BYTES;
  const hasTag = tagAt + PAYLOAD_TAG_BYTES <= bytes.length;
  if (hasTag) replaceWords(bytes, tagAt + PAYLOAD_TAG_INDEX_AT, payloadIndex, checksumAt);
}

/** 32 bits at an even place of what the checksum covers. */
function replaceWords(bytes: Uint8Array, at: number, value: number, checksumAt: number): void {
  replaceWord(bytes, at, value >>> 16, checksumAt);
  replaceWord(bytes, at + 2, value & 0xffff, checksumAt);
}

function replaceWord(bytes: Uint8Array, at: number, value: number, checksumAt: number): void {
  const before = uint16At(bytes, at);
  if (before === value) return;
  putUint16(bytes, checksumAt, updateChecksum(uint16At(bytes, checksumAt), before, value));
  putUint16(bytes, at, value);
}
