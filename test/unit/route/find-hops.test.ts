// The search for hops, sizes and parallel routers against networks made of rules: whom it asks, when it stops, what it finds.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimateHopMtus } from '../../../src/analysis/route/hop-mtu.js';
import { findTargetTtl, isHopAnswer } from '../../../src/analysis/route/hop-table.js';
import type { HopSample } from '../../../src/model/route.js';
import { findHops } from '../../../src/prober/route/find-hops.js';
import { findMtus } from '../../../src/prober/route/find-mtus.js';
import { findNextHops } from '../../../src/prober/route/find-next-hops.js';
import type { Asker, ProbeSpec } from '../../../src/prober/route/route-session.js';
import { addressOf, answered, silent } from './synthetic-path.js';

/** What the network does with a probe; `times` counts the probes before it to the same TTL. */
type Rule = (probe: ProbeSpec, times: number) => HopSample;

interface Network extends Asker {
  readonly asked: HopSample[];
}

function createNetwork(rule: Rule): Network {
  const asked: HopSample[] = [];
  return {
    asked,
    ask(probes) {
      const samples = probes.map((probe) => {
        const times = asked.filter(({ ttl }) => ttl === probe.ttl).length;
        const sample = { ...rule(probe, times), flow: probe.flow };
        asked.push(sample);
        return sample;
      });
      return Promise.resolve(samples);
    },
  };
}

const OPTIONS = { probeBytes: 38, maxHops: 30, signal: new AbortController().signal };
const plain =
  (targetTtl: number): Rule =>
  (probe) =>
    answered(probe, targetTtl);

describe('the search for hops', () => {
  it('asks every hop once and ends at the target', async () => {
    const network = createNetwork(plain(7));
    const seen = await findHops(network, OPTIONS, true);
    assert.equal(findTargetTtl(seen), 7);
    for (let ttl = 1; ttl <= 7; ttl += 1) assert.equal(seen.filter((sample) => sample.ttl === ttl).length, 1);
    assert.ok(
      seen.every(({ ttl }) => ttl <= 10),
      'no batch behind the target',
    );
  });

  it('asks silent hops again, so that a lost packet hides none', async () => {
    const network = createNetwork((probe, times) => (times < 2 ? silent(probe) : answered(probe, 3)));
    const seen = await findHops(network, OPTIONS, true);
    assert.deepEqual(
      [1, 2, 3].map((ttl) => seen.some((sample) => sample.ttl === ttl && isHopAnswer(sample))),
      [true, true, true],
    );
  });

  it('goes on behind silent hops while the target is known to answer, and stops soon where it is not', async () => {
    const rule: Rule = (probe) => (probe.ttl > 2 && probe.ttl < 20 ? silent(probe) : answered(probe, 20));
    assert.equal(findTargetTtl(await findHops(createNetwork(rule), OPTIONS, true)), 20);
    const unknown = await findHops(createNetwork(rule), OPTIONS, false);
    assert.ok(Math.max(...unknown.map(({ ttl }) => ttl)) <= 12);
  });

  it('ends at a refusal, in a circle and at the limit', async () => {
    const refused = createNetwork((probe) =>
      probe.ttl < 3 ? answered(probe, 99) : answered(probe, 99, { kind: 'unreachable', from: addressOf(2) }),
    );
    await findHops(refused, OPTIONS, false);
    assert.ok(refused.asked.length <= 5);
    const ring = createNetwork((probe) => answered(probe, 99, { from: addressOf(1 + (probe.ttl % 3)) }));
    await findHops(ring, OPTIONS, false);
    assert.ok(ring.asked.length <= 5);
    const far = await findHops(createNetwork(plain(40)), { ...OPTIONS, maxHops: 12 }, true);
    assert.equal(Math.max(...far.map(({ ttl }) => ttl)), 12);
  });

  it('asks nobody once it was stopped', async () => {
    const network = createNetwork(plain(5));
    await findHops(network, { ...OPTIONS, signal: AbortSignal.abort() }, true);
    assert.equal(network.asked.length, 0);
  });
});

describe('the search for sizes', () => {
  const find = async (rule: Rule, lastTtl = 5) => {
    const network = createNetwork(rule);
    const samples = await findHops(network, OPTIONS, true);
    const more = await findMtus(network, { ...OPTIONS, samples, portMtuBytes: 1500 });
    return {
      mtus: estimateHopMtus([...samples, ...more], lastTtl, 1500),
      asked: network.asked.length - samples.length,
    };
  };
  /** Links 1 to n with these MTUs; the router before a smaller one says so, or not. */
  const narrowing =
    (mtus: readonly number[], speaks: boolean): Rule =>
    (probe) => {
      const stuck = mtus.findIndex((mtu, i) => i < probe.ttl && probe.sizeBytes > mtu);
      if (stuck < 0) return answered(probe, mtus.length);
      if (!speaks) return silent(probe);
      return answered(probe, 99, { kind: 'packet-too-big', from: addressOf(stuck), mtuBytes: mtus[stuck] ?? 0 });
    };
  const bounds = (mtus: Awaited<ReturnType<typeof find>>['mtus']) => mtus.map((mtu) => [mtu?.lowBytes, mtu?.highBytes]);

  it('takes a full packet a hop where nothing is small', async () => {
    const { mtus, asked } = await find(narrowing([1500, 1500, 1500, 1500, 1500], true));
    assert.deepEqual(bounds(mtus), new Array(5).fill([1500, 1500]));
    assert.equal(asked, 5);
  });

  it('follows two routers that say what their links carry', async () => {
    const { mtus } = await find(narrowing([1500, 1492, 1492, 1400, 1400], true));
    assert.deepEqual(
      bounds(mtus),
      [1500, 1492, 1492, 1400, 1400].map((mtu) => [mtu, mtu]),
    );
    assert.equal(mtus[3]?.how, 'announced');
  });

  it('finds any silent limit to the byte, within a bounded number of probes', async () => {
    for (const hidden of [1499, 1421, 1280, 777, 576]) {
      const { mtus, asked } = await find(narrowing([1500, 1500, hidden, 1500, 1500], false));
      assert.deepEqual(bounds(mtus).slice(1), [
        [1500, 1500],
        [hidden, hidden],
        [hidden, hidden],
        [hidden, hidden],
      ]);
      assert.equal(mtus[2]?.how, 'silent');
      assert.ok(asked <= 120, `${asked} probes for ${hidden}`);
    }
  });
});

describe('the search for routers side by side', () => {
  const search = async (routers: number) => {
    const network = createNetwork((probe) =>
      answered(probe, 4, probe.ttl === 2 ? { from: `10.9.9.${probe.flow % routers}` } : {}),
    );
    const samples = await findHops(network, OPTIONS, true);
    const more = await findNextHops(network, { ...OPTIONS, samples, rest: () => Promise.resolve() });
    const addresses = new Set([...samples, ...more].filter(({ ttl }) => ttl === 2).map(({ answer }) => answer?.from));
    return { seen: addresses.size, flows: more.filter(({ ttl }) => ttl === 2).length + 1 };
  };

  it('takes 6 flows for one, 11 for two and 16 for three, and asks the target nothing', async () => {
    assert.deepEqual(await search(1), { seen: 1, flows: 6 });
    assert.deepEqual(await search(2), { seen: 2, flows: 11 });
    assert.deepEqual(await search(3), { seen: 3, flows: 16 });
  });
});
