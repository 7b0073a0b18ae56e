// Who answers for an address: two that do are a conflict, unless they are one machine or say that they share it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatMac, parseAddress } from '../../../src/packet/address.js';
import { ARP_OPERATION, encodeArp } from '../../../src/packet/arp.js';
import { encodeEthernet, parseEthernet } from '../../../src/packet/ethernet.js';
import { encodeLinkAnswerFilter } from '../../../src/packet/filter.js';
import { encodeIcmpv6, LINK_ADDRESS_OPTION, parseIcmpv6 } from '../../../src/packet/icmpv6.js';
import { encodeIpv6, parseIpv6 } from '../../../src/packet/ipv6.js';
import { encodeAddressProbe } from '../../../src/packet/neighbour-query.js';
import { ETHER_TYPE, IP_PROTOCOL } from '../../../src/packet/protocol-numbers.js';
import { parseArp } from '../../../src/packet/arp.js';
import { findConflict } from '../../../src/prober/native/address-conflict.js';
import { loadProgram, runProgram } from '../packet/bpf-machine.js';

const MAC = (last: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, last);
const OURS = MAC(1);
const HOP4 = { source: parseAddress('10.66.0.1').bytes, neighbour: parseAddress('10.66.0.2').bytes };
const HOP6 = { source: parseAddress('fd66::1').bytes, neighbour: parseAddress('fd66::2').bytes };

function answer4(address: Uint8Array, mac: Uint8Array): Uint8Array {
  const targetAddress = HOP4.source;
  const packet = {
    operation: ARP_OPERATION.reply,
    senderMac: mac,
    senderAddress: address,
    targetMac: OURS,
    targetAddress,
  };
  return encodeEthernet({
    destination: OURS,
    source: mac,
    vlans: [],
    etherType: ETHER_TYPE.arp,
    payload: encodeArp(packet),
  });
}

function answer6(address: Uint8Array, mac: Uint8Array, override = true): Uint8Array {
  const options = [{ type: LINK_ADDRESS_OPTION.target, data: mac }];
  const addresses = { source: address, destination: HOP6.source };
  const message = {
    kind: 'neighbour-advertisement',
    router: false,
    solicited: true,
    override,
    target: address,
    options,
  };
  const payload = encodeIpv6({
    ...addresses,
    dscp: 0,
    ecn: 0,
    flowLabel: 0,
    hopLimit: 255,
    extensions: [],
    protocol: IP_PROTOCOL.icmpv6,
    payload: encodeIcmpv6(message as Parameters<typeof encodeIcmpv6>[0], addresses),
  });
  return encodeEthernet({ destination: OURS, source: mac, vlans: [], etherType: ETHER_TYPE.ipv6, payload });
}

for (const [name, hop, answer] of [
  ['IPv4', HOP4, answer4],
  ['IPv6', HOP6, answer6],
] as const) {
  it(`${name}: two that answer for the next hop are named, one that answers twice is not`, () => {
    const once = answer(hop.neighbour, MAC(2));
    assert.equal(findConflict(hop, [once, once], [formatMac(OURS)]), null);
    assert.deepEqual(findConflict(hop, [once, answer(hop.neighbour, MAC(3))], [formatMac(OURS)])?.linkAddresses, [
      '02:00:00:00:00:02',
      '02:00:00:00:00:03',
    ]);
  });

  it(`${name}: anybody else with our own address is named beside us, before the next hop`, () => {
    const frames = [answer(hop.neighbour, MAC(2)), answer(hop.neighbour, MAC(3)), answer(hop.source, MAC(9))];
    assert.deepEqual(findConflict(hop, frames, [formatMac(OURS)])?.linkAddresses, [
      '02:00:00:00:00:01',
      '02:00:00:00:00:09',
    ]);
  });

  it(`${name}: another port of this machine, and strangers that talk of other addresses, are none`, () => {
    const elsewhere = Uint8Array.from(hop.source, (octet, i) => (i === hop.source.length - 1 ? 77 : octet));
    const frames = [answer(hop.source, MAC(5)), answer(elsewhere, MAC(2)), answer(elsewhere, MAC(3))];
    assert.equal(findConflict(hop, frames, [formatMac(OURS), formatMac(MAC(5))]), null);
  });

  it(`${name}: the kernel filter passes answers of anybody`, () => {
    const program = loadProgram(encodeLinkAnswerFilter(hop.source.length === 4 ? 4 : 6));
    assert.ok(runProgram(program, answer(hop.neighbour, MAC(2))) > 0);
    assert.equal(runProgram(program, encodeAddressProbe(OURS, hop.source)), 0);
  });
}

it('IPv6: who answers as a proxy, or for an address that is shared on purpose, is no conflict', () => {
  const frames = [answer6(HOP6.neighbour, MAC(2)), answer6(HOP6.neighbour, MAC(3), false)];
  assert.equal(findConflict(HOP6, frames, [formatMac(OURS)]), null);
});

it('an ARP probe has no sender, so that nobody believes it (RFC 5227)', () => {
  const packet = parseArp(parseEthernet(encodeAddressProbe(OURS, HOP4.source)).payload);
  assert.deepEqual([...packet.senderAddress], [0, 0, 0, 0]);
  assert.deepEqual([...packet.senderMac], [...OURS]);
  assert.deepEqual([...packet.targetAddress], [...HOP4.source]);
});

it('a solicitation for our own IPv6 address has no source and tells no link address (RFC 4862)', () => {
  const packet = parseIpv6(parseEthernet(encodeAddressProbe(OURS, HOP6.source)).payload);
  const message = parseIcmpv6(packet.payload);
  assert.ok(packet.source.every((octet) => octet === 0));
  assert.ok(message.kind === 'neighbour-solicitation');
  assert.deepEqual([...message.target], [...HOP6.source]);
  assert.deepEqual(message.options, []);
});
