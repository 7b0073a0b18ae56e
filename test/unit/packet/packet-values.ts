// Arbitrary well-formed packets for the property tests.
import fc from 'fast-check';
import { octetsOf, uint16, uint32, uint8 } from './properties.js';
import type { ArpPacket } from '../../../src/packet/arp.js';
import type { EthernetFrame } from '../../../src/packet/ethernet.js';
import type { IcmpMessage } from '../../../src/packet/icmp.js';
import type { Icmpv6Message } from '../../../src/packet/icmpv6.js';
import type { Ipv4Packet } from '../../../src/packet/ipv4.js';
import type { Ipv6Extension, Ipv6Packet } from '../../../src/packet/ipv6.js';
import type { ErrorEstimate } from '../../../src/packet/stamp-timestamp.js';
import type { StampTlv, StampTlvValue } from '../../../src/packet/stamp-tlv.js';
import type { StampReflectorPacket, StampSenderPacket } from '../../../src/packet/stamp.js';
import type { TcpOption, TcpSegment } from '../../../src/packet/tcp.js';
import type { UdpDatagram } from '../../../src/packet/udp.js';

const mac = octetsOf(6);
const ipv4Address = octetsOf(4);
const ipv6Address = octetsOf(16);
const payload = octetsOf(0, 80);
const words = (wordBytes: number, least: number, most: number) =>
  fc.integer({ min: least, max: most }).chain((count) => octetsOf(wordBytes * count));
/** RFC 4884 and neighbour discovery count in words of 8, the first of which lacks the 2 octets of type and length. */
const optionData = fc.integer({ min: 1, max: 4 }).chain((count) => octetsOf(8 * count - 2));

const isNoTag = (etherType: number) => etherType !== 0x8100 && etherType !== 0x88a8;

export const ethernetFrame: fc.Arbitrary<EthernetFrame> = fc.record({
  destination: mac,
  source: mac,
  vlans: fc.array(
    fc.record({
      tpid: fc.constantFrom(0x8100, 0x88a8),
      priority: fc.nat(7),
      dropEligible: fc.boolean(),
      id: fc.nat(0xfff),
    }),
    { maxLength: 4 },
  ),
  etherType: uint16.filter(isNoTag),
  payload,
});

export const arpPacket: fc.Arbitrary<ArpPacket> = fc.record({
  operation: uint16,
  senderMac: mac,
  senderAddress: ipv4Address,
  targetMac: mac,
  targetAddress: ipv4Address,
});

export const ipv4Packet: fc.Arbitrary<Ipv4Packet> = fc.record({
  dscp: fc.nat(63),
  ecn: fc.nat(3),
  identification: uint16,
  dontFragment: fc.boolean(),
  moreFragments: fc.boolean(),
  fragmentOffsetBytes: fc.nat(0x1fff).map((word) => 8 * word),
  ttl: uint8,
  protocol: uint8,
  source: ipv4Address,
  destination: ipv4Address,
  options: words(4, 0, 10),
  payload,
});

const ipv6Extension: fc.Arbitrary<Ipv6Extension> = fc.oneof(
  fc.record({ kind: fc.constant('options' as const), protocol: fc.constantFrom(0, 60), body: optionData }),
  fc.record({ kind: fc.constant('routing' as const), protocol: fc.constant(43), body: optionData }),
  fc.record({
    kind: fc.constant('fragment' as const),
    // The walk ends at a later fragment, so only first ones may be followed by more.
    offsetBytes: fc.constant(0),
    moreFragments: fc.boolean(),
    identification: uint32,
  }),
);

export const ipv6Packet: fc.Arbitrary<Ipv6Packet> = fc.record({
  dscp: fc.nat(63),
  ecn: fc.nat(3),
  flowLabel: fc.nat(0xf_ffff),
  hopLimit: uint8,
  source: ipv6Address,
  destination: ipv6Address,
  extensions: fc.array(ipv6Extension, { maxLength: 8 }),
  protocol: uint8.filter((protocol) => ![0, 43, 44, 60].includes(protocol)),
  payload,
});

export const addresses = fc.oneof(
  fc.record({ source: ipv4Address, destination: ipv4Address }),
  fc.record({ source: ipv6Address, destination: ipv6Address }),
);

export const udpDatagram: fc.Arbitrary<UdpDatagram> = fc.record({
  sourcePort: uint16,
  destinationPort: uint16,
  payload,
});

/** At most 30 octets of options however they are chosen. */
const tcpOptions: fc.Arbitrary<TcpOption[]> = fc.array(
  fc.oneof(
    fc.constant({ kind: 'nop' as const }),
    fc.constant({ kind: 'sack-permitted' as const }),
    fc.record({ kind: fc.constant('maximum-segment-size' as const), sizeBytes: uint16 }),
    fc.record({ kind: fc.constant('window-scale' as const), shift: uint8 }),
    fc.record({ kind: fc.constant('timestamps' as const), value: uint32, echo: uint32 }),
    fc.record({ kind: fc.constant('other' as const), option: fc.constantFrom(5, 34, 253), data: octetsOf(0, 8) }),
  ),
  { maxLength: 3 },
);

export const tcpSegment: fc.Arbitrary<TcpSegment> = fc.record({
  sourcePort: uint16,
  destinationPort: uint16,
  sequence: uint32,
  acknowledgment: uint32,
  flags: uint8,
  window: uint16,
  urgentPointer: uint16,
  options: tcpOptions,
  payload,
});

const echo = fc.record({
  kind: fc.constantFrom('echo-request' as const, 'echo-reply' as const),
  identifier: uint16,
  sequence: uint16,
  data: payload,
});
const errorKind = fc.constantFrom('unreachable' as const, 'time-exceeded' as const);
const noExtensions = fc.constant(new Uint8Array());
/** With extensions the quote is whole words, and at least one. */
const quotes = (wordBytes: 4 | 8) =>
  fc.oneof(
    fc.record({ quoted: payload, extensions: noExtensions }),
    fc.record({ quoted: words(wordBytes, 1, 16), extensions: octetsOf(1, 20) }),
  );

export const icmpMessage: fc.Arbitrary<IcmpMessage> = fc.oneof(
  echo,
  fc
    .tuple(fc.record({ kind: errorKind, code: uint8, nextHopMtuBytes: uint16 }), quotes(4))
    .map(([head, quote]) => ({ ...head, ...quote })),
  fc.record({
    kind: fc.constant('other' as const),
    type: uint8.filter((type) => ![0, 3, 8, 11].includes(type)),
    code: uint8,
    body: octetsOf(4, 40),
  }),
);

const neighbour = fc.record({ target: ipv6Address, options: fc.array(fc.record({ type: uint8, data: optionData })) });

export const icmpv6Message: fc.Arbitrary<Icmpv6Message> = fc.oneof(
  echo,
  fc.tuple(fc.record({ kind: errorKind, code: uint8 }), quotes(8)).map(([head, quote]) => ({ ...head, ...quote })),
  fc.record({ kind: fc.constant('packet-too-big' as const), code: uint8, mtuBytes: uint32, quoted: payload }),
  neighbour.map((fields) => ({ kind: 'neighbour-solicitation' as const, ...fields })),
  fc
    .tuple(neighbour, fc.record({ router: fc.boolean(), solicited: fc.boolean(), override: fc.boolean() }))
    .map(([fields, flags]) => ({ kind: 'neighbour-advertisement' as const, ...flags, ...fields })),
  fc.record({
    kind: fc.constant('other' as const),
    type: uint8.filter((type) => ![1, 2, 3, 128, 129, 135, 136].includes(type)),
    code: uint8,
    body: octetsOf(4, 40),
  }),
);

const errorEstimate: fc.Arbitrary<ErrorEstimate> = fc.record({
  synchronized: fc.boolean(),
  format: fc.constantFrom('ntp' as const, 'ptp' as const),
  scale: fc.nat(63),
  multiplier: uint8,
});
/** From 1970 to 2104, where both formats hold; 1970's first ns is "none" in PTP format. */
const timestampNs = fc.option(fc.bigInt({ min: 1n, max: 4_233_000_000n * 1_000_000_000n }));
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

const stampTlvValue: fc.Arbitrary<StampTlvValue> = fc.oneof(
  fc.record({ kind: fc.constant('extra-padding' as const), data: payload }),
  fc.record({
    kind: fc.constant('location' as const),
    destinationPort: uint16,
    sourcePort: uint16,
    subTlvs: octetsOf(0, 40),
  }),
  fc.record({
    kind: fc.constant('timestamp-information' as const),
    syncSourceIn: uint8,
    stampMethodIn: uint8,
    syncSourceOut: uint8,
    stampMethodOut: uint8,
    subTlvs: octetsOf(0, 20),
  }),
  fc.record({
    kind: fc.constant('class-of-service' as const),
    wantedDscp: fc.nat(63),
    receivedDscp: fc.nat(63),
    receivedEcn: fc.nat(3),
    reversePath: fc.nat(3),
  }),
  fc.record({
    kind: fc.constant('direct-measurement' as const),
    senderTxCount: uint32,
    reflectorRxCount: uint32,
    reflectorTxCount: uint32,
  }),
  fc.record({
    kind: fc.constant('follow-up-telemetry' as const),
    sequence: uint32,
    timestamp: uint64,
    stampMethod: uint8,
  }),
  fc.record({ kind: fc.constant('hmac' as const), hmac: octetsOf(16) }),
  fc.record({ kind: fc.constant('other' as const), type: fc.integer({ min: 9, max: 255 }), data: payload }),
);

const stampTlv: fc.Arbitrary<StampTlv> = fc
  .tuple(
    stampTlvValue,
    fc.record({ unrecognized: fc.boolean(), malformed: fc.boolean(), integrityFailed: fc.boolean() }),
  )
  .map(([value, flags]) => ({ ...value, flags }));

export const stampSender: fc.Arbitrary<StampSenderPacket> = fc.record({
  sequence: uint32,
  timestampNs,
  errorEstimate,
  ssid: uint16,
  hmac: fc.option(octetsOf(16)),
  tlvs: fc.array(stampTlv, { maxLength: 5 }),
  rest: fc.nat(12).map((count) => new Uint8Array(count)),
});

export const stampReflector: fc.Arbitrary<StampReflectorPacket> = fc
  .tuple(
    stampSender,
    fc.record({
      receiveTimestampNs: timestampNs,
      senderSequence: uint32,
      senderTimestampNs: timestampNs,
      senderErrorEstimate: errorEstimate,
      senderTtl: uint8,
    }),
  )
  .map(([sender, reflector]) => ({ ...sender, ...reflector }));
