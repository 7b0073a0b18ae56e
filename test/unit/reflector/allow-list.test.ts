// Prefixes a person writes become the rows that the native reflector compares, or a ConfigError that names the element.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../../src/model/errors.js';
import { parseAddress, parsePrefix, prefixContains } from '../../../src/packet/address.js';
import { DEFAULT_ALLOWED_PREFIXES, encodeAllowList } from '../../../src/sequencer/reflector/allow-list.js';

const isAllowedByDefault = (text: string): boolean =>
  DEFAULT_ALLOWED_PREFIXES.some((prefix) => prefixContains(parsePrefix(prefix), parseAddress(text).bytes));

test('a row is the address as IPv6 and the prefix length out of 128', () => {
  const rows = encodeAllowList(['10.0.0.0/8', 'fe80::/10'], 'reflector.allow');
  assert.equal(
    Buffer.from(rows).toString('hex'),
    `00000000000000000000ffff0a000000${(96 + 8).toString(16)}fe8000000000000000000000000000000a`,
  );
});

test('an address alone is one host, and no prefixes are no rows', () => {
  assert.equal(encodeAllowList(['::1'], 'reflector.allow')[16], 128);
  assert.equal(encodeAllowList([], 'reflector.allow').length, 0);
});

test('the default allows what strangers cannot have and nothing beside it', () => {
  const first = ['10.0.0.0', '172.16.0.0', '192.168.0.0', '169.254.0.0', '100.64.0.0', '127.0.0.0', 'fc00::', 'fe80::'];
  const last = ['10.255.255.255', '172.31.255.255', '192.168.255.255', '169.254.255.255', '100.127.255.255', 'febf::1'];
  const beside = [
    '9.255.255.255',
    '172.32.0.0',
    '192.169.0.0',
    '100.128.0.0',
    '128.0.0.1',
    '8.8.8.8',
    '::2',
    'fec0::1',
  ];
  for (const address of [...first, ...last, '::1', 'fdff::1']) assert.ok(isAllowedByDefault(address), address);
  for (const address of [...beside, '2001:db8::1', '::']) assert.ok(!isAllowedByDefault(address), address);
});

test('what is no prefix is an error of the configuration that names its element', () => {
  for (const text of ['10.0.0.0/33', 'gateway', '', 'fe80::1%eth0/64', '10.0.0/8']) {
    assert.throws(
      () => encodeAllowList(['10.0.0.0/8', text], 'reflector.allow'),
      (error: unknown) => error instanceof ConfigError && error.field === 'reflector.allow[1]',
    );
  }
});
