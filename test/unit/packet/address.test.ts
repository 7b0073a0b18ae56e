// Address text: RFC 4291 forms in, RFC 5952 form out.
import assert from 'node:assert/strict';
import { isIP, isIPv4 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvariantError, ProtocolError } from '../../../src/model/errors.js';
import {
  addressFamily,
  encodePrefix,
  formatAddress,
  formatMac,
  isIpv4Mapped,
  mapToIpv6,
  parseAddress,
  parseMac,
  parsePrefix,
  prefixContains,
} from '../../../src/packet/address.js';
import { hexOf } from './golden.js';
import { check } from './properties.js';

// Left: a legal form. Right: canonical, from the examples of RFC 5952 4 and 5 and RFC 4291 2.2 where they have one.
const CANONICAL: readonly (readonly [string, string])[] = [
  ['2001:0db8::0001', '2001:db8::1'],
  ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:DB8::A:bC', '2001:db8::a:bc'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['1:0:0:0:0:0:0:0', '1::'],
  ['0:1:0:1:0:1:0:1', '0:1:0:1:0:1:0:1'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['::ffff:c000:201', '::ffff:192.0.2.1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['192.0.2.1', '192.0.2.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
];

for (const [text, canonical] of CANONICAL) {
  test(`${text} is written ${canonical}`, () => {
    assert.equal(formatAddress(parseAddress(text).bytes), canonical);
  });
}

const NO_ADDRESS = [
  '',
  'host',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.4 ',
  '1..2.3',
  ':',
  ':::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '1:2:3:4:5:6:7:8::',
  '12345::',
  'g::',
  '::1.2.3.4.5',
  '1.2.3.4::',
  '::1.2.3.4:5',
  'fe80::1%',
  'fe80::1%eth0/64',
  'fe80::1%sixteen-letters!',
  '1.2.3.4%eth0',
  '[::1]',
];

for (const text of NO_ADDRESS) {
  test(`${JSON.stringify(text)} is no address`, () => {
    assert.throws(() => parseAddress(text), ProtocolError);
  });
}

test('the family is told by the number of octets, and by no other number', () => {
  assert.equal(addressFamily(new Uint8Array(4)), 4);
  assert.equal(addressFamily(new Uint8Array(16)), 6);
  assert.throws(() => addressFamily(new Uint8Array(5)), InvariantError);
  assert.throws(() => formatAddress(new Uint8Array(5)), InvariantError);
});

test('a zone stays with its address', () => {
  const address = parseAddress('fe80::1%eth0.20');
  assert.deepEqual([address.family, address.zone], [6, 'eth0.20']);
  assert.equal(formatAddress(address.bytes, address.zone), 'fe80::1%eth0.20');
});

test('every address survives text and back, and Node agrees that the text is an address', () => {
  const sizes = fc.constantFrom(4, 16);
  // Zero octets are frequent, so that runs of zeros of every length come up.
  const octet = fc.oneof(fc.constant(0), fc.nat(255));
  const addresses = sizes.chain((size) =>
    fc
      .uint8Array({ minLength: size, maxLength: size })
      .chain((bytes) =>
        fc
          .array(octet, { minLength: size, maxLength: size })
          .map((mask) => bytes.map((b, i) => (mask[i] === 0 ? 0 : b))),
      ),
  );
  check(addresses, (bytes) => {
    const text = formatAddress(bytes);
    assert.deepEqual(Uint8Array.from(parseAddress(text).bytes), bytes);
    assert.equal(isIP(text), bytes.length === 4 ? 4 : 6);
  });
});

test('an address is accepted exactly where Node accepts one', () => {
  const piece = fc.constantFrom('0', '1', '255', '256', 'ffff', 'a', ':', '::', '.', '00', '1.2.3.4');
  check(
    fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
    (text) => {
      let accepted = true;
      try {
        parseAddress(text);
      } catch (error) {
        assert.ok(error instanceof ProtocolError);
        accepted = false;
      }
      assert.equal(accepted, isIP(text) !== 0, text);
    },
  );
});

test('a prefix holds its own network and nothing else', () => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['192.168.1.77/24', '192.168.1.0', true],
    ['192.168.1.0/25', '192.168.1.128', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '10.1.2.3', false],
    ['::/0', '2001:db8::1', true],
    ['::/64', '::ffff:10.1.2.3', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['::ffff:0:0/96', '10.1.2.3', true],
    ['fe80::/10', 'febf::1', true],
    ['fe80::/10', 'fec0::1', false],
    ['2001:db8::1', '2001:db8::1', true],
    ['2001:db8::1', '2001:db8::2', false],
  ];
  for (const [prefix, address, held] of table) {
    assert.equal(prefixContains(parsePrefix(prefix), parseAddress(address).bytes), held, `${address} in ${prefix}`);
  }
});

test('bits beyond the prefix are cleared', () => {
  assert.equal(formatAddress(parsePrefix('192.168.1.77/25').bytes), '192.168.1.0');
  assert.equal(formatAddress(parsePrefix('2001:db8:ffff::/33').bytes), '2001:db8:8000::');
});

test('prefixes with a bad length, zone or address are refused', () => {
  for (const text of [
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/08',
    'fe80::%eth0/64',
    '/8',
  ]) {
    assert.throws(() => parsePrefix(text), ProtocolError, text);
  }
});

test('a prefix for the reflector is 16 octets and the length out of 128', () => {
  assert.equal(hexOf(encodePrefix(parsePrefix('10.0.0.0/8'))), '00000000000000000000ffff0a00000068');
  assert.equal(hexOf(encodePrefix(parsePrefix('fe80::/10'))), 'fe80000000000000000000000000000000'.slice(0, 32) + '0a');
});

test('an encoded prefix says the same as the prefix itself', () => {
  const addresses = fc.oneof(fc.ipV4(), fc.ipV6());
  const prefixes = addresses.chain((text) => fc.nat(isIPv4(text) ? 32 : 128).map((bits) => `${text}/${bits}`));
  check(fc.tuple(prefixes, addresses), ([prefixText, addressText]) => {
    const prefix = parsePrefix(prefixText);
    const address = parseAddress(addressText).bytes;
    const encoded = encodePrefix(prefix);
    const bits = encoded[16] ?? 0;
    const bitString = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(2).padStart(8, '0')).join('');
    const same = bitString(mapToIpv6(address)).slice(0, bits) === bitString(encoded.subarray(0, 16)).slice(0, bits);
    const shortOfIpv4 = bits < 96 && isIpv4Mapped(mapToIpv6(address));
    assert.equal(prefixContains(prefix, address), same && !shortOfIpv4);
    assert.ok(prefixContains(prefix, prefix.bytes));
  });
});

test('MAC addresses', () => {
  assert.equal(formatMac(parseMac('02-00-5E-10-00-fF')), '02:00:5e:10:00:ff');
  for (const text of ['', '02:00:5e:10:00', '02:00:5e:10:00:ff:00', '0200.5e10.00ff', '02:00:5e:10:00:fg']) {
    assert.throws(() => parseMac(text), ProtocolError);
  }
});
