// Load faults over drawn paths: each is named where it is present, and what is absent or nearly so raises no alarm.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import type { Condition, Report } from '../../../src/model/report.js';
import type { HopModel, PathModel, PauseModel } from '../../../src/simulator/path-model.js';
import { drawLog, drawPath, drawSharedPath } from './drawn-loss-paths.js';
import { examine } from './examined-path.js';

const SEED = 20_261_123;
const PATHS = 8;

function examineAll(draw: (random: Random) => PathModel, paths = PATHS): Report[] {
  const random = createRandom(SEED);
  return Array.from({ length: paths }, () => {
    const model = draw(createRandom(random.uint32()));
    return examine(model, { seed: random.uint32() }).report;
  });
}

const isAlarm = (report: Report): boolean => report.verdict === 'warning' || report.verdict === 'critical';
const alarmsOf = ({ findings }: Report): Condition[] =>
  findings.filter(({ severity }) => severity !== 'info').map(({ condition }) => condition);
const tell = (reports: readonly Report[]): string =>
  `seed ${SEED}: ${reports.map((r) => alarmsOf(r).join('+') || 'ok').join(', ')}`;

const bernoulli = (lossRatio: number): Partial<HopModel> => ({ loss: { kind: 'bernoulli', lossRatio } });

function gilbert(random: Random): Partial<HopModel> {
  const badToGood = 1 / drawLog(random, 3, 15);
  const lossRatio = drawLog(random, 0.02, 0.12);
  const goodToBad = (badToGood * lossRatio) / (1 - lossRatio);
  return { loss: { kind: 'gilbert', badToGood, goodToBad, goodLossRatio: 0, badLossRatio: 1 } };
}

const PRESENT: Readonly<Partial<Record<Condition, (random: Random) => PathModel>>> = {
  'random-loss': (random) => drawPath(random, () => bernoulli(drawLog(random, 0.01, 0.2))),
  'media-errors': (random) =>
    drawPath(random, () => ({ loss: { kind: 'bit-errors', bitErrorRatio: drawLog(random, 5e-6, 4e-5) } })),
  'bursty-loss': (random) => drawPath(random, () => gilbert(random)),
  congestion: (random) =>
    drawPath(
      random,
      () => ({
        crossTraffic: {
          kind: 'on-off',
          share: 0.85 + 0.12 * random.uniform(),
          sizeBytes: 1500,
          peakShare: 1.1 + 0.9 * random.uniform(),
          meanOnNs: drawLog(random, 20e6, 300e6),
          periods: 'exponential',
        },
      }),
      { most: 200e6 },
    ),
  policer: (random) =>
    drawPath(
      random,
      (rate) => ({
        tokenBucket: {
          kind: 'policer',
          rateBitsPerSec: rate * drawLog(random, 0.06, 0.55),
          burstBytes: drawLog(random, 8e3, 120e3),
        },
      }),
      { least: 15e6 },
    ),
};

describe('a load fault that is present', () => {
  for (const [condition, draw] of Object.entries(PRESENT)) {
    it(`${condition} leads the alarms on nearly all drawn paths`, () => {
      const reports = examineAll(draw);
      const named = reports.filter((report) => alarmsOf(report).includes(condition as Condition));
      assert.ok(named.length >= PATHS - 1, tell(reports));
    });
  }

  it('a processor that takes a time for each packet is told from links, whether it loses packets or holds them back', () => {
    const reports = examineAll((random) =>
      drawPath(
        random,
        (rate) => ({
          packetLimit: {
            packetsPerSec: (rate / (8 * 1514)) * drawLog(random, 0.1, 0.6),
            queuePackets: Math.round(drawLog(random, 10, 150)),
          },
        }),
        { least: 20e6, most: 300e6 },
      ),
    );
    const named = reports.filter(({ findings }) => findings[0]?.condition === 'packet-rate-limit');
    assert.ok(named.length >= PATHS - 1, `${named.length} of ${PATHS}, ${tell(reports)}`);
    // 150 packets at 165 a second are a long queue, too.
    const isTrue = (alarm: Condition): boolean => alarm === 'packet-rate-limit' || alarm === 'bufferbloat';
    assert.ok(
      reports.every((report) => alarmsOf(report).every(isTrue)),
      tell(reports),
    );
  });

  it('duplex mismatch is named on nearly all drawn paths, and its half side where the far end tells directions', () => {
    for (const [near, far, side] of [
      ['half', 'full', 'near'],
      ['full', 'half', 'far'],
    ] as const) {
      const reports = examineAll((random) => drawSharedPath(random, { near, far }), 6);
      const found = reports.flatMap(({ findings }) =>
        findings.filter(({ condition }) => condition === 'duplex-mismatch'),
      );
      assert.ok(found.length >= 5, tell(reports));
      const sides = found.map(({ halfSide }) => halfSide);
      const wrong = sides.filter((told) => told !== side && told !== 'unknown');
      assert.equal(wrong.length, 0, `seed ${SEED}: ${side} half, told ${sides.join()}`);
      assert.ok(sides.filter((told) => told === side).length >= 3, `seed ${SEED}: ${side} half, told ${sides.join()}`);
    }
  });

  it('is told with figures and with what to do', () => {
    const [report] = examineAll((random) => drawSharedPath(random, { near: 'full', far: 'half' }, 'echo'), 1);
    const finding = report?.findings.find(({ condition }) => condition === 'duplex-mismatch');
    assert.match(
      finding?.evidence[0]?.text ?? '',
      /\d+ % of the large packets that met .* lost, [\d.]+ % of those alone/,
    );
    assert.match(finding?.advice ?? '', /auto-negotiate/);
    assert.equal(finding?.severity, 'critical');
  });
});

/** Both machines stand still 2 to 30 times a second. */
function addPauses(random: Random, path: PathModel): PathModel {
  const draw = (): PauseModel => ({ perSec: drawLog(random, 2, 30), leastNs: 0.5e6, mostNs: 2e6 });
  const { probe, far } = path;
  return {
    ...path,
    probe: { ...probe, pauses: draw() },
    far: far.kind === 'silent' ? far : { ...far, pauses: draw() },
  };
}

describe('machines that stand still for a millisecond now and then', () => {
  it('are no fault of a healthy path, and no other route', () => {
    const reports = examineAll((random) =>
      addPauses(
        random,
        drawPath(random, () => ({})),
      ),
    );
    assert.ok(!reports.some(isAlarm), tell(reports));
    const routes = reports.filter(({ findings }) => findings.some(({ condition }) => condition === 'route-change'));
    assert.equal(routes.length, 0, tell(reports));
  });

  it('hide a duplex mismatch from an echo on few paths, and turn it into nothing else', () => {
    for (const [near, far] of [
      ['half', 'full'],
      ['full', 'half'],
    ] as const) {
      const reports = examineAll((random) => addPauses(random, drawSharedPath(random, { near, far }, 'echo')), 6);
      const alarms = reports.map(alarmsOf);
      assert.ok(alarms.filter((told) => told[0] === 'duplex-mismatch').length >= 5, tell(reports));
      assert.ok(
        alarms.every((told) => !told.some((condition) => condition !== 'duplex-mismatch')),
        tell(reports),
      );
    }
  });
});

describe('what is no load fault', () => {
  const NEAR: Readonly<Record<string, (random: Random) => PathModel>> = {
    'a healthy path': (random) => drawPath(random, () => ({})),
    'a queue of a few packets that our own trains overflow': (random) =>
      drawPath(random, () => ({ queueBytes: drawLog(random, 12e3, 40e3) }), { most: 200e6 }),
    'a link used by others for up to 60 %': (random) =>
      drawPath(
        random,
        (rate) => ({
          queueBytes: Math.max(64e3, rate / 200),
          crossTraffic: { share: 0.1 + 0.5 * random.uniform(), sizeBytes: 1500 },
        }),
        { least: 10e6 },
      ),
    'jitter of milliseconds': (random) =>
      drawPath(random, () => ({ jitter: { meanNs: drawLog(random, 0.1e6, 4e6), keepsOrder: true } })),
    'loss of a few packets in ten thousand': (random) => drawPath(random, () => bernoulli(drawLog(random, 1e-5, 4e-4))),
    'half duplex on both sides of a hub': (random) => drawSharedPath(random, { near: 'half', far: 'half' }),
  };
  for (const [name, draw] of Object.entries(NEAR)) {
    it(`${name} raises no alarm`, () => {
      const reports = examineAll(draw, 6);
      const alarmed = reports.filter(isAlarm);
      assert.ok(alarmed.length === 0, tell(reports));
    });
  }

  it('a target that limits its answers is no fault of the path', () => {
    const reports = examineAll((random) => {
      const path = drawPath(random, () => ({}), { least: 10e6 });
      const replyLimit = { packetsPerSec: drawLog(random, 40, 100), burstPackets: Math.round(drawLog(random, 5, 40)) };
      return { ...path, far: { kind: 'echo', processing: { floorNs: 1_500, meanExtraNs: 500 }, replyLimit } };
    }, 6);
    const named = reports.filter(({ findings }) => findings.some(({ condition }) => condition === 'packet-rate-limit'));
    assert.ok(named.length >= 5, tell(reports));
    assert.ok(reports.filter(isAlarm).length <= 1, tell(reports));
  });
});
