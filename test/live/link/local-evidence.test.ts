// What the link itself tells, from the wire to the client of a sequencer: neighbours, foreign VLANs, addresses claimed twice. The
// neighbour is lldpd where this machine has it; CDP and tagged frames are made here, since nobody else would send them.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, test, type TestContext } from 'node:test';
import type { Prober } from '../../../src/model/path.js';
import type { Trace } from '../../../src/model/trace.js';
import { encodeEthernet } from '../../../src/packet/ethernet.js';
import { ETHER_TYPE } from '../../../src/packet/protocol-numbers.js';
import { openRemote } from '../../../src/prober/remote/open-remote.js';
import { readStatus } from '../../../src/prober/remote/read-status.js';
import { makeCdpFrame, makeLldpFrame } from '../../unit/packet/announcement.js';
import { hexOf } from '../../unit/packet/golden.js';
import { APPARENET, CHECKOUT, createTestPath, liveSkip, runFailing, startReady, type TestPath } from '../test-path.js';

const TPS = join(CHECKOUT, 'dist/src/main/tps.js');
const SEND_FRAMES = fileURLToPath(new URL('send-frames-process.js', import.meta.url));
const STEADY = { kind: 'isochronous', count: 10, intervalNs: 5e6, sizeBytes: 120 } as const;
const NOBODY = Uint8Array.of(2, 0, 0, 0, 0xab, 9);
const lldpdSkip = liveSkip !== false ? liveSkip : spawnSync('lldpd', ['-v']).error ? 'needs lldpd' : false;
/** How long lldpd may take to speak, and the sequencer to hear it. */
const PATIENCE_MS = 30_000;

interface Near {
  readonly path: TestPath;
  readonly socketPath: string;
  readonly open: (target: string) => Promise<Prober>;
}

/** A sequencer in the near namespace; everything ends with the test. */
async function startNear(context: TestContext): Promise<Near> {
  const path = createTestPath();
  context.after(() => path.remove());
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-evidence-'));
  const socketPath = join(folder, 'tps.sock');
  const stop = await startReady(path, 'near', ['node', TPS, '--tps-socket', socketPath], /sequencer/);
  const opened: Prober[] = [];
  context.after(async () => {
    for (const prober of opened) await prober.close();
    await stop();
    rmSync(folder, { recursive: true });
  });
  const open = async (target: string): Promise<Prober> => {
    const prober = await openRemote(socketPath)({ target, via: 'icmp' }, new AbortController().signal);
    opened.push(prober);
    return prober;
  };
  return { path, socketPath, open };
}

function run(prober: Prober): Promise<Trace> {
  const sequence = { id: 'evidence', pattern: STEADY, dscp: 0, dontFragment: false, lingerNs: 300e6 };
  const budget = { maxPackets: 1000, maxBytes: 1_000_000 };
  return prober.run(sequence, { signal: new AbortController().signal, budget });
}

function sendFromFar(path: TestPath, frames: readonly Uint8Array[]): void {
  path.exec('far', process.execPath, SEND_FRAMES, 'fp', ...frames.map(hexOf));
}

function makeTagged(id: number): Uint8Array {
  return encodeEthernet({
    destination: new Uint8Array(6).fill(0xff),
    source: NOBODY,
    vlans: [{ tpid: ETHER_TYPE.vlan, priority: 0, dropEligible: false, id }],
    etherType: ETHER_TYPE.arp,
    payload: new Uint8Array(46),
  });
}

/** Another host on the far side of the link, with an address that somebody else has, too. */
function addHost(context: TestContext, path: TestPath, address: string): void {
  const name = `${path.far}x`;
  execFileSync('ip', ['netns', 'add', name]);
  context.after(() => execFileSync('ip', ['netns', 'del', name]));
  path.exec('far', 'ip', 'link', 'add', 'mv', 'link', 'fp', 'type', 'macvlan', 'mode', 'bridge');
  path.exec('far', 'ip', 'link', 'set', 'mv', 'netns', name);
  const within = (...words: string[]) => execFileSync('ip', ['netns', 'exec', name, ...words]);
  within('sh', '-c', 'echo 0 > /proc/sys/net/ipv6/conf/mv/accept_dad');
  within('ip', 'address', 'add', address, 'dev', 'mv');
  within('ip', 'link', 'set', 'mv', 'up');
}

describe('the link tells', { skip: liveSkip }, () => {
  test('who is at its other end, by lldpd', { skip: lldpdSkip }, async (context) => {
    const { path, socketPath, open } = await startNear(context);
    const folder = mkdtempSync(join(tmpdir(), 'apparenet-lldpd-'));
    // lldpd gives up its privileges before it opens its own socket.
    chmodSync(folder, 0o755);
    const words = ['-d', '-k', '-C', 'fp', '-I', 'fp', '-u', join(folder, 'socket'), '-O', '/dev/null'];
    const lldpd = path.start('far', ['lldpd', ...words], { stdio: 'ignore' });
    context.after(async () => {
      const ended = new Promise((resolve) => lldpd.once('exit', resolve));
      lldpd.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    });
    const until = performance.now() + PATIENCE_MS;
    while ((await readStatus(socketPath)).neighbours.length === 0 && performance.now() < until) await pause(200);
    const prober = await open(path.farAddress);
    const { neighbour } = prober.path;
    assert.equal(neighbour?.protocol, 'lldp');
    assert.equal(neighbour.portDescription, 'fp');
    // A veth says of itself what a 10 Gb/s copper port would.
    assert.deepEqual([neighbour.speedBitsPerSec, neighbour.duplex], [10e9, 'full']);
    const { stdout } = runFailing(path, 'near', ['node', APPARENET, 'status', '--json', '--tps-socket', socketPath]);
    const status = JSON.parse(stdout) as {
      ports: { facts: { name: string }; neighbour: { protocol: string } | null }[];
    };
    const shown = status.ports.map(({ facts, neighbour: heard }) => [facts.name, heard?.protocol ?? null]);
    assert.deepEqual(shown, [
      [path.port, 'lldp'],
      ['lo', null],
    ]);
  });

  test('its duplex and VLAN in the middle of an examination, and goes by what came last', async (context) => {
    const { path, open } = await startNear(context);
    const prober = await open(path.farAddress);
    assert.equal(prober.path.neighbour, null);
    sendFromFar(path, [makeCdpFrame({ deviceId: 'sw-1', port: 'Fa0/4', duplex: 'half', nativeVlan: 20 })]);
    const first = (await run(prober)).heard?.neighbour;
    assert.deepEqual(
      [first?.systemName, first?.portId, first?.duplex, first?.nativeVlan],
      ['sw-1', 'Fa0/4', 'half', 20],
    );
    sendFromFar(path, [makeLldpFrame({ systemName: 'sw-1', macPhy: { status: 3, mauType: 16 } })]);
    const second = (await run(prober)).heard?.neighbour;
    assert.deepEqual([second?.duplex, second?.speedBitsPerSec, second?.nativeVlan], ['full', 1e8, 20]);
  });

  test('VLANs that nobody here takes', async (context) => {
    const { path, open } = await startNear(context);
    sendFromFar(path, [makeTagged(30), makeTagged(7), makeTagged(0)]);
    const prober = await open(path.farAddress);
    assert.deepEqual(prober.path.taggedVlanIds, [7, 30]);
    assert.deepEqual((await run(prober)).heard?.taggedVlanIds, [7, 30]);
  });

  test('nothing where nothing was said, and no error count of a port that counts none', async (context) => {
    const { path, open } = await startNear(context);
    for (const address of [path.farAddress, path.farAddress6]) {
      const prober = await open(address);
      assert.deepEqual(
        [prober.path.neighbour, prober.path.taggedVlanIds, prober.path.addressConflict],
        [null, [], null],
      );
      const { portErrors, heard } = await run(prober);
      assert.deepEqual(heard, { neighbour: null, taggedVlanIds: [] });
      assert.ok(portErrors);
      assert.ok(Object.values(portErrors).every((count) => count === null));
    }
  });

  for (const [version, target, twin] of [
    [4, '10.66.0.2', '10.66.0.2/24'],
    [6, 'fd66::2', 'fd66::2/64'],
  ] as const) {
    test(`that two hosts have the target's IPv${version} address`, async (context) => {
      const { path, open } = await startNear(context);
      addHost(context, path, twin);
      const prober = await open(target);
      assert.equal(prober.path.addressConflict?.address, target);
      assert.equal(prober.path.addressConflict.linkAddresses.length, 2);
    });
  }

  for (const [version, target, own] of [
    [4, '10.66.0.2', '10.66.0.1/24'],
    [6, 'fd66::2', 'fd66::1/64'],
  ] as const) {
    test(`that another host has our own IPv${version} address`, async (context) => {
      const { path, open } = await startNear(context);
      addHost(context, path, own);
      const prober = await open(target);
      const ours = path.exec('near', 'cat', `/sys/class/net/${path.port}/address`).trim();
      const { address, linkAddresses } = prober.path.addressConflict ?? assert.fail('no conflict was seen');
      assert.equal(address, own.split('/')[0]);
      assert.equal(linkAddresses[0], ours);
      assert.equal(linkAddresses.length, 2);
    });
  }
});
