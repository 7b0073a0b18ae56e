// Conditions that are told from evidence of their own, over drawn paths: present, absent, and what only looks like them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExaminationRequest } from '../../../src/model/examination.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import type { Condition, Finding, Report } from '../../../src/model/report.js';
import { NS_PER_MS } from '../../../src/model/units.js';
import type { FarEndModel, HopModel, PathModel } from '../../../src/simulator/path-model.js';
import { assertValidReport } from '../../unit/analysis/report-schema.js';
import { buildNarrowPath, examine } from './examined-path.js';

const STAMP: FarEndModel = {
  kind: 'stamp',
  processing: { floorNs: 3_000, meanExtraNs: 500 },
  stamp: { noiseNs: 1_000, granularityNs: 1 },
  stampSource: 'kernel',
  clockOffsetNs: -77e9,
  clockDriftPpm: 8,
};
const RUNS = 12;

const drawLog = (random: Random, low: number, high: number): number => low * (high / low) ** random.uniform();

/** A line of 3 Mb/s to 800 Mb/s and 1 to 60 ms, with a queue of 20 to 80 ms, each way. */
function drawPath(random: Random, forward: Partial<HopModel>, reverse: Partial<HopModel> = {}): PathModel {
  const rateBitsPerSec = drawLog(random, 3e6, 800e6);
  const queueBytes = Math.max(10_000, (rateBitsPerSec / 8) * (0.02 + 0.06 * random.uniform()));
  const line: HopModel = { rateBitsPerSec, propagationNs: drawLog(random, 1, 60) * NS_PER_MS, queueBytes };
  const far = random.uniform() < 0.5 ? { far: STAMP } : {};
  const base = buildNarrowPath({ narrow: { ...line, ...forward }, ...far });
  return { ...base, reverse: [{ ...line, ...reverse }] };
}

interface Outcome {
  readonly report: Report;
  readonly model: PathModel;
  readonly finding: Finding | undefined;
}

function examineMany(
  condition: Condition,
  seed: number,
  build: (random: Random) => PathModel,
  quantity: ExaminationRequest['quantity'] = null,
): Outcome[] {
  const random = createRandom(seed);
  return Array.from({ length: RUNS }, () => {
    const model = build(random);
    const description = model.far.kind === 'stamp' ? { minSizeBytes: 72 } : {};
    const { report } = examine(model, { seed: random.uint32(), quantity, description });
    assertValidReport(report);
    return { report, model, finding: report.findings.find((finding) => finding.condition === condition) };
  });
}

function tell(outcomes: readonly Outcome[]): string {
  return outcomes
    .slice(0, 3)
    .map(
      ({ report, model }) =>
        `${report.summary} ${JSON.stringify([report.findings, report.estimates.mtu, model.forward[1]])}`,
    )
    .join('\n');
}

const drawTunnel = (random: Random): number => Math.floor(1280 + 219 * random.uniform());

describe('an MTU black hole', () => {
  const build = (random: Random): PathModel =>
    drawPath(random, { mtu: { bytes: drawTunnel(random), sendsMessage: false } });

  it('is named with its size wherever fragments show that a router is there', () => {
    const outcomes = examineMany('mtu-black-hole', 11, build);
    const missed = outcomes.filter(({ finding }) => (finding?.probability ?? 0) < 0.9);
    assert.ok(missed.length <= 1, tell(missed));
    for (const { report, model } of outcomes) {
      assert.equal(report.estimates.mtu?.forwardBytes, model.forward[1]?.mtu?.bytes);
      assert.equal(report.verdict, 'critical');
    }
  });

  it('is none where the router says so', () => {
    const outcomes = examineMany('mtu-black-hole', 12, (random) =>
      drawPath(random, { mtu: { bytes: drawTunnel(random), sendsMessage: true } }),
    );
    assert.deepEqual(
      outcomes.flatMap(({ report }) => report.findings),
      [],
    );
  });

  it('is none where large packets are lost for their bits', () => {
    const outcomes = examineMany(
      'mtu-black-hole',
      13,
      (random) => drawPath(random, { loss: { kind: 'bernoulli', lossRatio: 0.5 * random.uniform() } }),
      'mtu',
    );
    assert.deepEqual(outcomes.filter(({ finding }) => finding !== undefined).length, 0);
  });
});

describe('an MTU mismatch', () => {
  it('is named where a switch drops long frames in one direction, fragments or not', () => {
    const outcomes = examineMany('mtu-mismatch', 21, (random) => ({
      ...drawPath(random, { mtu: { bytes: drawTunnel(random), sendsMessage: false, dropsWhole: true } }),
      far: STAMP,
    }));
    const missed = outcomes.filter(({ finding }) => (finding?.probability ?? 0) < 0.8);
    assert.ok(missed.length <= 1, tell(missed));
    assert.ok(
      outcomes.every(({ finding }) => finding?.direction === 'forward'),
      tell(outcomes),
    );
  });

  it('is the likelier one, beside a black hole, where only round trips are seen', () => {
    const outcomes = examineMany('mtu-mismatch', 22, (random) => ({
      ...drawPath(random, { mtu: { bytes: drawTunnel(random), sendsMessage: false, dropsWhole: true } }),
      far: { kind: 'echo', processing: { floorNs: 3_000, meanExtraNs: 500 } },
    }));
    for (const { report } of outcomes) {
      const named = [...report.findings, ...report.alternatives].filter(({ condition }) => /^mtu-/.test(condition));
      assert.equal(named.length, 2, tell(outcomes));
      assert.ok(Math.abs(named.reduce((sum, { probability }) => sum + probability, 0) - 1) < 0.01);
      assert.equal(report.findings[0]?.condition, 'mtu-mismatch', tell(outcomes));
    }
  });
});

describe('reordering', () => {
  const detour = (ratio: number, delayNs: number): Partial<HopModel> => ({ detour: { ratio, delayNs } });

  it('of packets that overtake by milliseconds is named', () => {
    const outcomes = examineMany('reordering', 31, (random) =>
      drawPath(random, detour(0.05 + 0.2 * random.uniform(), 3e6)),
    );
    const missed = outcomes.filter(({ finding }) => finding === undefined);
    assert.ok(missed.length <= 1, tell(missed));
  });

  it('that is slight leaves the verdict ok', () => {
    const outcomes = examineMany('reordering', 32, (random) => drawPath(random, detour(0.002, 1e6)));
    assert.ok(
      outcomes.every(({ report }) => report.verdict === 'ok'),
      tell(outcomes),
    );
  });

  it('is none where jitter keeps the order', () => {
    const outcomes = examineMany('reordering', 33, (random) =>
      drawPath(random, { jitter: { meanNs: 2 * NS_PER_MS * random.uniform(), keepsOrder: true } }),
    );
    assert.ok(
      outcomes.every(({ finding, report }) => finding === undefined && report.verdict === 'ok'),
      tell(outcomes),
    );
  });
});

describe('duplication', () => {
  it('of 3 % and more is named, and so little as nobody notices is not', () => {
    const many = examineMany('duplication', 41, (random) =>
      drawPath(random, { duplicationRatio: 0.03 + 0.3 * random.uniform() }),
    );
    assert.ok(
      many.every(({ finding }) => finding !== undefined),
      tell(many),
    );
    const few = examineMany('duplication', 42, (random) => drawPath(random, { duplicationRatio: 0.0003 }));
    assert.ok(few.filter(({ finding }) => finding !== undefined).length <= 2, tell(few));
    assert.ok(few.every(({ report }) => report.verdict === 'ok'));
  });
});

describe('remarked classes', () => {
  it('are told, with the direction where the far end tells it, and leave the verdict ok', () => {
    const outcomes = examineMany('dscp-remark', 51, (random) => drawPath(random, { remark: { kind: 'clear-dscp' } }));
    for (const { report, model, finding } of outcomes) {
      assert.equal(report.verdict, 'ok', tell(outcomes));
      assert.equal(finding?.direction, model.far.kind === 'stamp' ? 'forward' : 'unknown');
      assert.match(finding.evidence[0]?.text ?? '', /EF as CS0/);
    }
  });

  it('are none where all pass', () => {
    const outcomes = examineMany('dscp-remark', 52, (random) => drawPath(random, {}));
    assert.deepEqual(
      outcomes.flatMap(({ report }) => report.findings),
      [],
    );
  });
});

describe('an asymmetric rate', () => {
  const build = (random: Random, least: number, most: number): PathModel => {
    const up = drawLog(random, 2e6, 50e6);
    const down = up * drawLog(random, least, most);
    const line = (rateBitsPerSec: number): Partial<HopModel> => ({
      rateBitsPerSec,
      queueBytes: (rateBitsPerSec / 8) * 0.05 + 8_000,
    });
    return { ...drawPath(random, line(up), line(down)), far: { ...STAMP, sends: true } };
  };

  it('of two times and more is told as a fact, with the slower direction', () => {
    const outcomes = examineMany('asymmetric-rate', 61, (random) => build(random, 2, 12));
    const missed = outcomes.filter(({ finding }) => finding?.direction !== 'forward');
    assert.ok(missed.length <= 1, tell(missed));
    assert.ok(
      outcomes.every(({ report }) => report.verdict === 'ok'),
      tell(outcomes),
    );
  });

  it('is none where both directions have nearly one rate', () => {
    const outcomes = examineMany('asymmetric-rate', 62, (random) => build(random, 0.93, 1.07));
    assert.ok(
      outcomes.every(({ finding }) => finding === undefined),
      tell(outcomes),
    );
  });

  it('is none where others use one of two equal directions', () => {
    const outcomes = examineMany('asymmetric-rate', 63, (random) => {
      const path = build(random, 1, 1);
      const others = { share: 0.2 + 0.3 * random.uniform(), sizeBytes: 1500 };
      return { ...path, reverse: path.reverse.map((hop) => ({ ...hop, crossTraffic: others })) };
    });
    assert.ok(
      outcomes.every(({ finding }) => finding === undefined),
      tell(outcomes),
    );
  });
});

describe('bufferbloat', () => {
  const LINE = { least: 1e6, most: 40e6 };
  /** Other traffic takes up to a third of the line. */
  const build = (random: Random, queueNs: number): PathModel => {
    const rateBitsPerSec = drawLog(random, LINE.least, LINE.most);
    const cross = random.uniform() < 0.4 ? { crossTraffic: { share: random.uniform() / 3, sizeBytes: 1200 } } : {};
    const line = { rateBitsPerSec, queueBytes: (rateBitsPerSec / 8) * (queueNs / 1e9), ...cross };
    return drawPath(random, line, { rateBitsPerSec, queueBytes: line.queueBytes });
  };

  it('of 0.3 s and more is named with its size, up to the rate that the bytes allow to fill', () => {
    const outcomes = examineMany('bufferbloat', 71, (random) => build(random, drawLog(random, 300, 2000) * NS_PER_MS));
    const missed = outcomes.filter(({ finding }) => (finding?.probability ?? 0) < 0.9);
    assert.ok(missed.length <= 1, tell(missed));
    assert.ok(outcomes.every(({ report }) => report.verdict !== 'critical' && report.cost.bytes <= 5e6));
  });

  it('is none where the queue is shorter than 0.15 s', () => {
    const short = examineMany('bufferbloat', 72, (random) => build(random, drawLog(random, 20, 150) * NS_PER_MS));
    assert.ok(
      short.every(({ finding, report }) => finding === undefined && report.verdict === 'ok'),
      tell(short),
    );
  });

  it('is none where a slow host takes its time for each packet', () => {
    const outcomes = examineMany('bufferbloat', 73, (random) => ({
      ...drawPath(random, { rateBitsPerSec: 500e6, queueBytes: 3e6 }),
      far: { kind: 'echo', processing: { floorNs: drawLog(random, 1.5, 4) * NS_PER_MS, meanExtraNs: 1_000 } },
    }));
    assert.ok(
      outcomes.every(({ finding }) => finding === undefined),
      tell(outcomes),
    );
  });
});

describe('a change of route', () => {
  it('is told with its direction, wherever in the first seconds it falls', () => {
    const outcomes = examineMany('route-change', 81, (random) => {
      const routeChange = {
        atNs: (0.6 + 1.6 * random.uniform()) * 1e9,
        extraDelayNs: drawLog(random, 0.3, 20) * NS_PER_MS,
        extraHops: Math.floor(3 * random.uniform()),
      };
      return { ...drawPath(random, {}, { routeChange }), far: STAMP };
    });
    const missed = outcomes.filter(({ finding }) => finding?.direction !== 'reverse' || finding.probability < 0.8);
    assert.ok(missed.length <= 1, tell(missed));
    assert.ok(outcomes.every(({ report }) => report.verdict === 'ok'));
  });

  it('is none where a machine becomes slower by as little as machines do', () => {
    const outcomes = examineMany('route-change', 83, (random) => {
      const extraDelayNs = drawLog(random, 0.01, 0.18) * NS_PER_MS;
      const routeChange = { atNs: (0.6 + 1.6 * random.uniform()) * 1e9, extraDelayNs, extraHops: 0 };
      return drawPath(random, {}, { routeChange });
    });
    assert.ok(
      outcomes.every(({ finding }) => finding === undefined),
      tell(outcomes),
    );
  });

  it('is none where other traffic comes and goes', () => {
    const outcomes = examineMany('route-change', 82, (random) =>
      drawPath(random, {
        crossTraffic: {
          kind: 'on-off',
          share: 0.3,
          peakShare: 0.9,
          meanOnNs: 2e8,
          periods: 'exponential',
          sizeBytes: 1500,
        },
      }),
    );
    assert.ok(
      outcomes.every(({ finding }) => finding === undefined),
      tell(outcomes),
    );
  });
});
