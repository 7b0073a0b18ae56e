// The question for a link address is the one that a Linux host asks (golden packets).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from '../../../src/packet/address.js';
import { parseEthernet } from '../../../src/packet/ethernet.js';
import { parseIpv6 } from '../../../src/packet/ipv6.js';
import { encodeNeighbourQuery } from '../../../src/packet/neighbour-query.js';
import { hexOf, octets, readGoldens } from './golden.js';

const SOURCE_MAC = octets('020000000a01');

test('over IPv4 the whole frame is that of the golden ARP request', () => {
  const source = parseAddress('10.77.1.1').bytes;
  const query = encodeNeighbourQuery({ sourceMac: SOURCE_MAC, source, target: parseAddress('10.77.1.2').bytes });
  const golden = readGoldens('ethernet').find(({ name }) => name === 'ARP broadcast');
  assert.equal(hexOf(query), golden?.hex);
});

test('over IPv6 the message is the golden solicitation, sent to the group of the target', () => {
  const source = parseAddress('fd77:1::1').bytes;
  const query = encodeNeighbourQuery({ sourceMac: SOURCE_MAC, source, target: parseAddress('fd77:1::2').bytes });
  const frame = parseEthernet(query);
  const packet = parseIpv6(frame.payload);
  const golden = readGoldens('icmpv6').find(({ name }) => name === 'neighbour solicitation');
  assert.equal(hexOf(packet.payload), golden?.hex);
  assert.equal(hexOf(frame.destination), '3333ff000002');
  assert.equal(hexOf(packet.destination), hexOf(golden?.addresses?.destination ?? assert.fail()));
  assert.deepEqual([packet.hopLimit, packet.flowLabel, packet.dscp], [255, 0, 0]);
});
