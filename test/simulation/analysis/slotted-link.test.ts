// Links that send in slots, over drawn paths: named with their period where they are there, and not taken for what only jitters.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import type { Finding, Report } from '../../../src/model/report.js';
import { NS_PER_MS, NS_PER_SEC, NS_PER_US } from '../../../src/model/units.js';
import type { FarEndModel, HopModel, PathModel } from '../../../src/simulator/path-model.js';
import { buildNarrowPath, examine } from './examined-path.js';

const STAMP: FarEndModel = {
  kind: 'stamp',
  processing: { floorNs: 3_000, meanExtraNs: 500 },
  stamp: { noiseNs: 1_000, granularityNs: 1 },
  stampSource: 'kernel',
  clockOffsetNs: 3e9,
  clockDriftPpm: -12,
};
const RUNS = 16;

const drawLog = (random: Random, low: number, high: number): number => low * (high / low) ** random.uniform();

function drawHop(random: Random): HopModel {
  return {
    rateBitsPerSec: drawLog(random, 2e6, 300e6),
    propagationNs: drawLog(random, 0.1, 40) * NS_PER_MS,
    queueBytes: 250_000,
  };
}

/** 2 to 300 Mb/s in slots of 1 to 8 ms, up to a tenth of them sent again. */
function drawSlotted(random: Random): HopModel {
  const hop = drawHop(random);
  const periodNs = drawLog(random, 1, 8) * NS_PER_MS;
  const grantBytes = Math.max(500, (hop.rateBitsPerSec * periodNs) / (8 * NS_PER_SEC));
  const retransmission = { ratio: 0.1 * random.uniform(), delayNs: periodNs * (1 + random.uniform()) };
  return { ...hop, rateBitsPerSec: 5 * hop.rateBitsPerSec, slots: { periodNs, grantBytes, retransmission } };
}

interface Outcome {
  readonly report: Report;
  readonly model: PathModel;
  readonly finding: Finding | undefined;
}

function examineMany(seed: number, draw: (random: Random) => HopModel): Outcome[] {
  const random = createRandom(seed);
  return Array.from({ length: RUNS }, () => {
    const hop = draw(random);
    const far = random.uniform() < 0.5 ? { far: STAMP } : {};
    const model = { ...buildNarrowPath({ narrow: hop, ...far }), reverse: [hop] };
    const description = model.far.kind === 'stamp' ? { minSizeBytes: 72 } : {};
    const { report } = examine(model, { seed: random.uint32(), quantity: 'delay', description });
    return { report, model, finding: report.findings.find(({ condition }) => condition === 'wireless-hop') };
  });
}

const tell = (outcomes: readonly Outcome[]): string =>
  outcomes.map(({ report, model }) => JSON.stringify([report.findings, model.forward[1]])).join('\n');

describe('a link that sends in slots', () => {
  it('is named with the time from slot to slot, and hurts nobody', () => {
    const outcomes = examineMany(71, drawSlotted);
    const missed = outcomes.filter(({ finding }) => (finding?.probability ?? 0) < 0.95);
    assert.ok(missed.length <= 1, tell(missed));
    const wrong = outcomes.filter(({ finding, model }) => {
      const seenNs = Number(finding?.evidence.find(({ metric }) => metric === 'slots.periodNs')?.value ?? NaN);
      return Math.abs(seenNs / (model.forward[1]?.slots?.periodNs ?? 0) - 1) > 0.01;
    });
    assert.ok(wrong.length <= 1, tell(wrong));
    const alarms = outcomes.filter(({ finding }) => finding !== undefined && finding.severity !== 'info');
    assert.ok(alarms.length <= 1, tell(alarms));
  });

  it('raises an alarm where much is sent again', () => {
    const outcomes = examineMany(72, (random) => {
      const hop = drawHop(random);
      const periodNs = drawLog(random, 3, 8) * NS_PER_MS;
      const retransmission = { ratio: 0.25, delayNs: (1.3 + 0.4 * random.uniform()) * periodNs };
      return { ...hop, rateBitsPerSec: 1e9, slots: { periodNs, grantBytes: 20_000, retransmission } };
    });
    const named = outcomes.filter(({ finding }) => finding !== undefined);
    assert.ok(named.length >= 0.5 * RUNS, tell(outcomes));
    const quiet = named.filter(({ finding }) => finding?.severity !== 'warning');
    assert.ok(quiet.length <= 1, tell(quiet));
  });
});

describe('no link that sends in slots', () => {
  const nearMisses: Readonly<Record<string, (random: Random) => HopModel>> = {
    'a plain link': drawHop,
    'a link that jitters': (random) => ({
      ...drawHop(random),
      jitter: { meanNs: drawLog(random, 0.3, 5) * NS_PER_MS, keepsOrder: random.uniform() < 0.5 },
    }),
    'a link that others use in bursts': (random) => ({
      ...drawHop(random),
      crossTraffic: {
        kind: 'on-off',
        share: 0.2 + 0.4 * random.uniform(),
        sizeBytes: 1500,
        peakShare: 0.9,
        meanOnNs: drawLog(random, 2, 100) * NS_PER_MS,
        periods: 'exponential',
      },
    }),
  };
  for (const [index, [name, draw]] of Object.entries(nearMisses).entries()) {
    it(`is taken for one: ${name}`, () => {
      const named = examineMany(80 + index, draw).filter(({ finding }) => finding !== undefined);
      assert.deepEqual(named.length, 0, tell(named));
    });
  }

  it('is taken for one: a port that gathers packets before it stamps', () => {
    const random = createRandom(90);
    for (let run = 0; run < RUNS; run += 1) {
      const plain = buildNarrowPath({ narrow: drawHop(random) });
      const coalescing = { windowNs: drawLog(random, 20, 400) * NS_PER_US, maxFrames: 64 };
      const model = { ...plain, probe: { ...plain.probe, coalescing } };
      const { report } = examine(model, { seed: random.uint32(), quantity: 'delay' });
      assert.ok(
        !report.findings.some(({ condition }) => condition === 'wireless-hop'),
        JSON.stringify(report.findings),
      );
    }
  });
});
