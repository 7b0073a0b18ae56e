// Maximum IP capacity over simulated paths drawn from wide ranges: rates, round trips, losses, queues, buckets. What a real port and
// a busy machine add is seen on live paths, not here.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { computeDefaultBudget } from '../../../src/model/examination.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import { BITS_PER_BYTE, NS_PER_US } from '../../../src/model/units.js';
import type { FarEndModel, HopModel, PathModel } from '../../../src/simulator/path-model.js';
import { assertValidReport } from '../../unit/analysis/report-schema.js';
import { buildNarrowPath, buildTokenBucket, examine } from './examined-path.js';
import type { ExamineOptions } from './examined-path.js';

const PATHS = 48;
const PATHS_BOTH_WAYS = 24;
const FIRST_SEED = 20_260;

const STAMPING: Extract<FarEndModel, { kind: 'stamp' }> = {
  kind: 'stamp',
  processing: { floorNs: 1_500, meanExtraNs: 500 },
  stamp: { noiseNs: 1_500, granularityNs: 1 },
  stampSource: 'kernel',
  clockOffsetNs: -3_217_000_441,
};

interface DrawnPath {
  readonly model: PathModel;
  /** IP bits a second that come through where nothing is lost by chance, and where as much is as usual. */
  readonly most: number;
  readonly usual: number;
  readonly text: string;
}

function drawLog(random: Random, low: number, high: number): number {
  return low * Math.exp(random.uniform() * Math.log(high / low));
}

/** 1 Mb/s to 1 Gb/s, 0.2 to 100 ms there and back, no loss or up to 1 %, as a link, a shaper or a policer, at either end or between. */
function drawPath(seed: number): DrawnPath {
  const random = createRandom(seed);
  const rate = drawLog(random, 1e6, 1e9);
  const rttNs = drawLog(random, 0.2e6, 100e6);
  const lossRatio = random.uniform() < 0.5 ? 0 : 0.01 * random.uniform();
  const queueBytes = drawLog(random, 8e3, Math.max(10e3, (0.3 * rate) / BITS_PER_BYTE));
  const burstBytes = drawLog(random, 3e3, 512e3);
  const limits: readonly (readonly [string, Partial<HopModel>])[] = [
    ['link', { rateBitsPerSec: rate, queueBytes }],
    ['shaper', buildTokenBucket(rate, burstBytes, queueBytes)],
    ['policer', { tokenBucket: { kind: 'policer', rateBitsPerSec: rate, burstBytes } }],
  ];
  const [kind, limit] = limits[Math.floor(limits.length * random.uniform())] ?? ['none', {}];
  const far = random.uniform() < 0.5 ? STAMPING : undefined;
  // A far end that stamps tells what came there, so that only an echo meets a limit on the way back.
  const places = far === undefined ? (['own-port', 'forward', 'reverse'] as const) : (['own-port', 'forward'] as const);
  const place = places[Math.floor(places.length * random.uniform())] ?? 'forward';
  const loss: Partial<HopModel> = lossRatio > 0 ? { loss: { kind: 'bernoulli', lossRatio } } : {};
  const narrow = { propagationNs: rttNs - 40 * NS_PER_US, ...loss, ...limit };
  const stampNoiseNs = drawLog(random, 100, 20_000);
  const model = buildNarrowPath({ narrow, place, stampNoiseNs, ...(far === undefined ? {} : { far }) });
  const most = (rate * 1500) / 1514;
  const text = `seed ${seed}: ${kind} of ${(rate / 1e6).toFixed(1)} Mb/s, ${place}, ${(rttNs / 1e6).toFixed(1)} ms, loss ${lossRatio}`;
  return { model, most, usual: most * (1 - lossRatio), text };
}

interface BothWays {
  readonly ms: number;
  readonly text: string;
  readonly ways: readonly { readonly isHeld: boolean; readonly text: string }[];
}

/** 1 to 500 Mb/s there, from a third to three times as much back, loss on either way in half of the paths. */
function measureBothWays(seed: number): BothWays {
  const random = createRandom(seed);
  const rttNs = drawLog(random, 0.5e6, 80e6);
  const out = drawLog(random, 1e6, 500e6);
  const rates = [out, Math.min(500e6, out * drawLog(random, 1 / 3, 3))];
  const hops = rates.map((rateBitsPerSec): { lossRatio: number; hop: HopModel } => {
    const lossRatio = random.uniform() < 0.5 ? 0 : 0.01 * random.uniform();
    const queueBytes = drawLog(random, 15e3, Math.max(20e3, (0.2 * rateBitsPerSec) / BITS_PER_BYTE));
    const loss: Partial<HopModel> = lossRatio > 0 ? { loss: { kind: 'bernoulli', lossRatio } } : {};
    return { lossRatio, hop: { rateBitsPerSec, queueBytes, propagationNs: rttNs / 2, ...loss } };
  });
  const [there, back] = hops;
  assert.ok(there && back);
  const model = buildNarrowPath({ narrow: there.hop, far: { ...STAMPING, sends: true } });
  const report = measure({ ...model, reverse: [back.hop] }, { seed });
  const text = `seed ${seed}: ${rates.map((rate) => (rate / 1e6).toFixed(1)).join(' and ')} Mb/s, ${(rttNs / 1e6).toFixed(1)} ms`;
  const { forward, reverse } = report.estimates.maximum;
  const ways = [forward, reverse].map((estimate, i) => {
    const most = ((rates[i] ?? 0) * 1500) / 1514;
    const usual = most * (1 - (hops[i]?.lossRatio ?? 0));
    const isHeld = estimate !== null && estimate.low <= most && usual <= estimate.high;
    return { isHeld, text: `${text}, ${i === 0 ? 'there' : 'back'}: ${JSON.stringify(estimate)} of ${most}` };
  });
  return { ms: report.durationMs, text, ways };
}

function measure(model: PathModel, options: Omit<ExamineOptions, 'quantity'>) {
  return examine(model, { ...computeDefaultBudget('normal', 'maximum'), ...options, quantity: 'maximum' }).report;
}

describe('maximum capacity', () => {
  it('is within 1 % of what comes through, on nearly any path, and its interval holds the truth', () => {
    let covered = 0;
    let far = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + PATHS; seed += 1) {
      const { model, most, usual, text } = drawPath(seed);
      const report = measure(model, { seed });
      assertValidReport(report, text);
      const maximum = report.estimates.maximum.forward;
      assert.ok(maximum !== null, `${text}: nothing measured; ${report.limits.join('; ')}`);
      // A second in which fewer were lost by chance than usual did carry more.
      const truth = Math.min(most, Math.max(usual, maximum.value));
      const error = Math.abs(maximum.value / truth - 1);
      assert.ok(error < 0.03, `${text}: ${(100 * error).toFixed(2)} % off`);
      assert.ok(report.durationMs < 4_000, `${text}: took ${report.durationMs} ms`);
      if (error > 0.01) far += 1;
      if (maximum.low <= most && usual <= maximum.high) covered += 1;
    }
    assert.ok(far <= 0.05 * PATHS, `${far} of ${PATHS} paths more than 1 % off`);
    assert.ok(covered >= 0.93 * PATHS, `${covered} of ${PATHS} intervals hold the truth`);
  });

  it('is called a lower bound where nothing but the machines takes time', () => {
    const model = buildNarrowPath({ narrow: {}, processing: { floorNs: 12_000, meanExtraNs: 400 } });
    const report = measure(model, { seed: 1 });
    const maximum = report.estimates.maximum.forward;
    assert.equal(maximum?.limitedBy, 'probe', JSON.stringify(maximum));
    assert.equal(maximum.quality, 'poor');
    assert.match(report.limits.join(), /at least/);
  });

  it('is no bound where the port itself is the narrow link, whose speed is known', () => {
    const model = buildNarrowPath({ narrow: { rateBitsPerSec: 100e6, overheadBytes: 38 }, place: 'own-port' });
    const port = { ...model.probe.port, speedBitsPerSec: 100e6 };
    const maximum = measure({ ...model, probe: { ...model.probe, port } }, { seed: 4 }).estimates.maximum.forward;
    assert.equal(maximum?.limitedBy, null);
    assert.ok(Math.abs(maximum.value / (100e6 * (1500 / 1538)) - 1) < 0.01, JSON.stringify(maximum));
  });

  it('is measured over less than a second, and says so, where fewer bytes are allowed', () => {
    const model = buildNarrowPath({ narrow: { rateBitsPerSec: 100e6, queueBytes: 200e3 } });
    const report = measure(model, { seed: 5, maxBytes: 9e6 });
    const maximum = report.estimates.maximum.forward;
    assert.ok(report.cost.bytes <= 9e6);
    assert.equal(maximum?.quality, 'poor');
    assert.equal(maximum.limitedBy, 'samples');
    assert.ok(maximum.low <= 99.08e6 && 99.07e6 <= maximum.high, JSON.stringify(maximum));
    assert.match(report.limits.join(), /ended the load early: the maximum (?:forward )?is one over 0\.\d+ s/);
  });

  it('is that of the climb where a load cannot be paid at all', () => {
    const model = buildNarrowPath({ narrow: { rateBitsPerSec: 900e6, queueBytes: 300e3 } });
    const report = measure(model, { seed: 8, maxBytes: 14e6 });
    const maximum = report.estimates.maximum.forward;
    assert.ok(report.cost.bytes <= 14e6);
    assert.equal(maximum?.quality, 'poor', report.limits.join('; '));
    assert.ok(maximum.low <= 892e6 && 891e6 <= maximum.high, JSON.stringify(maximum));
    assert.match(report.limits.join(), /the maximum (?:forward )?is one over 0\.0\d s/);
  });

  it('is told for each direction where the far end sends too', () => {
    const model = buildNarrowPath({
      narrow: { rateBitsPerSec: 8e6, queueBytes: 60e3, propagationNs: 10e6 },
      far: { ...STAMPING, sends: true },
    });
    const back: HopModel = { rateBitsPerSec: 60e6, queueBytes: 200e3, propagationNs: 10e6 };
    const report = measure({ ...model, reverse: [back] }, { seed: 9 });
    const { forward, reverse } = report.estimates.maximum;
    assert.ok(forward && reverse, report.limits.join('; '));
    assert.ok(Math.abs(forward.value / (8e6 * (1500 / 1514)) - 1) < 0.01, JSON.stringify(forward));
    assert.ok(Math.abs(reverse.value / (60e6 * (1500 / 1514)) - 1) < 0.01, JSON.stringify(reverse));
  });

  it('holds the truth both ways on drawn paths, and takes no longer than three seconds', () => {
    const outcomes = Array.from({ length: PATHS_BOTH_WAYS }, (_, i) => measureBothWays(FIRST_SEED + 500 + i));
    const ways = outcomes.flatMap(({ ways }) => ways);
    const held = ways.filter(({ isHeld }) => isHeld).length;
    const missed = ways.flatMap(({ isHeld, text }) => (isHeld ? [] : [text])).join('\n');
    assert.ok(held >= 0.93 * ways.length, `${held} of ${ways.length} intervals hold the truth, not\n${missed}`);
    // Opening a real path takes the rest of the three seconds.
    const slow = outcomes.filter(({ ms }) => ms > 2_600);
    assert.ok(slow.length <= 0.05 * outcomes.length, slow.map(({ ms, text }) => `${ms} ms: ${text}`).join('\n'));
  });

  it('is left out, with the reason, where the target limits its answers', () => {
    const model = buildNarrowPath({ narrow: { rateBitsPerSec: 10e6 } });
    const report = measure(model, { seed: 6, description: { maxProbesPerSec: 1_000 } });
    assert.equal(report.estimates.maximum.forward, null);
    assert.match(report.limits.join(), /limits its answers/);
  });
});
