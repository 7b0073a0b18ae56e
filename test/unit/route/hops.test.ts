// Who is on a path, how it ends, what is odd about its hops, and the largest packet to each: from tables of answers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { composeRouteReport } from '../../../src/analysis/route/compose-route-report.js';
import { estimateHopMtus } from '../../../src/analysis/route/hop-mtu.js';
import { countNextHops } from '../../../src/analysis/route/next-hops.js';
import { judgeEnd } from '../../../src/analysis/route/route-end.js';
import { DIRECT_TTL, type HopSample, type RouteObservation, type RouteReport } from '../../../src/model/route.js';
import { addressOf, answered, silent, SIZES } from './synthetic-path.js';

const NO_TARGET = 99;
const FACTS = { ownAddress: '10.0.0.9', maxHops: 30, interrupted: false };

function report(found: readonly HopSample[], changes: Partial<RouteObservation> = {}): RouteReport {
  const observation: RouteObservation = {
    target: { address: addressOf(4), via: 'icmp' },
    port: { name: 'np', mtuBytes: 1500, address: FACTS.ownAddress },
    found,
    measured: [],
    sizes: SIZES,
    stamps: null,
    names: new Map(),
    cost: { packets: found.length, bytes: 0 },
    durationMs: 1,
    interrupted: false,
    notes: [],
    ...changes,
  };
  return composeRouteReport(observation, { maxHops: 30, multipath: false, startedAt: '2026-01-01T00:00:00Z', seed: 1 });
}

const small = (ttl: number, target = NO_TARGET): HopSample => answered({ ttl, sizeBytes: 64 }, target);
const unreachable = (ttl: number, from: string, code: number): HopSample =>
  answered({ ttl, sizeBytes: 64 }, NO_TARGET, { kind: 'unreachable', from, code });

describe('the end of a path', () => {
  it('is the lowest TTL at which the target answers', () => {
    const end = judgeEnd([small(1, 3), small(2, 3), small(3, 3), small(4, 3)], FACTS);
    assert.deepEqual([end.kind, end.lastTtl], ['target', 3]);
  });

  it('moves nearer where the target is heard at a smaller TTL only later, and all that came to it counts', () => {
    const measured = [small(3, 3), ...Array.from({ length: 9 }, () => small(4, 3)), silent({ ttl: 4, sizeBytes: 64 })];
    const { end, hops } = report([small(1, 3), small(2, 3), silent({ ttl: 3, sizeBytes: 64 }), small(4, 3)], {
      measured,
    });
    assert.deepEqual([end.kind, end.lastTtl, hops.length], ['target', 3, 3]);
    assert.deepEqual([hops[2]?.loss?.samples, hops[2]?.loss?.value], [11, 1 / 11]);
  });

  it('is the hop that refuses, with its reason in words', () => {
    const samples = [small(1), small(2), unreachable(3, addressOf(2), 13)];
    const end = judgeEnd(samples, FACTS);
    assert.deepEqual([end.kind, end.lastTtl], ['refused', 2]);
    assert.match(end.text, /^Hop 2 \(10\.0\.2\.1\) sends no further: a filter prohibits it$/);
    assert.equal(report(samples).verdict, 'critical');
  });

  it('names a hop that refuses before its time counts it as one', () => {
    const { hops, end } = report([
      small(1),
      small(2),
      unreachable(3, addressOf(3), 0),
      unreachable(4, addressOf(3), 0),
    ]);
    assert.equal(end.lastTtl, 3);
    assert.equal(hops[2]?.addresses[0]?.address, addressOf(3));
  });

  it('reads the codes of ICMPv6 as those of ICMPv6', () => {
    assert.match(judgeEnd([unreachable(1, 'fd00::1', 0)], FACTS).text, /has no route$/);
    assert.match(judgeEnd([unreachable(1, 'fd00::1', 1)], FACTS).text, /a filter prohibits it$/);
  });

  it('is this machine where its kernel says that the next hop does not answer', () => {
    const { end, hops } = report([unreachable(1, FACTS.ownAddress, 1)]);
    assert.match(end.text, /next hop does not answer on the link/);
    assert.equal(hops.length, 0);
  });

  it('is a circle where an address comes again after others, and the table ends there', () => {
    const ring = [1, 2, 3, 4, 5].map((ttl) =>
      answered({ ttl, sizeBytes: 64 }, NO_TARGET, { from: addressOf(ttl < 2 ? 1 : 2 + (ttl % 2)) }),
    );
    const { end, hops, verdict } = report(ring);
    assert.deepEqual([end.kind, hops.length, verdict], ['loop', 4, 'critical']);
    assert.match(end.text, /10\.0\.2\.1 is hop 2 and hop 4/);
  });

  it('is silence after the last hop that answered', () => {
    const { end, verdict } = report([small(1), small(2), silent({ ttl: 3, sizeBytes: 64 })]);
    assert.deepEqual([end.kind, end.lastTtl, verdict], ['silent', 2, 'critical']);
  });

  it('is not known where the target answers from further away than was looked', () => {
    const samples = [small(1), small(2), answered({ ttl: DIRECT_TTL, sizeBytes: 64 }, DIRECT_TTL)];
    const end = judgeEnd(samples, { ...FACTS, maxHops: 2 });
    assert.equal(end.kind, 'max-hops');
    assert.equal(report(samples).verdict, 'unknown');
  });
});

describe('remarks on hops', () => {
  const kinds = ({ hops }: RouteReport): string[][] => hops.map(({ notes }) => notes.map(({ kind }) => kind));

  it('are none on a plain path', () => {
    assert.deepEqual(kinds(report([small(1, 3), small(2, 3), small(3, 3)])), [[], [], []]);
  });

  it('tell a router that answers at two neighbouring TTLs, which is no circle', () => {
    const twice = answered({ ttl: 3, sizeBytes: 64 }, 4, { from: addressOf(2), quotedTtl: 0 });
    const seen = report([small(1, 4), small(2, 4), twice, small(4, 4)]);
    assert.deepEqual(kinds(seen), [[], [], ['same-router'], []]);
    assert.equal(seen.end.kind, 'target');
  });

  it('tell a quote whose TTL is not spent, and MPLS labels', () => {
    const labels = [{ label: 299_824, trafficClass: 0, isBottom: true, ttl: 1 }];
    const tunnel = answered({ ttl: 2, sizeBytes: 64 }, 3, { quotedTtl: 5, labels });
    const seen = report([small(1, 3), tunnel, small(3, 3)]);
    assert.deepEqual(kinds(seen), [[], ['ttl-changed', 'mpls'], []]);
    assert.deepEqual(seen.hops[1]?.labels, labels);
  });

  it('tell several routers at one TTL, and an answer that came late', () => {
    const other = answered({ ttl: 2, sizeBytes: 64 }, 3, { from: '10.0.2.2' });
    const late = { ...small(3, 3), isLate: true };
    assert.deepEqual(kinds(report([small(1, 3), small(2, 3), other, late])), [[], ['several-routers'], ['late']]);
  });

  it('carry the names that were asked for', () => {
    const { hops } = report([small(1, 1)], { names: new Map([[addressOf(1), 'gw.example']]) });
    assert.equal(hops[0]?.addresses[0]?.name, 'gw.example');
  });
});

describe('routers side by side', () => {
  const seenBy = (flows: number, routers: number) => {
    const addresses = Array.from({ length: routers }, (_, i) => ({ address: `10.0.2.${i + 1}`, answers: 1 }));
    return countNextHops({ all: Array.from({ length: flows }, (_, flow) => ({ ...small(2), flow })), addresses });
  };

  it('are ruled out by 6, 11 and 16 flows', () => {
    assert.deepEqual(
      [5, 6].map((flows) => seenBy(flows, 1).isComplete),
      [false, true],
    );
    assert.deepEqual(
      [10, 11].map((flows) => seenBy(flows, 2).isComplete),
      [false, true],
    );
    assert.deepEqual(
      [15, 16].map((flows) => seenBy(flows, 3).isComplete),
      [false, true],
    );
    assert.equal(seenBy(16, 4).isComplete, false);
  });
});

describe('the largest packet to each hop', () => {
  const large = (ttl: number, target: number): HopSample => answered({ ttl, sizeBytes: 1500 }, target);
  const tooBig = (ttl: number, from: number, mtuBytes: number | null): HopSample =>
    answered({ ttl, sizeBytes: 1500 }, NO_TARGET, { kind: 'packet-too-big', from: addressOf(from), mtuBytes });
  const path = [1, 2, 3, 4].map((ttl) => small(ttl, 4));
  const lost = (ttl: number, sizeBytes: number, times: number): HopSample[] =>
    Array.from({ length: times }, () => silent({ ttl, sizeBytes }));

  it("is the port's own where it passed everywhere", () => {
    const found = estimateHopMtus([...path, ...[1, 2, 3, 4].map((ttl) => large(ttl, 4))], 4, 1500);
    assert.deepEqual(found, new Array(4).fill({ lowBytes: 1500, highBytes: 1500, how: 'passed' }));
  });

  it('is what a router says, behind that router', () => {
    const samples = [...path, large(1, 4), large(2, 4), tooBig(3, 2, 1400), tooBig(4, 2, 1400)];
    const passed = [3, 4].map((ttl) => answered({ ttl, sizeBytes: 1400 }, 4));
    const found = estimateHopMtus([...samples, ...passed], 4, 1500);
    const announced = { lowBytes: 1400, highBytes: 1400, how: 'announced' };
    assert.deepEqual(found.slice(1), [{ lowBytes: 1500, highBytes: 1500, how: 'passed' }, announced, announced]);
  });

  it('is found where larger ones vanish, and begins at the hop where they do', () => {
    const beside = [3, 4].flatMap((ttl) => Array.from({ length: 6 }, () => small(ttl, 4)));
    const hole = [...lost(3, 1500, 3), ...lost(4, 1500, 3), ...lost(4, 1401, 2)];
    const samples = [...path, large(1, 4), large(2, 4), ...beside, ...hole, answered({ ttl: 4, sizeBytes: 1400 }, 4)];
    const found = estimateHopMtus(samples, 4, 1500);
    const silentAbove = { lowBytes: 1400, highBytes: 1400, how: 'silent' };
    assert.deepEqual(found.slice(1), [{ lowBytes: 1500, highBytes: 1500, how: 'passed' }, silentAbove, silentAbove]);
  });

  it('is no black hole where a few large packets were lost, as on any lossy path', () => {
    const samples = [...path, large(1, 4), large(2, 4), ...lost(3, 1500, 2), ...lost(4, 1500, 2)];
    for (const mtu of estimateHopMtus(samples, 4, 1500)) assert.notEqual(mtu?.how, 'silent');
  });

  it('is no black hole where a hop limits its answers and the target takes large packets', () => {
    const beside = Array.from({ length: 12 }, () => small(2, 4));
    const samples = [...path, ...beside, ...lost(2, 1500, 9), large(4, 4)];
    for (const mtu of estimateHopMtus(samples, 4, 1500)) assert.equal(mtu?.how, 'passed');
  });

  it('is not told where no size was tried', () => {
    assert.deepEqual(estimateHopMtus(path, 4, 1500), [null, null, null, null]);
  });
});
