// What openPort and notify refuse before they touch a socket. Needs no privilege.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { OpenOptions } from '../../../device/nic/native-port.js';
import { isNativeFailure, loadEngine } from '../../../device/nic/nic.js';

const GOOD: OpenOptions = {
  port: 'nosuch0',
  sendLayer: 'link',
  filter: new Uint8Array(8),
  snapBytes: 64,
  ringFrames: 1,
  hardwareStamps: false,
};

const openPort = (options: unknown): unknown => loadEngine().openPort(options as OpenOptions);

test('a port that does not exist is ENODEV, not a matter of permission', () => {
  assert.throws(() => openPort(GOOD), { errno: 'ENODEV', port: 'nosuch0', syscall: 'ioctl' });
});

test('each option is refused by its name', () => {
  const bad: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /port/],
    [{ ...GOOD, port: '' }, /port/],
    [{ ...GOOD, port: 'a-name-of-sixteen' }, /port/],
    [{ ...GOOD, port: 'eth0\0' }, /port/],
    [{ ...GOOD, sendLayer: 'transport' }, /sendLayer/],
    [{ ...GOOD, filter: new Uint8Array(0) }, /filter/],
    [{ ...GOOD, filter: new Uint8Array(9) }, /filter/],
    [{ ...GOOD, filter: new Uint8Array(8 * 4097) }, /filter/],
    [{ ...GOOD, filter: new Uint16Array(8) }, /filter/],
    [{ ...GOOD, snapBytes: 63 }, /snapBytes/],
    [{ ...GOOD, snapBytes: 65_536 }, /snapBytes/],
    [{ ...GOOD, ringFrames: 0 }, /ringFrames/],
    [{ ...GOOD, ringFrames: 2 ** 24 + 1 }, /ringFrames/],
    [{ ...GOOD, ringFrames: 1.5 }, /ringFrames/],
    [{ ...GOOD, hardwareStamps: 'yes' }, /hardwareStamps/],
  ];
  for (const [options, message] of bad) assert.throws(() => openPort(options), { errno: 'EINVAL', message });
});

test('whatever is given as options, the answer is a failure with its fields', () => {
  const anything = fc.record(
    {
      port: fc.oneof(fc.anything(), fc.constant('nosuch0')),
      sendLayer: fc.oneof(fc.anything(), fc.constantFrom('link', 'network4', 'network6')),
      filter: fc.oneof(fc.anything(), fc.uint8Array({ maxLength: 64 })),
      snapBytes: fc.oneof(fc.anything(), fc.integer(), fc.double()),
      ringFrames: fc.oneof(fc.anything(), fc.integer(), fc.double()),
      hardwareStamps: fc.oneof(fc.anything(), fc.boolean()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(anything, (options) => {
      assert.throws(() => openPort(options), isNativeFailure);
    }),
  );
});

test('readiness is told only where somebody listens', () => {
  const engine = loadEngine();
  delete process.env['NOTIFY_SOCKET'];
  assert.equal(engine.notify('READY=1'), false);
  process.env['NOTIFY_SOCKET'] = '/nonexistent/notify';
  assert.throws(() => engine.notify('READY=1'), { errno: 'ENOENT', syscall: 'sendto' });
  delete process.env['NOTIFY_SOCKET'];
  assert.throws(() => engine.notify(3 as unknown as string), { errno: 'EINVAL' });
});

test('a method taken to another object is refused', () => {
  const engine = loadEngine();
  const [four, six] = [engine.reserveUdpPort(4), engine.reserveUdpPort(6)];
  const reflector = engine.openReflector({
    udpPorts: [0],
    ipv4: true,
    ipv6: false,
    port: '',
    allow: new Uint8Array(0),
    sourceRate: 0,
    sourceBurst: 1,
    totalRate: 0,
    totalBurst: 1,
    trains: false,
    trainSourceRate: 0,
    trainSourceBurst: 0,
    trainTotalRate: 0,
    trainTotalBurst: 0,
    maxSessions: 1,
    realTime: false,
  });
  for (const other of [{}, reflector]) assert.throws(() => four.close.call(other as never), isNativeFailure);
  assert.throws(() => reflector.counters.call(four as never), isNativeFailure);
  six.close.call(four);
  six.close();
  assert.equal(reflector.counters().received, 0);
  return reflector.close();
});
