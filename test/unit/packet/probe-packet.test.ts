// Probes: sizes to the byte, valid checksums, patch offsets, and what comes back is matched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvariantError } from '../../../src/model/errors.js';
import { parseAddress } from '../../../src/packet/address.js';
import { isTransportChecksumValid, updateChecksum } from '../../../src/packet/checksum.js';
import { parseEthernet } from '../../../src/packet/ethernet.js';
import { encodeIcmp } from '../../../src/packet/icmp.js';
import { encodeIcmpv6 } from '../../../src/packet/icmpv6.js';
import { encodeIpv4, parseIpv4 } from '../../../src/packet/ipv4.js';
import { encodeIpv6, parseIpv6 } from '../../../src/packet/ipv6.js';
import { putUint16, putUint64, uint16At } from '../../../src/packet/octets.js';
import { computeMinProbeBytes, encodeProbe } from '../../../src/packet/probe-packet.js';
import { createProbeSeries } from '../../../src/packet/probe-series.js';
import { parseReply } from '../../../src/packet/reply-match.js';
import { encodeNtpTimestamp } from '../../../src/packet/stamp-timestamp.js';
import { SENDER_TLV_FLAGS } from '../../../src/packet/stamp-tlv.js';
import { encodeStampReflector, parseStampReflector, parseStampSender } from '../../../src/packet/stamp.js';
import { parseTcp } from '../../../src/packet/tcp.js';
import { encodeUdp, parseUdp } from '../../../src/packet/udp.js';
import { octets, plain } from './golden.js';
import { check, uint16, uint32, uint8 } from './properties.js';
import type { ProbeBody, ProbeEnvelope } from '../../../src/packet/probe-packet.js';
import type { NumberedBody } from '../../../src/packet/probe-series.js';
import type { Reply } from '../../../src/packet/reply.js';

const US = { 4: parseAddress('10.77.1.1').bytes, 6: parseAddress('fd77:1::1').bytes };
const TARGET = { 4: parseAddress('10.77.2.2').bytes, 6: parseAddress('fd77:2::2').bytes };
const LINK = { sourceMac: octets('020000000a01'), destinationMac: octets('020000000a02') };
const VLAN = { tpid: 0x8100, priority: 5, dropEligible: false, id: 20 };
const FOLLOW_UP = {
  kind: 'follow-up-telemetry' as const,
  sequence: 0,
  timestamp: 0n,
  stampMethod: 0,
  flags: SENDER_TLV_FLAGS,
};

const tag = fc.record({ runTag: uint32, payloadIndex: uint32 });
const body: fc.Arbitrary<ProbeBody> = fc.oneof(
  fc.record({ kind: fc.constant('icmp' as const), identifier: uint16, sequence: uint16, tag }),
  fc.record({ kind: fc.constant('udp' as const), sourcePort: uint16, destinationPort: uint16, tag }),
  fc.record({ kind: fc.constant('tcp-syn' as const), sourcePort: uint16, destinationPort: uint16, sequence: uint32 }),
  fc.record({
    kind: fc.constant('stamp' as const),
    sourcePort: uint16,
    destinationPort: fc.constantFrom(862, 3237),
    payloadIndex: uint32,
    ssid: uint16,
    errorEstimate: fc.record({
      synchronized: fc.boolean(),
      scale: fc.nat(63),
      multiplier: fc.integer({ min: 1, max: 255 }),
    }),
    tlvs: fc.constantFrom([], [FOLLOW_UP]),
  }),
);

interface Probe {
  readonly family: 4 | 6;
  readonly envelope: ProbeEnvelope;
  readonly body: ProbeBody;
}

const probe: fc.Arbitrary<Probe> = fc
  .tuple(
    fc.constantFrom(4 as const, 6 as const),
    body,
    fc.constantFrom(null, LINK, { ...LINK, vlan: VLAN }),
    fc.record({
      ttl: uint8,
      trafficClass: uint8,
      dontFragment: fc.boolean(),
      ipId: uint16,
      room: fc.oneof(fc.nat(40), fc.nat(9000)),
    }),
  )
  .map(([family, chosen, link, { room, ...rest }]) => ({
    family,
    body: chosen,
    envelope: {
      link,
      source: US[family],
      destination: TARGET[family],
      sizeBytes: computeMinProbeBytes(chosen.kind, family) + room,
      ...rest,
    },
  }));

/** The bare IP packet, whatever stands before it. */
function ipPacketOf({ envelope }: Probe, bytes: Uint8Array): Uint8Array {
  return envelope.link === null ? bytes : parseEthernet(bytes).payload;
}

function parseIp(family: 4 | 6, ip: Uint8Array): { protocol: number; payload: Uint8Array; dscp: number; ecn: number } {
  return family === 4 ? parseIpv4(ip) : parseIpv6(ip);
}

test('a probe has the size asked for, the header asked for and valid checksums', () => {
  check(probe, (asked) => {
    const { envelope, family } = asked;
    const { bytes } = encodeProbe(envelope, asked.body);
    const ip = ipPacketOf(asked, bytes);
    assert.equal(ip.length, envelope.sizeBytes);
    const { protocol, payload, dscp, ecn } = parseIp(family, ip);
    assert.equal(4 * dscp + ecn, envelope.trafficClass);
    if (family === 4) {
      const { ttl, identification, dontFragment, checksumValid } = parseIpv4(ip);
      assert.deepEqual(
        [ttl, identification, dontFragment, checksumValid],
        [envelope.ttl, envelope.ipId, envelope.dontFragment, true],
      );
    } else {
      assert.equal(parseIpv6(ip).hopLimit, envelope.ttl);
    }
    const pseudo = protocol === 1 ? null : { ...envelope, protocol };
    assert.equal(isTransportChecksumValid(payload, pseudo), true);
  });
});

test('a probe of a series is the one that is encoded by itself, whatever number came before it', () => {
  check(fc.tuple(probe, fc.array(fc.tuple(uint16, uint32), { minLength: 1, maxLength: 5 })), ([first, numbers]) => {
    const { envelope, body: firstBody } = first;
    if (firstBody.kind !== 'icmp' && firstBody.kind !== 'stamp') return;
    const series = createProbeSeries();
    series.encode(envelope, 0, { payloadIndex: 0, sequence: 0 }, () => firstBody);
    for (const [ipId, payloadIndex] of numbers) {
      const sequence = payloadIndex & 0xffff;
      const next: NumberedBody =
        firstBody.kind === 'stamp'
          ? { ...firstBody, payloadIndex }
          : { ...firstBody, sequence, tag: { ...firstBody.tag, payloadIndex } };
      const alone = encodeProbe({ ...envelope, ipId }, next);
      assert.deepEqual(
        series.encode({ ...envelope, ipId }, 0, { payloadIndex, sequence }, () => next),
        alone,
      );
    }
  });
});

test('the link header carries the addresses and the VLAN tag', () => {
  check(probe, (asked) => {
    if (asked.envelope.link === null) return;
    const frame = parseEthernet(encodeProbe(asked.envelope, asked.body).bytes);
    assert.deepEqual(plain(frame.source), LINK.sourceMac);
    assert.deepEqual(plain(frame.destination), LINK.destinationMac);
    assert.deepEqual(frame.vlans, 'vlan' in asked.envelope.link ? [VLAN] : []);
    assert.equal(frame.etherType, asked.family === 4 ? 0x0800 : 0x86dd);
  });
});

test('only STAMP is patched: the time stands at timestampAt, and the updated checksum is valid', () => {
  const unixNs = 1_767_323_045_678_901_234n;
  check(probe, (asked) => {
    const { bytes, timestampAt, checksumAt } = encodeProbe(asked.envelope, asked.body);
    if (asked.body.kind !== 'stamp') {
      assert.deepEqual([timestampAt, checksumAt], [-1, -1]);
      return;
    }
    let checksum = uint16At(bytes, checksumAt);
    const before = bytes.slice(timestampAt, timestampAt + 8);
    putUint64(bytes, timestampAt, encodeNtpTimestamp(unixNs));
    for (let at = 0; at < 8; at += 2) {
      checksum = updateChecksum(checksum, uint16At(before, at), uint16At(bytes, timestampAt + at));
    }
    putUint16(bytes, checksumAt, checksum === 0 ? 0xffff : checksum);
    const { payload, protocol } = parseIp(asked.family, ipPacketOf(asked, bytes));
    assert.equal(isTransportChecksumValid(payload, { ...asked.envelope, protocol }), true);
    const packet = parseStampSender(parseUdp(payload).payload);
    assert.equal(packet.timestampNs, unixNs);
    assert.deepEqual([packet.sequence, packet.ssid], [asked.body.payloadIndex, asked.body.ssid]);
    assert.deepEqual(packet.errorEstimate, { ...asked.body.errorEstimate, format: 'ntp' });
  });
});

test('a STAMP probe is padded by a TLV that tells its own length', () => {
  const base = { sourcePort: 1, destinationPort: 862, payloadIndex: 0, ssid: 0, tlvs: [FOLLOW_UP] };
  const stamp = { kind: 'stamp' as const, ...base, errorEstimate: { synchronized: false, scale: 0, multiplier: 1 } };
  const tlvsOf = (room: number) => {
    const sizeBytes = computeMinProbeBytes('stamp', 4) + room;
    const header = {
      link: null,
      source: US[4],
      destination: TARGET[4],
      ttl: 64,
      trafficClass: 0,
      dontFragment: true,
      ipId: 0,
    };
    const { bytes } = encodeProbe({ ...header, sizeBytes }, stamp);
    const { tlvs, rest } = parseStampSender(parseUdp(parseIpv4(bytes).payload).payload);
    return [...tlvs.map(({ kind }) => kind), rest.length];
  };
  assert.deepEqual(tlvsOf(0), [0]);
  assert.deepEqual(tlvsOf(3), [3]);
  assert.deepEqual(tlvsOf(4), ['extra-padding', 0]);
  assert.deepEqual(tlvsOf(20), ['follow-up-telemetry', 0]);
  assert.deepEqual(tlvsOf(23), ['follow-up-telemetry', 3]);
  assert.deepEqual(tlvsOf(1000), ['follow-up-telemetry', 'extra-padding', 0]);
});

test('a size below the minimum is our own defect', () => {
  check(probe, (asked) => {
    const sizeBytes = computeMinProbeBytes(asked.body.kind, asked.family) - 1;
    assert.throws(() => encodeProbe({ ...asked.envelope, sizeBytes }, asked.body), InvariantError);
  });
});

/** What a host answers to an echo request, a STAMP packet or a datagram that it echoes; null for a SYN. */
function answer({ family, envelope }: Probe, ip: Uint8Array): Uint8Array | null {
  const addresses = { source: envelope.destination, destination: envelope.source };
  const { protocol, payload } = parseIp(family, ip);
  if (protocol === 6) return null;
  const datagram = protocol === 17 ? parseUdp(payload) : null;
  let segment: Uint8Array;
  if (datagram === null) {
    const data = payload.subarray(8);
    const echo = {
      kind: 'echo-reply' as const,
      identifier: uint16At(payload, 4),
      sequence: uint16At(payload, 6),
      data,
    };
    segment = family === 4 ? encodeIcmp(echo) : encodeIcmpv6(echo, addresses);
  } else {
    const ports = { sourcePort: datagram.destinationPort, destinationPort: datagram.sourcePort };
    segment = encodeUdp({ ...ports, payload: reflect(datagram.payload, datagram.destinationPort) }, addresses);
  }
  return wrap(family, { ...addresses, protocol }, segment);
}

function reflect(payload: Uint8Array, port: number): Uint8Array {
  if (port !== 862 && port !== 3237) return payload;
  if (payload.length < 44) return payload;
  const request = parseStampSender(payload);
  return encodeStampReflector({
    ...request,
    sequence: 5,
    timestampNs: 2_000n,
    receiveTimestampNs: 1_000n,
    senderSequence: request.sequence,
    senderTimestampNs: request.timestampNs,
    senderErrorEstimate: request.errorEstimate,
    senderTtl: 61,
  });
}

function wrap(
  family: 4 | 6,
  header: { source: Uint8Array; destination: Uint8Array; protocol: number },
  payload: Uint8Array,
): Uint8Array {
  if (family === 6) {
    return encodeIpv6({ ...header, dscp: 3, ecn: 2, flowLabel: 0, hopLimit: 61, extensions: [], payload });
  }
  const fragment = { identification: 1, dontFragment: true, moreFragments: false, fragmentOffsetBytes: 0 };
  return encodeIpv4({ ...header, ...fragment, dscp: 3, ecn: 2, ttl: 61, options: new Uint8Array(), payload });
}

test('the reply to a probe names the packet it answers', () => {
  check(probe, (asked) => {
    const ip = ipPacketOf(asked, encodeProbe(asked.envelope, asked.body).bytes);
    const reply = answer(asked, ip);
    if (reply === null) return;
    const parsed = parseReply(reply, 'none');
    assert.deepEqual(plain(parsed.source), asked.envelope.destination);
    assert.deepEqual([parsed.ttl, parsed.trafficClass, parsed.sizeBytes], [61, 14, reply.length]);
    assertAnswers(parsed, asked, reply);
  });
});

function assertAnswers(parsed: Reply, { body: sent, envelope, family }: Probe, frame: Uint8Array): void {
  const hasTag = envelope.sizeBytes - computeMinProbeBytes(sent.kind, family) >= 8;
  switch (sent.kind) {
    case 'icmp':
      assert.ok(parsed.kind === 'echo-reply');
      assert.deepEqual([parsed.identifier, parsed.sequence], [sent.identifier, sent.sequence]);
      assert.equal(parsed.payloadIndex, hasTag ? sent.tag.payloadIndex : null);
      assert.equal(parsed.runTag, hasTag ? sent.tag.runTag : null);
      break;
    case 'udp':
      if (parsed.kind === 'stamp') break;
      assert.ok(parsed.kind === 'udp');
      assert.equal(parsed.destinationPort, sent.sourcePort);
      assert.equal(parsed.payloadIndex, hasTag ? sent.tag.payloadIndex : null);
      break;
    case 'stamp': {
      assert.ok(parsed.kind === 'stamp');
      assert.deepEqual([parsed.payloadIndex, parsed.ssid, parsed.sequence], [sent.payloadIndex, sent.ssid, 5]);
      assert.deepEqual([parsed.receiveTimestampNs, parsed.transmitTimestampNs], [1_000n, 2_000n]);
      const whole = parseStampReflector(frame.subarray(parsed.payloadAt, parsed.payloadAt + parsed.payloadLength));
      assert.equal(whole.senderTtl, parsed.senderTtl);
      break;
    }
    case 'tcp-syn':
      assert.fail('a SYN has no reply here');
  }
}

test('an error that quotes a probe names the packet it is about', () => {
  check(fc.tuple(probe, fc.oneof(fc.constant(8), fc.nat(1200))), ([asked, quotedBytes]) => {
    const { family, envelope, body: sent } = asked;
    const ip = ipPacketOf(asked, encodeProbe(envelope, sent).bytes);
    const quoted = ip.subarray(0, (family === 4 ? 20 : 40) + quotedBytes);
    const addresses = { source: TARGET[family], destination: US[family] };
    const message = { kind: 'time-exceeded' as const, code: 0, quoted, extensions: new Uint8Array() };
    const segment = family === 4 ? encodeIcmp({ ...message, nextHopMtuBytes: 0 }) : encodeIcmpv6(message, addresses);
    const parsed = parseReply(wrap(family, { ...addresses, protocol: family === 4 ? 1 : 58 }, segment), 'none');
    assert.ok(parsed.kind === 'icmp-error' && parsed.errorKind === 'time-exceeded');
    const about = parsed.quoted;
    assert.deepEqual(plain(about.destination), envelope.destination);
    const { ttl, trafficClass, sizeBytes } = envelope;
    assert.deepEqual([about.ttl, about.trafficClass, about.sizeBytes], [ttl, trafficClass, sizeBytes]);
    if (family === 4) assert.equal(about.ipId, envelope.ipId);
    if (quotedBytes < 8) {
      assert.deepEqual([about.sourcePort, about.icmpIdentifier, about.tcpSequence], [null, null, null]);
    } else if (sent.kind === 'icmp') {
      assert.deepEqual([about.icmpIdentifier, about.icmpSequence], [sent.identifier, sent.sequence]);
      const whole = quotedBytes >= 16 && envelope.sizeBytes >= computeMinProbeBytes('icmp', family) + 8;
      assert.equal(about.payloadIndex, whole ? sent.tag.payloadIndex : null);
    } else {
      assert.deepEqual([about.sourcePort, about.destinationPort], [sent.sourcePort, sent.destinationPort]);
      if (sent.kind === 'tcp-syn') assert.equal(about.tcpSequence, sent.sequence);
      if (sent.kind === 'stamp') assert.equal(about.payloadIndex, quotedBytes >= 12 ? sent.payloadIndex : null);
    }
  });
});

test('a SYN carries its sequence number and asks for nothing', () => {
  const sizeBytes = computeMinProbeBytes('tcp-syn', 4);
  const envelope = {
    link: null,
    source: US[4],
    destination: TARGET[4],
    ttl: 64,
    trafficClass: 0,
    dontFragment: true,
    ipId: 0,
  };
  const sent = { kind: 'tcp-syn' as const, sourcePort: 5, destinationPort: 443, sequence: 0xffff_ffff };
  const segment = parseTcp(parseIpv4(encodeProbe({ ...envelope, sizeBytes }, sent).bytes).payload);
  assert.deepEqual([segment.sequence, segment.flags, segment.acknowledgment, segment.options], [0xffff_ffff, 2, 0, []]);
});
