// What changes under a box that watches, and what the diary says of it: another default gateway with a smaller MTU and a longer way,
// a heavier test beside, a sequencer that goes and comes back.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { openRemote } from '../../../src/prober/remote/open-remote.js';
import { createRoutedPath, type RoutedPath } from '../routed-path.js';
import { liveSkip } from '../test-path.js';
import { WatchedBox } from './watched-box.js';

const ip = (...words: string[]): string => execFileSync('ip', words, { encoding: 'utf8' });

/** A second way to what lies beyond: near - second - far, where the port `np2` of the near end has an MTU of 1400. Returns its namespace. */
function addSecondWay({ path }: RoutedPath): string {
  const second = `${path.near}2`;
  ip('netns', 'add', second);
  ip('link', 'add', 'np2', 'mtu', '1400', 'netns', path.near, 'type', 'veth', 'peer', 'name', 'sp', 'netns', second);
  ip('link', 'add', 'sq', 'netns', second, 'type', 'veth', 'peer', 'name', 'fq', 'netns', path.far);
  for (const [namespace, port, address] of [
    [path.near, 'np2', '10.69.0.1/24'],
    [second, 'sp', '10.69.0.2/24'],
    [second, 'sq', '10.70.0.1/24'],
    [path.far, 'fq', '10.70.0.2/24'],
  ] as const) {
    ip('-n', namespace, 'address', 'add', address, 'dev', port);
    ip('-n', namespace, 'link', 'set', port, 'up');
  }
  ip('netns', 'exec', second, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  ip('-n', second, 'route', 'add', 'default', 'via', '10.70.0.2');
  ip('-n', path.far, 'route', 'add', '10.69.0.0/24', 'via', '10.70.0.1');
  return second;
}

/** Three seconds of packets that have the port for themselves, as an examination's. */
async function sendHeavily(socketPath: string, target: string): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  const prober = await openRemote(socketPath)({ target, via: 'auto' }, signal);
  const pattern = { kind: 'isochronous', count: 300, intervalNs: 10e6, sizeBytes: 500 } as const;
  const sequence = { id: 'heavy', pattern, dscp: 0, dontFragment: false, lingerNs: 100e6 };
  await prober.run(sequence, { signal, budget: { maxPackets: 300, maxBytes: 1e6 } });
  await prober.close();
}

describe('what changes under a box that watches', { skip: liveSkip }, () => {
  let routed: RoutedPath;
  let second: string;
  let box: WatchedBox;

  before(async () => {
    routed = createRoutedPath();
    second = addSecondWay(routed);
    box = await WatchedBox.start(
      routed.path,
      `targets:
  - { name: router, address: gateway, segment: gateway, intervalMs: 100 }
  - { name: host, address: ${routed.beyondAddress}, segment: beyond, intervalMs: 100 }
`,
    );
    await box.waitForMinutes('host', 2);
  });
  after(async () => {
    await box.remove();
    ip('netns', 'del', second);
    routed.remove();
  });

  test('a heavier test of the box marks the minutes that it disturbs', async () => {
    const disturbed = async () => (await box.listMinutes('host')).filter((minute) => minute.disturbed > 0);
    assert.deepEqual(await disturbed(), []);
    await sendHeavily(box.socketPath, routed.beyondAddress);
    await box.waitFor('a disturbed minute', async () => (await disturbed()).length > 0);
    await box.waitForMinutes('host', 3);
    const { disturbed: last } = (await box.listMinutes('host')).at(-1) ?? {};
    assert.equal(last, 0);
  });

  test('another default gateway: paths are opened anew, a smaller MTU and another route are told', async () => {
    ip('-n', routed.path.near, 'route', 'replace', 'default', 'via', '10.69.0.2');
    const smaller = await box.waitForEvent('mtu-changed');
    assert.equal(smaller.text, 'Packets to host may have 1400 bytes, before it was 1500.');
    const route = await box.waitForEvent('route-changed');
    assert.deepEqual([route.target, route.severity], ['host', 'info']);
    assert.match(route.text, /TTL 62 instead of 63/);
    ip('-n', routed.path.near, 'link', 'set', 'np', 'down');
    for (const target of ['router', 'host']) await box.waitForMinutes(target, 2);
    const opened = (await box.listEvents()).filter(({ kind }) => kind === 'opened');
    assert.deepEqual(opened, []);
  });

  test('a sequencer that is gone is an alert that names the probe, and ends when it is back', async () => {
    await box.stopSequencer();
    await box.waitForEvent('opened');
    const incidents = await (await box.read()).listIncidents({ limit: 10 });
    assert.ok(incidents.length > 0);
    for (const { kind, segment, state } of incidents) {
      assert.deepEqual([kind, segment, state], ['cannot-measure', 'probe', 'open']);
    }
    await box.startSequencer();
    await box.waitFor('the end of all', async () => {
      const open = await (await box.read()).listIncidents({ limit: 10, state: 'open' });
      return open.length === 0;
    });
    for (const target of ['router', 'host']) await box.waitForMinutes(target, 2);
    const told = (await box.listEvents()).filter(({ kind, severity }) => kind === 'opened' && severity !== 'info');
    assert.equal(told.length, 1, 'one alarm for both targets');
  });
});
