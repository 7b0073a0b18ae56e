// What the examination concludes on paths with one fault, on healthy ones, and on those that only look faulty.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LossModel } from '../../../src/simulator/path-model.js';
import { findScenario } from '../../../src/simulator/scenarios.js';
import { assertValidReport } from '../../unit/analysis/report-schema.js';
import { buildNarrowPath, examine } from './examined-path.js';

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);

function examineLossy(loss: LossModel, seed: number) {
  const path = buildNarrowPath({ narrow: { rateBitsPerSec: 50e6, queueBytes: 100e3, loss } });
  const { report, phases } = examine(path, { seed, quantity: 'loss' });
  assertValidReport(report, `seed ${seed}`);
  return { report, phases };
}

const bernoulli = (lossRatio: number): LossModel => ({ kind: 'bernoulli', lossRatio });
/** Runs of four on average. */
const gilbert = (lossRatio: number): LossModel => {
  const badToGood = 0.25;
  return {
    kind: 'gilbert',
    badToGood,
    goodToBad: (badToGood * lossRatio) / (1 - lossRatio),
    goodLossRatio: 0,
    badLossRatio: 1,
  };
};

describe('a healthy path', () => {
  for (const name of ['healthy', 'slow-link', 'fast-link', 'long-path', 'shaped', 'jittery-healthy']) {
    it(`${name} is ok, without a finding that matters`, () => {
      for (const seed of SEEDS.slice(0, 4)) {
        const { report } = examine(findScenario(name), { seed });
        assertValidReport(report, `${name} seed ${seed}`);
        assert.equal(report.verdict, 'ok', `seed ${seed}: ${report.summary}`);
        assert.deepEqual(
          report.findings.filter(({ severity }) => severity !== 'info'),
          [],
        );
        assert.match(report.summary, /^No fault found: /);
        assert.ok(report.durationMs <= 15_000 && report.cost.bytes <= 5e6, `seed ${seed}: ${report.durationMs} ms`);
      }
    });
  }

  it('keeps to one fault in a thousand packets as no fault', () => {
    const wrong = SEEDS.filter((seed) => examineLossy(bernoulli(0.0005), seed).report.verdict !== 'ok');
    assert.deepEqual(wrong, []);
  });
});

describe('loss', () => {
  for (const [ratio, least] of [
    [0.01, 18],
    [0.02, 20],
    [0.05, 20],
  ] as const) {
    it(`of ${100 * ratio} % at random is found, named and covered by its interval`, () => {
      let found = 0;
      let covered = 0;
      for (const seed of SEEDS) {
        const { report } = examineLossy(bernoulli(ratio), seed);
        if (report.findings[0]?.condition === 'random-loss') found += 1;
        const loss = report.estimates.loss.roundTrip;
        if (loss !== null && loss.low <= ratio && ratio <= loss.high) covered += 1;
      }
      assert.ok(found >= least, `found in ${found} of 20`);
      assert.ok(covered >= 18, `covered in ${covered} of 20`);
    });

    it(`of ${100 * ratio} % in runs of four is named wherever a run fell into the examination`, () => {
      const reports = SEEDS.map((seed) => examineLossy(gilbert(ratio), seed).report);
      const seen = reports.filter(({ estimates }) => (estimates.lossRuns?.maxLength ?? 0) > 1);
      const named = seen.filter(({ findings }) => findings[0]?.condition === 'bursty-loss');
      // A run starts every 400 packets at 1 %: nearly half of the examinations of 326 packets see none.
      assert.ok(seen.length >= 8, `seen in ${seen.length} of 20`);
      assert.ok(named.length >= 0.9 * seen.length, `named in ${named.length} of ${seen.length}`);
    });
  }

  it('above 2.5 % is critical, below it a warning', () => {
    const severe = SEEDS.filter((seed) => examineLossy(bernoulli(0.05), seed).report.verdict === 'critical');
    const mild = SEEDS.filter((seed) => examineLossy(bernoulli(0.012), seed).report.verdict === 'warning');
    assert.ok(severe.length === 20, `${severe.length} critical`);
    assert.ok(mild.length >= 17, `${mild.length} warnings`);
  });

  it('inside our own load is no fault', () => {
    for (const seed of SEEDS.slice(0, 5)) {
      const path = buildNarrowPath({ narrow: { rateBitsPerSec: 20e6, queueBytes: 8e3 } });
      const { report, traces } = examine(path, { seed });
      const load = traces.find(({ sequenceId }) => sequenceId === 'train-load-1');
      const answered = load?.arrival.filter((order) => order >= 0).length ?? 0;
      assert.ok(answered < 0.9 * (load?.count ?? 0), 'the queue must have overflowed');
      assert.equal(report.verdict, 'ok', `seed ${seed}: ${report.summary}`);
      assert.equal(report.estimates.loss.roundTrip?.value, 0);
    }
  });

  it('is told by direction where the far end counts', () => {
    const { report } = examine(findScenario('lossy'), { seed: 3 });
    const { forward, reverse } = report.estimates.loss;
    assert.ok((forward?.value ?? 0) > 0.01, JSON.stringify(forward));
    assert.equal(reverse?.value, 0);
    assert.equal(report.findings[0]?.direction, 'forward');
  });
});

describe('an unreachable target', () => {
  it('is a measured value and a verdict, in less than ten seconds', () => {
    const { report } = examine(findScenario('unreachable'), { seed: 1 });
    assertValidReport(report);
    assert.equal(report.verdict, 'critical');
    assert.equal(report.findings[0]?.condition, 'unreachable');
    assert.equal(report.estimates.loss.roundTrip?.value, 1);
    assert.ok(report.durationMs < 10_000, `${report.durationMs} ms`);
  });
});

describe('a port below its ability', () => {
  it('is named with its evidence, and its capacity is still measured', () => {
    const { report } = examine(findScenario('low-negotiation'), { seed: 1 });
    assert.equal(report.verdict, 'warning');
    assert.equal(report.findings[0]?.condition, 'low-negotiation');
    const capacity = report.estimates.capacity.forward?.value ?? 0;
    // 100 Mb/s of wire are 98.4 Mb/s of frames without preamble, FCS and gap.
    assert.ok(Math.abs(capacity / (100e6 * (1514 / 1538)) - 1) < 0.02, `${capacity}`);
  });
});
