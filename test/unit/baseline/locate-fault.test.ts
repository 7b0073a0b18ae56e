// Which part of the way failed, from targets at different distances; and facts of routes and ports.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeBox } from '../../../src/analysis/baseline/judge-box.js';
import type { BoxState } from '../../../src/analysis/baseline/judge-box.js';
import {
  compareMtu,
  comparePorts,
  rememberPort,
  UNKNOWN_ROUTE,
  watchRoute,
} from '../../../src/analysis/baseline/path-events.js';
import type { Incident, BoxEvent } from '../../../src/model/incident.js';
import type { Segment } from '../../../src/model/monitor.js';
import type { PortFacts } from '../../../src/model/path.js';
import { composeSummary, MINUTE_MS, MONDAY_MS, RTT_NS } from './watched-minutes.js';

const WATCHED: Readonly<Record<string, Segment>> = {
  switch: 'link',
  router: 'gateway',
  'provider-dns': 'provider',
  'far-a': 'beyond',
  'far-b': 'beyond',
  'far-c': 'beyond',
};

/** Ten good minutes, then five in which those named do not answer; what is open then, by target. */
function failTogether(
  failing: readonly string[],
  { watched = WATCHED, isLinkUp = null as boolean | null } = {},
): ReadonlyMap<string, Incident> {
  let state: BoxState = {};
  for (let i = 0; i < 15; i += 1) {
    const minutes = Object.entries(watched).map(([name, segment]) => {
      const said = i >= 10 && failing.includes(name) ? { lost: 60 } : {};
      const summary = { ...composeSummary(MONDAY_MS + i * MINUTE_MS, said), target: name };
      return { target: { name, segment, thresholds: 'learn' as const }, summary, replyTtl: null };
    });
    state = judgeBox(state, minutes, { timeZone: 'UTC', isLinkUp: () => isLinkUp }).state;
  }
  const open = Object.values(state).flatMap(({ watch }) => watch.incidents);
  return new Map(open.map((incident) => [incident.target, incident]));
}

describe('where it failed', () => {
  const far = ['far-a', 'far-b', 'far-c'];
  for (const [failing, segment] of [
    [Object.keys(WATCHED), 'link'],
    [['router', 'provider-dns', ...far], 'gateway'],
    [['provider-dns', ...far], 'provider'],
    [far, 'beyond'],
    [['far-b'], 'beyond'],
  ] as const) {
    it(`is the ${segment} when ${failing.length} of six targets fail`, () => {
      const open = failTogether(failing);
      assert.deepEqual([...open.keys()].sort(), [...failing].sort());
      for (const [name, incident] of open) {
        assert.equal(incident.segment, segment, name);
        assert.deepEqual(incident.alsoAffected, [...failing].filter((other) => other !== name).sort());
      }
    });
  }

  it('is the link when that is down, whatever fails', () => {
    assert.equal(failTogether(['far-a'], { isLinkUp: false }).get('far-a')?.segment, 'link');
  });

  it('is not told where nothing nearer is watched', () => {
    const watched: Readonly<Record<string, Segment>> = { 'provider-dns': 'provider', 'far-a': 'beyond' };
    const open = failTogether(['provider-dns', 'far-a'], { watched, isLinkUp: true });
    assert.deepEqual(
      [...open.values()].map(({ segment }) => segment),
      [null, null],
    );
  });
});

describe('facts of a path', () => {
  /** Smallest round trips of minutes, and TTLs; the events told. */
  function watch(floorsNs: readonly number[], ttlOf: (i: number) => number | null = () => 57): BoxEvent[] {
    let route = UNKNOWN_ROUTE;
    return floorsNs.flatMap((floorNs, i) => {
      const routed = watchRoute(route, composeSummary(MONDAY_MS + i * MINUTE_MS, { rttNs: floorNs }), ttlOf(i));
      route = routed.watch;
      return routed.event === null ? [] : [routed.event];
    });
  }
  const minutes = (count: number, floorNs: (i: number) => number): number[] =>
    Array.from({ length: count }, (_, i) => floorNs(i));

  it('tells another route once, by its smallest round trip', () => {
    const events = watch(minutes(60, (i) => (i < 30 ? RTT_NS : 1.4 * RTT_NS)));
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['route-changed'],
    );
    assert.match(events[0]?.text ?? '', /19\.8 ms to 27\.7 ms/);
    assert.equal(watch(minutes(60, (i) => (i < 30 ? RTT_NS : 0.7 * RTT_NS))).length, 1);
  });

  it('tells another route once, by the TTL of its replies', () => {
    const events = watch(
      minutes(40, () => RTT_NS),
      (i) => (i < 20 ? 57 : 55),
    );
    assert.deepEqual(
      events.map(({ text }) => /TTL 55 instead of 57/.test(text)),
      [true],
    );
  });

  it('takes no queue, no short way round and no unknown TTL for one', () => {
    assert.deepEqual(watch(minutes(80, (i) => RTT_NS * (1 + 0.02 * Math.max(0, Math.min(i - 20, 30))))), []);
    assert.deepEqual(watch(minutes(60, (i) => (i >= 30 && i < 33 ? 2 * RTT_NS : RTT_NS))), []);
    assert.deepEqual(
      watch(
        minutes(60, () => RTT_NS),
        (i) => (i < 20 ? 57 : null),
      ),
      [],
    );
  });

  it('tells what changed of a port and of an MTU', () => {
    const port: PortFacts = {
      name: 'lan0',
      mtuBytes: 1500,
      linkUp: true,
      speedBitsPerSec: 1e9,
      duplex: 'full',
      autoNegotiation: true,
      supportedModes: [],
      advertisedModes: [],
      partnerModes: null,
    };
    const at = { atMs: MONDAY_MS, serial: 1 };
    const kinds = (now: Partial<PortFacts>): string[] =>
      comparePorts(port, { ...port, ...now }, at).map(({ kind }) => kind);
    assert.deepEqual(kinds({}), []);
    assert.deepEqual(kinds({ speedBitsPerSec: 1e8, duplex: 'half' }), ['speed-changed', 'duplex-changed']);
    assert.deepEqual(kinds({ linkUp: false, speedBitsPerSec: null, duplex: 'unknown' }), ['link-lost']);
    assert.deepEqual(kinds({ speedBitsPerSec: null, duplex: 'unknown' }), []);
    const without = rememberPort(port, { ...port, linkUp: false, speedBitsPerSec: null, duplex: 'unknown' });
    const slower = { ...port, speedBitsPerSec: 1e8 };
    const back = comparePorts(without, slower, at).map(({ kind }) => kind);
    assert.deepEqual(back, ['link-back', 'speed-changed'], 'a link that was away in between forgets nothing');
    assert.equal(compareMtu('dns', { before: 1500, now: 1492 }, at)?.kind, 'mtu-changed');
    assert.equal(compareMtu('dns', { before: null, now: 1492 }, at), null);
    assert.equal(compareMtu('dns', { before: 1492, now: 1492 }, at), null);
  });
});
