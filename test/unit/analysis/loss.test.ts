// Loss: what counts as sent and as lost, runs, structure and direction.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimateDirectionalLoss } from '../../../src/analysis/estimators/loss/directional-loss.js';
import { estimateLossRatio } from '../../../src/analysis/estimators/loss/loss-ratio.js';
import { estimateLossEpisodes } from '../../../src/analysis/estimators/loss/loss-episodes.js';
import { countTransitions, estimateLossRuns } from '../../../src/analysis/estimators/loss/loss-runs.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import { TRACE_FLAG } from '../../../src/model/trace.js';
import { buildLossTrace, buildTrace } from './built-trace.js';

describe('loss ratio', () => {
  it('counts lost of sent, and leaves out what never left', () => {
    const estimate = estimateLossRatio([buildLossTrace('..x.--x.')]);
    assert.equal(estimate?.value, 2 / 6);
    assert.equal(estimate.samples, 6);
  });

  it('is 1 with an honest lower bound where nothing answers', () => {
    const estimate = estimateLossRatio([buildLossTrace('x'.repeat(18))]);
    assert.equal(estimate?.value, 1);
    assert.equal(estimate.high, 1);
    assert.ok(estimate.low > 0.8 && estimate.low < 0.85, `${estimate.low}`);
  });

  it('counts packets that found no neighbour, and error messages are no replies', () => {
    const noNeighbour = { lost: true, flags: TRACE_FLAG.noNeighbour };
    const refused = { flags: TRACE_FLAG.sent | TRACE_FLAG.answered | TRACE_FLAG.errorReply };
    assert.equal(estimateLossRatio([buildTrace([noNeighbour, refused, {}])])?.value, 2 / 3);
  });

  it('is null without a packet', () => {
    assert.equal(estimateLossRatio([]), null);
    assert.equal(estimateLossRatio([buildLossTrace('---')]), null);
  });

  it('judges an interrupted run only up to its last reply', () => {
    const estimate = estimateLossRatio([buildLossTrace('.x.xxx', { interrupted: true })]);
    assert.equal(estimate?.value, 1 / 3);
    assert.equal(estimateLossRatio([buildLossTrace('xxx', { interrupted: true })]), null);
  });

  it('takes what the receiver itself dropped out of value and lower bound, not of the upper one', () => {
    const clean = estimateLossRatio([buildLossTrace(`${'.'.repeat(395)}xxxxx`)]);
    const spoiled = estimateLossRatio([buildLossTrace(`${'.'.repeat(395)}xxxxx`, { receiveOverflows: 5 })]);
    assert.equal(spoiled?.value, 0);
    assert.equal(spoiled.low, 0);
    assert.equal(spoiled.high, clean?.high);
    assert.equal(spoiled.limitedBy, 'probe');
  });
});

describe('the interval of a loss ratio', () => {
  const drawPattern = (random: Random, ratio: number, meanRun: number): string => {
    const leave = 1 / meanRun;
    const enter = (leave * ratio) / (1 - ratio);
    let isLost = random.uniform() < ratio;
    return Array.from({ length: 1024 }, () => {
      const mark = isLost ? 'x' : '.';
      isLost = isLost ? random.uniform() >= leave : random.uniform() < enter;
      return mark;
    }).join('');
  };

  it('holds the truth in 90 % of draws with runs of up to ten, wherever a loss was seen', () => {
    const random = createRandom(31);
    let seen = 0;
    let covered = 0;
    for (let i = 0; i < 600; i += 1) {
      const ratio = 0.001 * 100 ** random.uniform();
      const estimate = estimateLossRatio([buildLossTrace(drawPattern(random, ratio, 1.1 + 8.9 * random.uniform()))]);
      if (estimate === null || estimate.value === 0) continue;
      seen += 1;
      if (estimate.low <= ratio && ratio <= estimate.high) covered += 1;
    }
    assert.ok(covered >= 0.9 * seen, `${covered} of ${seen}, seed 31`);
  });
});

describe('loss runs', () => {
  it('are counted inside a trace and never across two', () => {
    const runs = estimateLossRuns([buildLossTrace('.xx.x'), buildLossTrace('xxx..')]);
    assert.deepEqual([runs?.meanLength, runs?.maxLength], [2, 3]);
    // Three of six losses ended their run: r is 0.5, with Wilson's interval 0.188 to 0.812.
    assert.ok(Math.abs((runs?.intervals.meanLength.low ?? 0) - 1 / 0.812) < 0.01);
    assert.ok(Math.abs((runs?.intervals.meanLength.high ?? 0) - 1 / 0.188) < 0.05);
    assert.equal(estimateLossRuns([buildLossTrace('....')]), null);
  });

  it('do not break at a packet that was never sent', () => {
    const runs = estimateLossRuns([buildLossTrace('.x-x.')]);
    assert.deepEqual([runs?.meanLength, runs?.maxLength], [2, 2]);
  });

  it('make episodes as long as BADABING counts them, at the pace of the packets', () => {
    // R = 6 and S = 4 of the pairs of slots: 2 · (6/4 − 1) + 1 = 2 slots.
    const trace = buildLossTrace('..xx..xx..');
    const slotNs = (trace.plannedOffsetNs[1] ?? 0) - (trace.plannedOffsetNs[0] ?? 0);
    const episodes = estimateLossEpisodes([trace]);
    assert.equal(episodes?.durationNs.value, 2 * slotNs);
    assert.equal(episodes.frequency.value, 0.4);
    assert.ok(episodes.durationNs.low < 1.5 * slotNs && episodes.durationNs.high > 3 * slotNs);
    assert.equal(estimateLossEpisodes([buildLossTrace('....')]), null);
  });

  it('give the transitions of the Gilbert chain', () => {
    assert.deepEqual(countTransitions([buildLossTrace('..xx.')]), {
      answeredToAnswered: 1,
      answeredToLost: 1,
      lostToAnswered: 1,
      lostToLost: 1,
    });
  });
});

describe('directional loss', () => {
  it('reads the gaps in the numbers of a stateful reflector', () => {
    // Seven sent; the second never arrived, the reply to the fourth and to the fifth were lost.
    const rows = [
      { farSequence: 10 },
      { lost: true },
      { farSequence: 11 },
      { lost: true },
      { lost: true },
      { farSequence: 14 },
      { farSequence: 15 },
    ];
    const { forward, reverse } = estimateDirectionalLoss([buildTrace(rows)]);
    assert.equal(forward?.value, 1 / 7);
    assert.equal(reverse?.value, 2 / 6);
  });

  it('is null where the far end does not count, or started anew', () => {
    assert.equal(estimateDirectionalLoss([buildLossTrace('..x..')]).forward, null);
    const anew = [{ farSequence: 1000 }, { farSequence: 0 }, { farSequence: 1 }];
    assert.equal(estimateDirectionalLoss([buildTrace(anew)]).forward, null);
    const broken = [{ farSequence: 0 }, { farSequence: Infinity }, { farSequence: Infinity }];
    assert.equal(estimateDirectionalLoss([buildTrace(broken)]).forward, null);
  });
});
