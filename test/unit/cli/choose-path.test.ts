// Who sends the packets: the decision over every combination of rights and sequencers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choosePath, type PathSources } from '../../../src/cli/choose-path.js';
import { CanceledError, DeviceError, InvariantError, PermissionError } from '../../../src/model/errors.js';

const NATIVE = new InvariantError('native was asked');
const REMOTE = new InvariantError('remote was asked');
const REQUEST = { target: '192.0.2.1', via: 'auto' } as const;

/** Which opener was asked, or the error that came instead. */
async function choose(sources: Partial<PathSources>): Promise<unknown> {
  const open = choosePath({
    mayOpenRawPackets: () => false,
    openNative: () => Promise.reject(NATIVE),
    openRemote: () => Promise.reject(REMOTE),
    readSequencerNamespace: () => Promise.reject(new DeviceError('peer.unreachable', 'nobody there')),
    readOwnNamespace: () => 'net:[1]',
    ...sources,
  });
  return open(REQUEST, new AbortController().signal).catch((error: unknown) => error);
}

test('this process, where it may', async () => {
  assert.equal(
    await choose({ mayOpenRawPackets: () => true, readSequencerNamespace: () => Promise.resolve('net:[1]') }),
    NATIVE,
  );
});

test('else a sequencer of the same network namespace', async () => {
  assert.equal(await choose({ readSequencerNamespace: () => Promise.resolve('net:[1]') }), REMOTE);
});

test('a sequencer elsewhere, or none, is a missing permission', async () => {
  for (const readSequencerNamespace of [
    () => Promise.resolve('net:[2]'),
    () => Promise.reject(new DeviceError('peer.unreachable', 'nobody there')),
    () => Promise.reject(new PermissionError('permission.socket', 'not yours', 'sudo')),
  ]) {
    const error = await choose({ readSequencerNamespace });
    assert.ok(error instanceof PermissionError);
    assert.equal(error.code, 'permission.raw-packets');
    assert.match(error.remedy, /^sudo setcap \S*cap_net_raw\S* \//);
  }
});

test('a stop while asking stays a stop, and a defect stays a defect', async () => {
  for (const reason of [new CanceledError(), new TypeError('defect')]) {
    assert.equal(await choose({ readSequencerNamespace: () => Promise.reject(reason) }), reason);
  }
});
