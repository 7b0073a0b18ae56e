import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CanceledError,
  ConfigError,
  DeviceError,
  ERROR_CODES,
  InvariantError,
  PermissionError,
  ProtocolError,
  UsageError,
} from '../../../src/model/errors.js';
import type { ApparenetError } from '../../../src/model/errors.js';
import { encodeError, parseError } from '../../../src/sequencer/control/errors-on-the-wire.js';

const ONE_OF_EACH: readonly ApparenetError[] = [
  new ConfigError('reflector.allow', 'no prefix'),
  new UsageError('usage.port', 'there is no port eth7'),
  new PermissionError('permission.raw-packets', 'not allowed', 'sudo setcap cap_net_raw+ep /usr/bin/node'),
  new ProtocolError('too much', 'protocol.too-large'),
  new DeviceError('device.io', 'refused', { errno: 'ENOBUFS', syscall: 'sendmmsg', port: 'eth0' }),
  new CanceledError(),
  new InvariantError('two turns at once'),
];

test('every class keeps its class, code, exit code, words and details', () => {
  for (const error of ONE_OF_EACH) {
    const back = parseError(JSON.parse(JSON.stringify(encodeError(error))) as Record<string, unknown>);
    assert.equal(back.constructor, error.constructor);
    assert.equal(back.exitCode, error.exitCode);
    assert.deepEqual(Object.entries(back), Object.entries(error));
    assert.equal(back.message, error.message);
  }
});

test('every code of the model comes back as itself', () => {
  for (const code of Object.keys(ERROR_CODES)) assert.equal(parseError({ code, message: 'words' }).code, code);
});

test('what is not one of our errors travels as a defect, long words are clipped', () => {
  assert.equal(encodeError(new TypeError('x is undefined')).code, 'invariant');
  assert.equal(encodeError('a string').code, 'invariant');
  assert.ok(encodeError(new UsageError('usage.argument', 'x'.repeat(1e6))).message.length < 3000);
});

test('codes nobody knows, and no code at all, are failures of the peer with its words', () => {
  for (const fields of [
    { code: 'future.thing', message: 'words' },
    { code: 'toString', message: 'words' },
    { message: 'words' },
  ]) {
    const error = parseError(fields);
    assert.ok(error instanceof DeviceError);
    assert.equal(error.code, 'peer.failed');
    assert.equal(error.message, 'words');
  }
  assert.equal(parseError({}).code, 'peer.failed');
});
