// What holds for every packet: parsing undoes encoding, and no octets from a network do more harm than a ProtocolError.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from '../../../src/model/errors.js';
import { encodeArp, parseArp } from '../../../src/packet/arp.js';
import { encodeEthernet, parseEthernet } from '../../../src/packet/ethernet.js';
import { encodeIcmp, parseIcmp } from '../../../src/packet/icmp.js';
import { encodeIcmpv6, parseIcmpv6 } from '../../../src/packet/icmpv6.js';
import { encodeIpv4, parseIpv4 } from '../../../src/packet/ipv4.js';
import { encodeIpv6, parseIpv6 } from '../../../src/packet/ipv6.js';
import { parseReply } from '../../../src/packet/reply-match.js';
import { encodeStampTlvs, parseStampTlvs } from '../../../src/packet/stamp-tlv.js';
import {
  encodeStampReflector,
  encodeStampSender,
  parseStampReflector,
  parseStampSender,
} from '../../../src/packet/stamp.js';
import { encodeTcp, parseTcp } from '../../../src/packet/tcp.js';
import { encodeUdp, parseUdp } from '../../../src/packet/udp.js';
import { octets, plain, readGoldens } from './golden.js';
import * as values from './packet-values.js';
import { check, octetsOf } from './properties.js';

const ADDRESSES = { source: octets('fd770001000000000000000000000001'), destination: octets('fd'.repeat(16)) };

/** Compares the fields that were given; a parser may tell more (lengths, checksums). */
function assertHolds(parsed: object, given: object): void {
  const known = Object.fromEntries(Object.entries(parsed).filter(([key]) => key in given));
  assert.deepEqual(plain(known), plain(given));
}

function testRoundTrip<T extends object>(
  name: string,
  packets: fc.Arbitrary<T>,
  roundTrip: (packet: T) => object,
): void {
  test(`${name}: parsing undoes encoding`, () => {
    check(packets, (packet) => assertHolds(roundTrip(packet), packet));
  });
}

testRoundTrip('Ethernet', values.ethernetFrame, (frame) => parseEthernet(encodeEthernet(frame)));
testRoundTrip('ARP', values.arpPacket, (packet) => parseArp(encodeArp(packet)));
testRoundTrip('IPv4', values.ipv4Packet, (packet) => parseIpv4(encodeIpv4(packet)));
testRoundTrip('IPv6', values.ipv6Packet, (packet) => parseIpv6(encodeIpv6(packet)));
testRoundTrip('ICMP', values.icmpMessage, (message) => parseIcmp(encodeIcmp(message)));
testRoundTrip('ICMPv6', values.icmpv6Message, (message) => parseIcmpv6(encodeIcmpv6(message, ADDRESSES)));
testRoundTrip('UDP', values.udpDatagram, (datagram) => parseUdp(encodeUdp(datagram, ADDRESSES)));
testRoundTrip('TCP', values.tcpSegment, (segment) => parseTcp(encodeTcp(segment, ADDRESSES)));
testRoundTrip('STAMP sender', values.stampSender, (packet) =>
  parseStampSender(encodeStampSender(packet), packet.hmac === null ? 'unauthenticated' : 'authenticated'),
);
testRoundTrip('STAMP reflector', values.stampReflector, (packet) =>
  parseStampReflector(encodeStampReflector(packet), packet.hmac === null ? 'unauthenticated' : 'authenticated'),
);

test('IPv4: the checksum of an encoded header is valid', () => {
  check(values.ipv4Packet, (packet) => assert.equal(parseIpv4(encodeIpv4(packet)).checksumValid, true));
});

test('IPv6: the walk ends at a later fragment', () => {
  const extension = { kind: 'fragment' as const, offsetBytes: 1448, moreFragments: false, identification: 1 };
  check(values.ipv6Packet, (packet) => {
    const later = { ...packet, extensions: [extension], protocol: 60 };
    assertHolds(parseIpv6(encodeIpv6(later)), later);
  });
});

const PARSERS: Record<string, (bytes: Uint8Array) => unknown> = {
  arp: parseArp,
  ethernet: parseEthernet,
  icmp: parseIcmp,
  icmpv6: parseIcmpv6,
  ipv4: parseIpv4,
  ipv6: parseIpv6,
  replies: (bytes) => parseReply(bytes, 'ethernet'),
  'stamp-reflector': (bytes) => parseStampReflector(bytes),
  'stamp-sender': (bytes) => parseStampSender(bytes),
  tcp: parseTcp,
  udp: parseUdp,
};

/** True if parsed, false if refused; anything else fails the test. */
function isParsed(parse: (bytes: Uint8Array) => unknown, bytes: Uint8Array): boolean {
  try {
    parse(bytes);
    return true;
  } catch (error) {
    assert.ok(error instanceof ProtocolError, String(error));
    return false;
  }
}

for (const [name, parse] of Object.entries(PARSERS)) {
  test(`${name}: arbitrary octets are parsed or refused`, () => {
    check(octetsOf(0, 200), (bytes) => void isParsed(parse, bytes));
  });

  test(`${name}: golden packets, mutated and cut, are parsed or refused`, () => {
    const goldens = readGoldens(name).map(({ hex }) => octets(hex));
    const mutations = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 });
    check(fc.tuple(fc.constantFrom(...goldens), mutations, fc.nat()), ([golden, changes, cut]) => {
      const bytes = Uint8Array.from(golden);
      // Headers are at the front: half of the changes go there.
      changes.forEach(
        ([at, value], i) => (bytes[at % (i % 2 === 0 ? Math.min(60, bytes.length) : bytes.length)] = value),
      );
      isParsed(parse, bytes.subarray(0, bytes.length - (cut % 3 === 0 ? cut % bytes.length : 0)));
    });
  });

  test(`${name}: a golden packet cut anywhere is parsed or refused, and the whole is parsed`, () => {
    for (const { hex, mode } of readGoldens(name)) {
      const bytes = octets(hex);
      for (let end = 0; end < bytes.length; end++) isParsed(parse, bytes.subarray(0, end));
      if (mode !== 'authenticated') assert.equal(isParsed(parse, bytes), true);
    }
  });
}

test('a parser never looks past the end of what it was given', () => {
  for (const [name, parse] of Object.entries(PARSERS)) {
    for (const { hex } of readGoldens(name)) {
      const bytes = octets(hex);
      for (let end = 0; end <= bytes.length; end++) {
        // The same octets alone and as the start of a buffer full of something else.
        const surrounded = new Uint8Array(bytes.length + 64).fill(0xa5);
        surrounded.set(bytes.subarray(0, end));
        assert.deepEqual(outcome(parse, surrounded.subarray(0, end)), outcome(parse, bytes.slice(0, end)), name);
      }
    }
  }
});

function outcome(parse: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    return plain(parse(bytes));
  } catch (error) {
    return String(error);
  }
}

test('STAMP TLVs: whatever follows the packet, nothing is lost and nothing is thrown', () => {
  check(octetsOf(0, 120), (bytes) => {
    // Reserved bits are not kept, but every octet has its place.
    assert.equal(encodeStampTlvs(parseStampTlvs(bytes)).length, bytes.length);
  });
});
