// Who sends the packets: the decision over every combination of rights and sequencers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Prober } from '../../../src/model/path.js';
import { choosePath, type PathSources } from '../../../src/cli/choose-path.js';
import {
  CanceledError,
  DeviceError,
  InvariantError,
  PermissionError,
  ProtocolError,
  UsageError,
} from '../../../src/model/errors.js';

const NATIVE = new InvariantError('native was asked');
const REMOTE = new InvariantError('remote was asked');
const PROBER = { path: { notes: ['of the path'] } } as unknown as Prober;
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

const HERE = (): Promise<string> => Promise.resolve('net:[1]');
const NOBODY = new DeviceError('peer.unreachable', 'nobody there', { errno: 'ENOENT', syscall: 'connect', port: null });

test('a sequencer of the same network namespace, whatever this process may', async () => {
  for (const may of [true, false])
    assert.equal(await choose({ mayOpenRawPackets: () => may, readSequencerNamespace: HERE }), REMOTE);
});

test('without one, or with one elsewhere, this process where it may, and nothing is to be told', async () => {
  for (const readSequencerNamespace of [() => Promise.reject(NOBODY), () => Promise.resolve('net:[2]')]) {
    const opened = await choose({
      mayOpenRawPackets: () => true,
      openNative: () => Promise.resolve(PROBER),
      readSequencerNamespace,
    });
    assert.equal(opened, PROBER);
  }
});

test('beside one that cannot be asked it sends by itself, and a note says so', async () => {
  for (const problem of [
    new DeviceError('peer.unreachable', 'the sequencer does not answer'),
    new DeviceError('device.busy', 'the sequencer has as many clients as it takes'),
    new ProtocolError('another protocol', 'protocol.version'),
  ]) {
    const opened = await choose({
      mayOpenRawPackets: () => true,
      openNative: () => Promise.resolve(PROBER),
      readSequencerNamespace: () => Promise.reject(problem),
    });
    const { notes } = (opened as Prober).path;
    assert.deepEqual([notes.length, notes[0]], [2, 'of the path']);
    assert.match(notes[1] ?? '', new RegExp(`sent by itself, and the sequencer .*: ${problem.message}$`));
  }
});

test('one that may not send is passed over, as far as this process may', async () => {
  const powerless = new PermissionError('permission.raw-packets', 'no CAP_NET_RAW', 'sudo');
  const sources = { openRemote: () => Promise.reject(powerless), readSequencerNamespace: HERE };
  assert.equal(await choose({ ...sources, mayOpenRawPackets: () => true }), NATIVE);
  const refused = await choose(sources);
  assert.ok(refused instanceof PermissionError && refused.code === 'permission.raw-packets');
});

test('what else it refuses is the answer: this process would meet the same', async () => {
  const refusal = new UsageError('usage.argument', 'no such port');
  const opened = await choose({
    mayOpenRawPackets: () => true,
    openRemote: () => Promise.reject(refusal),
    readSequencerNamespace: HERE,
  });
  assert.equal(opened, refusal);
});

test('where this process may not, a sequencer elsewhere, or none, is a missing permission', async () => {
  for (const readSequencerNamespace of [() => Promise.resolve('net:[2]'), () => Promise.reject(NOBODY)]) {
    const error = await choose({ readSequencerNamespace });
    assert.ok(error instanceof PermissionError);
    assert.equal(error.code, 'permission.raw-packets');
    assert.match(error.remedy, /^sudo setcap \S*cap_net_raw\S* \//);
  }
});

test('where it may not and a sequencer serves others, the way to become one of them is told', async () => {
  const refusal = new PermissionError('permission.socket', 'not yours', 'join');
  assert.equal(await choose({ readSequencerNamespace: () => Promise.reject(refusal) }), refusal);
});

test('a stop while asking stays a stop, and a defect stays a defect', async () => {
  for (const reason of [new CanceledError(), new TypeError('defect')]) {
    assert.equal(await choose({ readSequencerNamespace: () => Promise.reject(reason) }), reason);
  }
});
