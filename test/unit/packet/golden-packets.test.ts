// Every codec against packets that others made: see test/fixtures/packets/README.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeArp, parseArp } from '../../../src/packet/arp.js';
import { parseCdp } from '../../../src/packet/cdp.js';
import { isTransportChecksumValid } from '../../../src/packet/checksum.js';
import { encodeEthernet, parseEthernet } from '../../../src/packet/ethernet.js';
import { encodeIcmp, parseIcmp } from '../../../src/packet/icmp.js';
import { encodeIcmpv6, parseIcmpv6 } from '../../../src/packet/icmpv6.js';
import { encodeIpv4, parseIpv4 } from '../../../src/packet/ipv4.js';
import { encodeIpv6, parseIpv6 } from '../../../src/packet/ipv6.js';
import { parseLldp } from '../../../src/packet/lldp.js';
import { IP_PROTOCOL } from '../../../src/packet/protocol-numbers.js';
import { parseReply } from '../../../src/packet/reply-match.js';
import {
  encodeStampReflector,
  encodeStampSender,
  parseStampReflector,
  parseStampSender,
} from '../../../src/packet/stamp.js';
import { encodeTcp, parseTcp } from '../../../src/packet/tcp.js';
import { encodeUdp, parseUdp } from '../../../src/packet/udp.js';
import { octets, plain, readGoldens, runGoldens } from './golden.js';
import type { ArpPacket } from '../../../src/packet/arp.js';
import type { EthernetFrame } from '../../../src/packet/ethernet.js';
import type { IcmpMessage } from '../../../src/packet/icmp.js';
import type { Icmpv6Message } from '../../../src/packet/icmpv6.js';
import type { Ipv4Packet } from '../../../src/packet/ipv4.js';
import type { Ipv6Packet } from '../../../src/packet/ipv6.js';
import type { StampReflectorPacket, StampSenderPacket } from '../../../src/packet/stamp.js';
import type { TcpSegment } from '../../../src/packet/tcp.js';
import type { IpAddresses, UdpDatagram } from '../../../src/packet/udp.js';
import type { Golden } from './golden.js';

runGoldens('ethernet', { parse: parseEthernet, encode: (fields) => encodeEthernet(fields as EthernetFrame) });
runGoldens('arp', { parse: parseArp, encode: (fields) => encodeArp(fields as ArpPacket) });
runGoldens('ipv4', { parse: parseIpv4, encode: (fields) => encodeIpv4(fields as Ipv4Packet) });
runGoldens('ipv6', { parse: parseIpv6, encode: (fields) => encodeIpv6(fields as Ipv6Packet) });
runGoldens('icmp', { parse: parseIcmp, encode: (fields) => encodeIcmp(fields as IcmpMessage) });
runGoldens('icmpv6', {
  parse: parseIcmpv6,
  encode: (fields, golden) => encodeIcmpv6(fields as Icmpv6Message, addressesOf(golden)),
});
runGoldens('udp', {
  parse: parseUdp,
  encode: (fields, golden) => encodeUdp(fields as UdpDatagram, addressesOf(golden)),
});
runGoldens('tcp', {
  parse: parseTcp,
  encode: (fields, golden) => encodeTcp(fields as TcpSegment, addressesOf(golden)),
});
runGoldens('stamp-sender', {
  parse: (bytes, golden) => parseStampSender(bytes, golden.mode),
  encode: (fields) => encodeStampSender(fields as StampSenderPacket),
});
runGoldens('stamp-reflector', {
  parse: (bytes, golden) => parseStampReflector(bytes, golden.mode),
  encode: (fields) => encodeStampReflector(fields as StampReflectorPacket),
});

const READ_ONLY = { lldp: parseLldp, cdp: parseCdp } as const;
for (const [file, parse] of Object.entries(READ_ONLY)) {
  for (const golden of readGoldens(file)) {
    test(`${file}: parse ${golden.name}`, () => {
      assert.deepEqual(plain(parse(octets(golden.hex))), golden.fields);
    });
  }
}

for (const golden of readGoldens('replies')) {
  test(`replies: parse ${golden.name}`, () => {
    assert.deepEqual(plain(parseReply(octets(golden.hex), 'ethernet')), golden.fields);
  });
}

const PSEUDO_PROTOCOL = { icmpv6: IP_PROTOCOL.icmpv6, udp: IP_PROTOCOL.udp, tcp: IP_PROTOCOL.tcp };
for (const [file, protocol] of Object.entries(PSEUDO_PROTOCOL)) {
  for (const golden of readGoldens(file)) {
    test(`${file}: checksum of ${golden.name} holds, and fails with one bit changed`, () => {
      const pseudo = { ...addressesOf(golden), protocol };
      const segment = octets(golden.hex);
      assert.equal(isTransportChecksumValid(segment, pseudo), true);
      segment[0] = (segment[0] ?? 0) ^ 1;
      assert.equal(isTransportChecksumValid(segment, pseudo), false);
    });
  }
}

test('octets behind an IP packet are link padding, and a cut-off packet keeps its length', () => {
  for (const [file, parse] of [['ipv4', parseIpv4] as const, ['ipv6', parseIpv6] as const]) {
    for (const golden of readGoldens(file)) {
      const bytes = octets(golden.hex);
      const padded = new Uint8Array(bytes.length + 18);
      padded.set(bytes);
      assert.deepEqual(plain(parse(padded)), golden.fields);
      const cut = parse(bytes.subarray(0, bytes.length - 1));
      assert.equal(cut.totalLength, bytes.length);
      assert.equal(cut.payload.length, (golden.fields as Ipv4Packet).payload.length - 1);
    }
  }
});

function addressesOf(golden: Golden): IpAddresses {
  assert.ok(golden.addresses, `${golden.name} has no addresses`);
  return golden.addresses;
}
