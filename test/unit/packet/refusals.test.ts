// What each codec must refuse, and that it says why.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError, ProtocolError } from '../../../src/model/errors.js';
import { parseArp } from '../../../src/packet/arp.js';
import { parseCdp } from '../../../src/packet/cdp.js';
import { encodeEthernetHeader, parseEthernet } from '../../../src/packet/ethernet.js';
import { parseIcmpv6 } from '../../../src/packet/icmpv6.js';
import { encodeIpv4, parseIpv4 } from '../../../src/packet/ipv4.js';
import { parseIpv6 } from '../../../src/packet/ipv6.js';
import { parseLldp } from '../../../src/packet/lldp.js';
import { parseReply } from '../../../src/packet/reply-match.js';
import { parseStampReflector, parseStampSender } from '../../../src/packet/stamp.js';
import { encodeTcp, parseTcp } from '../../../src/packet/tcp.js';
import { encodeUdp, parseUdp } from '../../../src/packet/udp.js';
import { octets } from './golden.js';

const IPV6_HEADER = (next: string, payloadLength: string) => `60000000${payloadLength}${next}40${'00'.repeat(32)}`;
const MACS = '020000000a02020000000a01';

const REFUSED: readonly (readonly [string, (bytes: Uint8Array) => unknown, string, RegExp])[] = [
  ['Ethernet of 13 octets', parseEthernet, '00'.repeat(13), /Ethernet header: 14 bytes needed, 13 there/],
  ['five VLAN tags', parseEthernet, `${MACS}${'81000001'.repeat(5)}0800`, /more than 4 VLAN tags/],
  ['a VLAN tag cut off', parseEthernet, `${MACS}8100`, /VLAN tag/],
  ['IPv4 of version 5', parseIpv4, `55${'00'.repeat(19)}`, /version 5/],
  ['an IPv4 header of 16 octets', parseIpv4, `44000014${'00'.repeat(16)}`, /header of 16/],
  ['an IPv4 header longer than the packet', parseIpv4, `46000014${'00'.repeat(16)}`, /header of 24/],
  ['IPv4 options cut off', parseIpv4, `4f00003c${'00'.repeat(16)}`, /60 bytes needed, 20 there/],
  ['IPv6 of version 4', parseIpv6, `40${'00'.repeat(39)}`, /version 4/],
  [
    'an IPv6 extension beyond its payload',
    parseIpv6,
    `${IPV6_HEADER('00', '0008')}3a01${'00'.repeat(14)}`,
    /extension/,
  ],
  ['nine IPv6 extensions', parseIpv6, `${IPV6_HEADER('3c', '0050')}${'3c00010400000000'.repeat(10)}`, /too many/],
  ['UDP of length 7', parseUdp, '0001000200070000', /length 7/],
  ['a TCP header of 4 words', parseTcp, `${'00'.repeat(12)}40${'00'.repeat(7)}`, /header of 16/],
  ['a TCP option of length 0', parseTcp, `${'00'.repeat(12)}60${'00'.repeat(7)}02000000`, /option of length 0/],
  ['a TCP option beyond the header', parseTcp, `${'00'.repeat(12)}60${'00'.repeat(7)}01010805`, /TCP option/],
  ['ARP for another hardware', parseArp, `0006080006040001${'00'.repeat(20)}`, /not IPv4 over Ethernet/],
  [
    'a neighbour option of length 0',
    parseIcmpv6,
    `8800000040000000${'fd'.repeat(16)}0200${'00'.repeat(6)}`,
    /length 0/,
  ],
  ['a STAMP request of 13 octets', parseStampSender, '00'.repeat(13), /STAMP/],
  ['a STAMP reply of 40 octets', parseStampReflector, '00'.repeat(40), /STAMP/],
  ['an authenticated packet of 111', (b) => parseStampSender(b, 'authenticated'), '00'.repeat(111), /STAMP/],
  ['a reply that is LLDP', (b) => parseReply(b, 'ethernet'), `${MACS}88cc${'00'.repeat(46)}`, /0x88cc/],
  ['LLDP without a port', parseLldp, '02020761', /LLDP element/],
  ['LLDP that begins with its port', parseLldp, '040207610402076106020078', /element 2 in place 0/],
  ['an LLDP element cut off', parseLldp, '02020761040207610602007808ff61', /LLDP element/],
  ['an LLDP VLAN of one octet', parseLldp, '020207610402076106020078fe050080c20107', /port VLAN/],
  ['CDP of version 3', parseCdp, '03b40000', /version 3/],
  ['a CDP element of length 3', parseCdp, '02b4000000010003', /length 3/],
  ['a CDP element cut off', parseCdp, '02b40000000100ff61', /CDP element/],
  ['a bare reply of version 0', (b) => parseReply(b, 'none'), '00'.repeat(40), /version 0/],
];

for (const [name, parse, hex, reason] of REFUSED) {
  test(`${name} is refused`, () => {
    assert.throws(
      () => parse(octets(hex)),
      (error) => error instanceof ProtocolError && reason.test(error.message),
    );
  });
}

test('values that do not fit their field are our own defect', () => {
  const mac = new Uint8Array(6);
  const tag = { tpid: 0x8100, priority: 0, dropEligible: false, id: 4096 };
  assert.throws(
    () => encodeEthernetHeader({ destination: mac, source: mac, vlans: [tag], etherType: 0x800 }),
    InvariantError,
  );
  const addresses = { source: new Uint8Array(4), destination: new Uint8Array(4) };
  const header = {
    dscp: 0,
    ecn: 0,
    identification: 0,
    dontFragment: true,
    moreFragments: false,
    fragmentOffsetBytes: 0,
    ttl: 64,
    protocol: 17,
    options: new Uint8Array(),
    payload: new Uint8Array(),
    ...addresses,
  };
  const wrong = [
    { dscp: 64 },
    { ttl: 256 },
    { identification: 65_536 },
    { fragmentOffsetBytes: 4 },
    { options: new Uint8Array(3) },
    { source: new Uint8Array(16) },
    { payload: new Uint8Array(65_516) },
  ];
  for (const change of wrong) assert.throws(() => encodeIpv4({ ...header, ...change }), InvariantError);
  const segment = { sourcePort: 1, destinationPort: 2, sequence: 0, acknowledgment: 0, flags: 2, window: 0 };
  const nops = (count: number) => Array.from({ length: count }, () => ({ kind: 'nop' as const }));
  const syn = { ...segment, urgentPointer: 0, payload: new Uint8Array() };
  assert.equal(encodeTcp({ ...syn, options: nops(40) }, addresses).length, 60);
  assert.throws(() => encodeTcp({ ...syn, options: nops(41) }, addresses), InvariantError);
  const datagram = { sourcePort: 65_536, destinationPort: 1, payload: new Uint8Array() };
  assert.throws(() => encodeUdp(datagram, addresses), InvariantError);
});
