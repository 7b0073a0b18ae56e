import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from '../../../src/model/errors.js';
import { parseRequest } from '../../../src/sequencer/control/messages.js';

const BUDGET = { maxPackets: 10, maxBytes: 1000 };

const GOOD: readonly object[] = [
  { type: 'hello', protocol: 1, version: '0.1.0' },
  { type: 'open', target: 'fe80::1%eth0', via: 'auto' },
  { type: 'open', target: 'gateway', via: 'icmp', port: 'eth0' },
  { type: 'run', sequence: { anything: true }, budget: BUDGET, canceled: false },
  { type: 'cancel' },
  { type: 'status' },
  { type: 'close' },
];

const BAD: readonly unknown[] = [
  null,
  [],
  'hello',
  {},
  { type: 'hello', protocol: '1', version: '0' },
  { type: 'hello', protocol: 1 },
  { type: 'open', target: '', via: 'auto' },
  { type: 'open', target: 'x'.repeat(256), via: 'auto' },
  { type: 'open', target: 'a\u0000b', via: 'auto' },
  { type: 'open', target: 'x', via: 'loop' },
  { type: 'open', target: 'x', via: 'auto', port: 7 },
  { type: 'run', sequence: {} },
  { type: 'run', sequence: {}, budget: { maxPackets: 1.5, maxBytes: 1 } },
  { type: 'run', sequence: {}, budget: { maxPackets: 1, maxBytes: null } },
  { type: 'constructor' },
];

test('requests are taken as they are written in the protocol', () => {
  for (const request of GOOD) assert.deepEqual(parseRequest(request), request);
});

test('fields that a later version adds are left out, not passed on', () => {
  assert.deepEqual(parseRequest({ type: 'cancel', why: 'later' }), { type: 'cancel' });
});

test('anything else is malformed', () => {
  for (const request of BAD) assert.throws(() => parseRequest(request), ProtocolError, JSON.stringify(request));
});

test('any JSON is a request or a ProtocolError', () => {
  const types = fc.constantFrom('hello', 'open', 'run', 'cancel', 'status', 'close', 'other');
  const fields = fc.dictionary(
    fc.constantFrom('protocol', 'version', 'target', 'via', 'port', 'budget'),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(types, fields, (type, rest) => {
      try {
        assert.equal(parseRequest({ type, ...rest }).type, type);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
      }
    }),
  );
});
