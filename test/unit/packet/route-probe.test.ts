// Probes with a chosen TTL: one flow looks the same to every router, and each answer finds its probe.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from '../../../src/packet/address.js';
import { computeChecksum, isTransportChecksumValid } from '../../../src/packet/checksum.js';
import { encodeIcmp } from '../../../src/packet/icmp.js';
import { encodeIcmpv6 } from '../../../src/packet/icmpv6.js';
import { encodeIpv4, parseIpv4 } from '../../../src/packet/ipv4.js';
import { encodeIpv6, parseIpv6 } from '../../../src/packet/ipv6.js';
import { parseMplsLabels } from '../../../src/packet/mpls-labels.js';
import { putUint16, uint16At } from '../../../src/packet/octets.js';
import { parseReply } from '../../../src/packet/reply-match.js';
import {
  computeMinRouteProbeBytes,
  encodeRouteProbe,
  matchRouteReply,
  MAX_ROUTE_FLOWS,
  ROUTE_NUMBERS,
  type RouteIdentity,
  type RouteProtocol,
} from '../../../src/packet/route-probe.js';
import { octets } from './golden.js';
import { uint16, uint32 } from './properties.js';

const US = { 4: parseAddress('10.77.1.1').bytes, 6: parseAddress('fd77:1::1').bytes };
const TARGET = { 4: parseAddress('10.77.2.2').bytes, 6: parseAddress('fd77:2::2').bytes };
const ROUTER = { 4: parseAddress('10.77.9.9').bytes, 6: parseAddress('fd77:9::9').bytes };

interface Drawn {
  readonly family: 4 | 6;
  readonly identity: RouteIdentity;
  readonly flow: number;
}

const drawn: fc.Arbitrary<Drawn> = fc
  .record({
    family: fc.constantFrom(4 as const, 6 as const),
    protocol: fc.constantFrom<RouteProtocol>('icmp', 'udp', 'tcp'),
    identifier: uint16,
    checksum: uint16,
    sourcePort: fc.integer({ min: 1024, max: 65_000 }),
    destinationPort: fc.integer({ min: 1, max: 65_000 }),
    runTag: uint32,
    flow: fc.nat(MAX_ROUTE_FLOWS - 1),
  })
  .map(({ family, flow, ...identity }) => ({ family, flow, identity: { ...identity, target: TARGET[family] } }));
const number = fc.nat(ROUTE_NUMBERS - 1);

function encode({ family, identity, flow }: Drawn, of: number, sizeBytes: number, ttl = 3): Uint8Array {
  const addresses = { source: US[family], destination: TARGET[family] };
  const envelope = { link: null, ...addresses, ttl, trafficClass: 0, dontFragment: true, sizeBytes };
  return encodeRouteProbe(identity, { flow, number: of }, envelope);
}

/** What routers may hash: the first octets of the transport header that hold ports, or type, code, checksum and identifier. */
function hashedOctets({ family, identity }: Drawn, packet: Uint8Array): Uint8Array {
  const at = family === 4 ? 20 : 40;
  return packet.subarray(at, at + (identity.protocol === 'icmp' ? 6 : 4));
}

function timeExceeded(family: 4 | 6, quoted: Uint8Array): Uint8Array {
  const error = { kind: 'time-exceeded', code: 0, quoted, extensions: new Uint8Array(0) } as const;
  const addresses = { source: ROUTER[family], destination: US[family] };
  const header = { ...addresses, dscp: 0, ecn: 0, extensions: [] };
  if (family === 6) {
    const payload = encodeIcmpv6(error, addresses);
    return encodeIpv6({ ...header, flowLabel: 0, hopLimit: 60, protocol: 58, payload });
  }
  const rest = { identification: 7, dontFragment: false, moreFragments: false, fragmentOffsetBytes: 0, ttl: 60 };
  const payload = encodeIcmp({ ...error, nextHopMtuBytes: 0 });
  return encodeIpv4({ ...header, ...rest, protocol: 1, options: new Uint8Array(0), payload });
}

test('any two probes of a flow have the same hashed octets, whatever their numbers, sizes and TTLs', () => {
  fc.assert(
    fc.property(drawn, number, number, fc.nat(900), fc.nat(900), (one, a, b, moreA, moreB) => {
      const least = computeMinRouteProbeBytes(one.identity.protocol, one.family);
      const first = hashedOctets(one, encode(one, a, least + moreA, 1));
      assert.deepEqual(first, hashedOctets(one, encode(one, b, least + moreB, 9)));
    }),
  );
});

test('probes of different flows differ in the hashed octets', () => {
  fc.assert(
    fc.property(drawn, number, (one, of) => {
      const other = { ...one, flow: (one.flow + 1) % MAX_ROUTE_FLOWS };
      assert.notDeepEqual(hashedOctets(one, encode(one, of, 100)), hashedOctets(other, encode(other, of, 100)));
    }),
  );
});

test('checksums are right and no IPv4 identification is 0', () => {
  fc.assert(
    fc.property(drawn, number, fc.nat(1400), (one, of, more) => {
      const bytes = encode(one, of, computeMinRouteProbeBytes(one.identity.protocol, one.family) + more);
      const packet = one.family === 4 ? parseIpv4(bytes) : parseIpv6(bytes);
      const hasNoPseudoHeader = one.identity.protocol === 'icmp' && one.family === 4;
      const pseudo = { source: US[one.family], destination: TARGET[one.family], protocol: packet.protocol };
      assert.ok(isTransportChecksumValid(packet.payload, hasNoPseudoHeader ? null : pseudo));
      if (one.family === 4) assert.notEqual(uint16At(bytes, 4), 0);
    }),
  );
});

test('a router that quotes as little as it may (8 octets over IPv4) or everything is matched to the number', () => {
  fc.assert(
    fc.property(drawn, number, fc.boolean(), (one, of, short) => {
      const probe = encode(one, of, 200, 1);
      const quoted = short && one.family === 4 ? probe.subarray(0, 28) : probe;
      const answer = matchRouteReply(parseReply(timeExceeded(one.family, quoted), 'none'), one.identity);
      assert.equal(answer?.number, of);
      assert.equal(answer.kind, 'time-exceeded');
      assert.equal(answer.quotedTtl, 1);
      assert.deepEqual(answer.source, ROUTER[one.family]);
    }),
  );
});

test("another program's probes to the same target are not ours", () => {
  fc.assert(
    fc.property(drawn, number, (one, of) => {
      const { identity } = one;
      const strange = {
        icmp: { ...identity, identifier: (identity.identifier + 100) & 0xffff },
        udp: { ...identity, sourcePort: identity.sourcePort + 100 },
        tcp: { ...identity, sourcePort: identity.sourcePort + 100 },
      }[identity.protocol];
      const frame = timeExceeded(one.family, encode({ ...one, identity: strange }, of, 200, 1));
      assert.equal(matchRouteReply(parseReply(frame, 'none'), identity), null);
    }),
  );
});

/** Time exceeded by 10.77.9.9, a quote of 128 octets, then an extension with two labels; the length octet is a parameter. */
function labelledAnswer(quotedWords: number): Uint8Array {
  const quoted = new Uint8Array(128);
  quoted.set(encode(LABELLED, 5, 100, 1));
  const stack = octets('20000000000c0101186a000103e80b3f');
  putUint16(stack, 2, computeChecksum(stack));
  const message = new Uint8Array(8 + 128 + stack.length);
  message[0] = 11;
  message[5] = quotedWords;
  message.set(quoted, 8);
  message.set(stack, 136);
  const header = { source: ROUTER[4], destination: US[4], dscp: 0, ecn: 0, identification: 7, dontFragment: false };
  const rest = { moreFragments: false, fragmentOffsetBytes: 0, ttl: 60, protocol: 1, options: new Uint8Array(0) };
  return encodeIpv4({ ...header, ...rest, payload: message });
}
const LABELLED: Drawn = {
  family: 4,
  flow: 0,
  identity: {
    protocol: 'udp',
    target: TARGET[4],
    identifier: 1,
    checksum: 1,
    sourcePort: 40_000,
    destinationPort: 33_434,
    runTag: 9,
  },
};

test('labels are read where the message announces its extension, and at octet 128 where an old router does not', () => {
  const expected = [
    { label: 0x186a0, trafficClass: 0, isBottom: false, ttl: 1 },
    { label: 0x03e80, trafficClass: 5, isBottom: true, ttl: 63 },
  ];
  for (const words of [32, 0]) {
    const answer = labelledAnswer(words);
    assert.deepEqual(parseMplsLabels(answer), expected);
    assert.equal(matchRouteReply(parseReply(answer, 'none'), LABELLED.identity)?.number, 5);
  }
});

test('what only looks like an extension has no labels', () => {
  const broken = labelledAnswer(0);
  broken[broken.length - 1] = 62;
  assert.deepEqual(parseMplsLabels(broken), [], 'a wrong checksum');
  assert.deepEqual(parseMplsLabels(timeExceeded(4, encode(LABELLED, 1, 600, 1))), [], 'a long quote');
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parseMplsLabels(bytes)));
});
