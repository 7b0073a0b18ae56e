// The Internet checksum against published vectors and its own algebra.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from '../../../src/packet/address.js';
import {
  computeChecksum,
  computeTransportChecksum,
  isTransportChecksumValid,
  sumPseudoHeader,
  updateChecksum,
} from '../../../src/packet/checksum.js';
import { putUint16, uint16At } from '../../../src/packet/octets.js';
import { encodeUdp } from '../../../src/packet/udp.js';
import { octets } from './golden.js';
import { check, octetsOf, uint16 } from './properties.js';

test('RFC 1071 3: the words 0001 f203 f4f5 f6f7 sum to ddf2', () => {
  assert.equal(computeChecksum(octets('0001f203f4f5f6f7')), ~0xddf2 & 0xffff);
});

test('RFC 1624 4: changing 5555 to 3285 under checksum dd2f gives 0000, not ffff', () => {
  assert.equal(updateChecksum(0xdd2f, 0x5555, 0x3285), 0x0000);
});

test('an odd last octet counts as the high half of a word', () => {
  assert.equal(computeChecksum(octets('000001')), ~0x0100 & 0xffff);
});

test('nothing sums to ffff, and 64 KB of ones to 0', () => {
  assert.equal(computeChecksum(new Uint8Array()), 0xffff);
  assert.equal(computeChecksum(new Uint8Array(65_534).fill(0xff)), 0);
});

test('an updated checksum is the recomputed one', () => {
  check(fc.tuple(octetsOf(2, 60), fc.nat(28), uint16), ([bytes, word, value]) => {
    const at = 2 * (word % Math.floor(bytes.length / 2));
    const before = computeChecksum(bytes);
    const old = uint16At(bytes, at);
    putUint16(bytes, at, value);
    const after = computeChecksum(bytes);
    const updated = updateChecksum(before, old, value);
    // 0 and ffff are the same number in ones' complement; only an all-zero message computes ffff.
    assert.ok(updated === after || (after === 0xffff && updated === 0), `${updated} is not ${after}`);
  });
});

test('the pseudo header covers addresses, protocol and a 32-bit length', () => {
  const pseudo = { source: parseAddress('::1').bytes, destination: parseAddress('::2').bytes, protocol: 17 };
  assert.equal(sumPseudoHeader(pseudo, 0x1_0005), 1 + 2 + 17 + 5 + 1);
});

test('a UDP checksum of zero is valid over IPv4 and not over IPv6', () => {
  const ipv4 = { source: parseAddress('10.0.0.1').bytes, destination: parseAddress('10.0.0.2').bytes };
  const ipv6 = { source: parseAddress('fd00::1').bytes, destination: parseAddress('fd00::2').bytes };
  const datagram = { sourcePort: 1, destinationPort: 2, payload: octets('0102') };
  for (const [addresses, valid] of [[ipv4, true] as const, [ipv6, false] as const]) {
    const bytes = encodeUdp(datagram, addresses);
    assert.equal(isTransportChecksumValid(bytes, { ...addresses, protocol: 17 }), true);
    putUint16(bytes, 6, 0);
    assert.equal(isTransportChecksumValid(bytes, { ...addresses, protocol: 17 }), valid);
  }
});

test('a UDP checksum that computes to zero is sent as ffff', () => {
  const addresses = { source: parseAddress('10.0.0.1').bytes, destination: parseAddress('10.0.0.2').bytes };
  const pseudo = { ...addresses, protocol: 17 };
  const datagram = { sourcePort: 7, destinationPort: 9, payload: new Uint8Array(2) };
  const bytes = encodeUdp(datagram, addresses);
  // A payload word equal to the checksum makes the sum ffff, its complement zero.
  const payload = bytes.slice(6, 8);
  const zeroed = encodeUdp({ ...datagram, payload }, addresses);
  assert.equal(uint16At(zeroed, 6), 0xffff);
  assert.equal(isTransportChecksumValid(zeroed, pseudo), true);
  putUint16(zeroed, 6, 0);
  assert.equal(computeTransportChecksum(zeroed, pseudo), 0);
});
