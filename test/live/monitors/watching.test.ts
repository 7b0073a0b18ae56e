// The box watches two targets with minutes of six seconds: a cable behind the router is cut, the process is killed in the middle
// of the outage and starts again, the cable comes back.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { createRoutedPath, type RoutedPath } from '../routed-path.js';
import { liveSkip } from '../test-path.js';
import { MINUTE_MS, WatchedBox } from './watched-box.js';

describe('a box that watches a router and a host behind it', { skip: liveSkip }, () => {
  let routed: RoutedPath;
  let box: WatchedBox;

  before(async () => {
    routed = createRoutedPath();
    box = await WatchedBox.start(
      routed.path,
      `targets:
  - { name: router, address: gateway, segment: gateway }
  - { name: host, address: ${routed.beyondAddress}, segment: beyond }
`,
    );
  });
  after(async () => {
    await box.remove();
    routed.remove();
  });

  test('minutes come into the history, whole and without loss', async () => {
    for (const target of ['router', 'host']) {
      await box.waitForMinutes(target, 2);
      for (const { sent, lost, rtt, problem } of await box.listMinutes(target)) {
        if (sent === 0) continue;
        assert.deepEqual([lost, problem], [0, null]);
        assert.equal(rtt?.count, sent);
      }
    }
    assert.deepEqual(await box.listEvents(), []);
  });

  test('a cut cable behind the router is one outage of the host, and named as beyond', async () => {
    execFileSync('ip', ['-n', routed.beyond, 'link', 'set', 'bp', 'down']);
    await box.waitForEvent('opened');
    const [incident, ...others] = await (await box.read()).listIncidents({ limit: 10 });
    assert.deepEqual(others, []);
    assert.deepEqual([incident?.target, incident?.kind, incident?.state], ['host', 'outage', 'open']);
    assert.equal(incident?.severity, 'critical');
  });

  test('killed and started again, it goes on with the same incident', async () => {
    await box.killWatcher();
    const before = (await box.listMinutes('host')).length;
    await box.startWatcher();
    await box.waitFor('three minutes more', async () => (await box.listMinutes('host')).length >= before + 3);
    const open = await (await box.read()).listIncidents({ limit: 10 });
    assert.deepEqual(
      open.map(({ target, state, segment }) => [target, state, segment]),
      [['host', 'open', 'beyond']],
    );
    assert.equal((await box.listEvents()).filter(({ kind }) => kind === 'opened').length, 1);
  });

  test('the cable comes back: the incident ends, with its length', async () => {
    execFileSync('ip', ['-n', routed.beyond, 'link', 'set', 'bp', 'up']);
    routed.execBeyond('ip', 'route', 'replace', 'default', 'via', '10.67.0.1');
    await box.waitForEvent('recovered');
    const [incident, ...others] = await (await box.read()).listIncidents({ limit: 10 });
    assert.deepEqual(others, []);
    assert.equal(incident?.state, 'closed');
    assert.ok((incident.endedMs ?? 0) - incident.startedMs >= 4 * MINUTE_MS);
    const kinds = (await box.listEvents()).map(({ kind }) => kind);
    assert.deepEqual(
      [kinds.filter((kind) => kind === 'opened').length, kinds.filter((kind) => kind === 'recovered').length],
      [1, 1],
    );
    const starts = (await box.listMinutes('host')).map((minute) => minute.startMs);
    assert.deepEqual(
      starts,
      [...new Set(starts)].sort((a, b) => a - b),
    );
    assert.ok((await box.listMinutes('router')).every(({ lost }) => lost === 0));
  });
});
