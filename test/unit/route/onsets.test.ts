// Where loss, delay, queueing and a narrow link begin, on made-up paths: present, absent, and things that only look like it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeRouteReport } from '../../../src/analysis/route/compose-route-report.js';
import { createRandom, type Random } from '../../../src/model/random.js';
import type { RouteReport } from '../../../src/model/route.js';
import { NS_PER_MS, NS_PER_US } from '../../../src/model/units.js';
import { createPath, observe, type SyntheticPath } from './synthetic-path.js';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1e9);
const REQUEST = { maxHops: 30, multipath: false, startedAt: '2026-01-01T00:00:00.000Z' };
const RUNS = 200;

function report(path: SyntheticPath, random: Random): RouteReport {
  return composeRouteReport(observe(path, random), { ...REQUEST, seed: random.uint32() });
}

/** Draws RUNS paths and gives what `judge` says of each; the seed stands in every failure. */
function draw<T>(judge: (random: Random) => T): { readonly results: readonly T[]; readonly context: string } {
  const random = createRandom(SEED);
  return { results: Array.from({ length: RUNS }, () => judge(createRandom(random.uint32()))), context: `SEED=${SEED}` };
}

const shareOf = (flags: readonly boolean[]): number => flags.filter(Boolean).length / flags.length;
const drawBetween = (random: Random, low: number, high: number): number => low + (high - low) * random.uniform();
const drawLog = (random: Random, low: number, high: number): number =>
  Math.exp(drawBetween(random, Math.log(low), Math.log(high)));
const drawTtl = (random: Random, low: number, high: number): number =>
  low + Math.floor(random.uniform() * (high - low + 1));

test('the place that is named for the loss holds the lossy link, however much it loses', () => {
  const { results, context } = draw((random) => {
    const hops = drawTtl(random, 3, 14);
    const lossy = drawTtl(random, 1, hops);
    const lossRatio = drawLog(random, 0.02, 0.4);
    const { onsets } = report(
      createPath(hops, (ttl) => (ttl === lossy ? { link: { lossRatio } } : {})),
      random,
    );
    return onsets.loss === null ? null : onsets.loss.after < lossy && lossy <= onsets.loss.at;
  });
  const named = results.filter((held) => held !== null);
  assert.ok(named.length > RUNS / 2, `${context}: a loss was named in ${named.length} of ${RUNS} runs`);
  assert.ok(shareOf(named) >= 0.93, `${context}: ${shareOf(named)} of the places held the lossy link`);
});

test('a target that refuses UDP limits its messages as routers do: what it leaves unanswered is told, and makes no loss', () => {
  const { results, context } = draw((random) => {
    const hops = drawTtl(random, 2, 14);
    const path = createPath(hops, (ttl) => (ttl === hops ? { router: { muteRatio: 0.3 } } : {}));
    const observation = observe(path, random);
    const byUdp = { ...observation, target: { ...observation.target, via: 'udp' as const } };
    const { onsets, verdict, limits } = composeRouteReport(byUdp, { ...REQUEST, seed: 1 });
    return onsets.loss === null && verdict === 'ok' && limits.some((limit) => /had no answer.*--via icmp/.test(limit));
  });
  assert.equal(shareOf(results), 1, context);
});

test('routers that limit their answers make no loss, and are told from it', () => {
  const { results, context } = draw((random) => {
    const hops = drawTtl(random, 4, 14);
    const mute = drawTtl(random, 1, hops - 1);
    const muteRatio = drawBetween(random, 0.5, 0.95);
    const path = createPath(hops, (ttl) => (ttl === mute ? { router: { muteRatio } } : {}));
    const { onsets, verdict, hops: rows } = report(path, random);
    const isTold = rows[mute - 1]?.notes.some(({ kind }) => kind === 'limits-answers') ?? false;
    return { isQuiet: onsets.loss === null && verdict === 'ok', isTold };
  });
  assert.equal(shareOf(results.map(({ isQuiet }) => isQuiet)), 1, context);
  assert.ok(shareOf(results.map(({ isTold }) => isTold)) >= 0.9, context);
});

test('the same loss behind a router that limits its answers is still found behind it', () => {
  const { results, context } = draw((random) => {
    const path = createPath(8, (ttl) => ({
      ...(ttl === 3 ? { router: { muteRatio: 0.8 } } : {}),
      ...(ttl === 6 ? { link: { lossRatio: 0.15 } } : {}),
    }));
    const { onsets } = report(path, random);
    return onsets.loss !== null && onsets.loss.after < 6 && onsets.loss.at >= 6;
  });
  assert.ok(shareOf(results) >= 0.93, `${context}: ${shareOf(results)}`);
});

test('on a path that loses nothing, no hop is said to limit its answers', () => {
  const { results, context } = draw((random) => {
    const { hops, verdict } = report(
      createPath(drawTtl(random, 1, 14), () => ({})),
      random,
    );
    return verdict === 'ok' && hops.every(({ notes }) => notes.length === 0);
  });
  assert.equal(shareOf(results), 1, context);
});

test('where every hop loses alike, because the first link does, few hops are blamed for it', () => {
  const { results, context } = draw((random) => {
    const { hops } = report(
      createPath(8, (ttl) => (ttl === 1 ? { link: { lossRatio: 0.1 } } : {})),
      random,
    );
    return hops.filter(({ notes }) => notes.some(({ kind }) => kind === 'limits-answers')).length;
  });
  const blamed = results.reduce((sum, count) => sum + count, 0) / (8 * RUNS);
  assert.ok(blamed <= 0.03, `${context}: ${blamed} of the hops`);
});

test('most of the delay is found at the long link, also behind a router that is slow to answer', () => {
  const { results, context } = draw((random) => {
    const long = drawTtl(random, 2, 6);
    const path = createPath(6, (ttl) => ({
      ...(ttl === long ? { link: { propagationNs: drawBetween(random, 3, 80) * NS_PER_MS } } : {}),
      ...(ttl === long - 1 ? { router: { meanAnswerNs: drawLog(random, 0.1, 200) * NS_PER_MS } } : {}),
    }));
    const { onsets } = report(path, random);
    return onsets.delay === null ? null : onsets.delay.after < long && long <= onsets.delay.at;
  });
  const named = results.filter((held) => held !== null);
  assert.ok(named.length >= 0.95 * RUNS, `${context}: named in ${named.length} of ${RUNS} runs`);
  assert.ok(shareOf(named) >= 0.93, `${context}: ${shareOf(named)}`);
});

test('a router that is slow to answer is told from a slow path', () => {
  const { results, context } = draw((random) => {
    const slow = drawTtl(random, 1, 5);
    const path = createPath(6, (ttl) => (ttl === slow ? { router: { meanAnswerNs: 200 * NS_PER_MS } } : {}));
    const { hops, onsets } = report(path, random);
    const told = hops.filter(({ notes }) => notes.some(({ kind }) => kind === 'slow-to-answer'));
    return onsets.delay === null && told.length === 1 && told[0]?.ttl === slow;
  });
  assert.ok(shareOf(results) >= 0.93, `${context}: ${shareOf(results)}`);
});

test('where all links are alike, no single one is called most of the delay', () => {
  const { results, context } = draw((random) => {
    return (
      report(
        createPath(8, () => ({ link: { propagationNs: 3 * NS_PER_MS } })),
        random,
      ).onsets.delay === null
    );
  });
  assert.equal(shareOf(results), 1, context);
});

test('the place that is named for the queue holds the busy link', () => {
  const { results, context } = draw((random) => {
    const hops = drawTtl(random, 3, 10);
    const busyTtl = drawTtl(random, 1, hops);
    const busy = { busy: drawBetween(random, 0.3, 0.8), meanWaitNs: drawLog(random, 2, 50) * NS_PER_MS };
    const { onsets } = report(
      createPath(hops, (ttl) => (ttl === busyTtl ? { link: busy } : {})),
      random,
    );
    return onsets.queueing === null ? null : onsets.queueing.after < busyTtl && busyTtl <= onsets.queueing.at;
  });
  const named = results.filter((held) => held !== null);
  assert.ok(named.length > 0.8 * RUNS, `${context}: named in ${named.length} of ${RUNS} runs`);
  assert.ok(shareOf(named) >= 0.93, `${context}: ${shareOf(named)} of the places held the busy link`);
});

test('a router whose own answers vary is no queue', () => {
  const { results, context } = draw((random) => {
    const path = createPath(6, (ttl) => (ttl === 3 ? { router: { meanAnswerNs: 20 * NS_PER_MS } } : {}));
    return report(path, random).onsets.queueing === null;
  });
  assert.equal(shareOf(results), 1, context);
});

test('the interval of a link holds its rate, over rates, loads and numbers of hops', () => {
  const held: boolean[] = [];
  const { context } = draw((random) => {
    const busy = drawBetween(random, 0, 0.6);
    const meanWaitNs = drawLog(random, 5, 2_000) * NS_PER_US;
    const path = createPath(drawTtl(random, 2, 10), () => ({
      link: { rateBitsPerSec: drawLog(random, 1e6, 1e9), busy, meanWaitNs },
    }));
    const found = report(path, random);
    for (const { link, ttl } of found.hops) {
      if (link === null || link.since !== ttl - 1) continue;
      const truth = path.links[ttl - 1]?.rateBitsPerSec ?? NaN;
      held.push(link.rate.low <= truth && truth <= link.rate.high);
    }
  });
  assert.ok(held.length > RUNS / 2, `${context}: ${held.length} rates told`);
  assert.ok(shareOf(held) >= 0.93, `${context}: ${shareOf(held)} of ${held.length} intervals hold the rate`);
});

test('the link that is called the slowest is the slowest of those in front of the target', () => {
  const { results, context } = draw((random) => {
    const hops = drawTtl(random, 4, 10);
    const path = createPath(hops, () => ({ link: { rateBitsPerSec: drawLog(random, 2e6, 1e9) } }));
    const { onsets } = report(path, random);
    if (onsets.narrowLink === null) return null;
    const rates = path.links.slice(0, hops - 1).map(({ rateBitsPerSec }) => rateBitsPerSec);
    return rates.indexOf(Math.min(...rates)) + 1 === onsets.narrowLink.at;
  });
  const named = results.filter((held) => held !== null);
  assert.ok(named.length > RUNS / 10, `${context}: named in ${named.length} of ${RUNS} runs`);
  assert.ok(shareOf(named) >= 0.97, `${context}: ${shareOf(named)}`);
});

test('of links that are all alike and fast, none is called the slowest', () => {
  const { results, context } = draw((random) => {
    const found = report(
      createPath(7, () => ({ link: { rateBitsPerSec: 1e9 } })),
      random,
    );
    return found.onsets.narrowLink === null && found.limits.some((limit) => limit.startsWith('Links'));
  });
  assert.equal(shareOf(results), 1, context);
});
