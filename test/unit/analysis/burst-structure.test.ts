// Loss by size and place in a burst, refusals for size, and order by spacing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimateLossRatio } from '../../../src/analysis/estimators/loss/loss-ratio.js';
import { computeLossTable } from '../../../src/analysis/estimators/loss/loss-table.js';
import { computeFates, countTooBig } from '../../../src/analysis/estimators/packet-fate.js';
import { estimateReorderingBySpacing } from '../../../src/analysis/estimators/loss/reordering.js';
import { TRACE_FLAG } from '../../../src/model/trace.js';
import type { PathMessage } from '../../../src/model/trace.js';
import { buildLossTrace, buildTrace } from './built-trace.js';

describe('loss table', () => {
  it('tells first, interior and last packets of each burst apart, by size', () => {
    const rows = [
      { burst: 0 },
      { burst: 0, lost: true },
      { burst: 0 },
      { burst: 0, lost: true },
      { burst: 1, sizeBytes: 1500 },
      { burst: 1, sizeBytes: 1500, lost: true },
      { burst: 2, sizeBytes: 1500, lost: true },
    ];
    assert.deepEqual(computeLossTable({ paced: [], bursts: [buildTrace(rows)] }), [
      { sizeBytes: 100, place: 'first', sent: 1, lost: 0 },
      { sizeBytes: 100, place: 'interior', sent: 2, lost: 1 },
      { sizeBytes: 100, place: 'last', sent: 1, lost: 1 },
      { sizeBytes: 1500, place: 'alone', sent: 1, lost: 1 },
      { sizeBytes: 1500, place: 'first', sent: 1, lost: 0 },
      { sizeBytes: 1500, place: 'last', sent: 1, lost: 1 },
    ]);
  });

  it('takes the first and last packet that really left', () => {
    const table = computeLossTable({ paced: [], bursts: [buildLossTrace('-x..-')] });
    assert.deepEqual(
      table?.map(({ place, sent, lost }) => [place, sent, lost]),
      [
        ['first', 1, 1],
        ['interior', 1, 0],
        ['last', 1, 0],
      ],
    );
  });

  it('counts paced packets as alone whatever their burst column says', () => {
    const table = computeLossTable({ paced: [buildLossTrace('.x..')], bursts: [] });
    assert.deepEqual(table, [{ sizeBytes: 100, place: 'alone', sent: 4, lost: 1 }]);
    assert.equal(computeLossTable({ paced: [], bursts: [] }), null);
  });
});

describe('packets refused for their size', () => {
  const tooBig: PathMessage = { kind: 'packet-too-big', code: 4, from: '10.0.0.1', mtuBytes: 1400, count: 1 };
  const refused = { sizeBytes: 1500, lost: true, flags: TRACE_FLAG.sent | TRACE_FLAG.errorReply };
  const silent = { sizeBytes: 1500, lost: true };

  it('are no loss, even where the router did not repeat itself', () => {
    const trace = buildTrace([{}, refused, silent, { sizeBytes: 1400, lost: true }], { messages: [tooBig] });
    assert.deepEqual(computeFates(trace), ['answered', 'excluded', 'excluded', 'lost']);
    assert.equal(countTooBig(trace), 2);
    assert.equal(estimateLossRatio([trace])?.value, 1 / 2);
  });

  it('are known by their own message where the router announces no size', () => {
    const trace = buildTrace([{}, refused, silent], { messages: [{ ...tooBig, mtuBytes: null }] });
    assert.deepEqual(computeFates(trace), ['answered', 'excluded', 'lost']);
  });

  it('that passed before the route changed stay answered', () => {
    const trace = buildTrace([{ sizeBytes: 1500 }, refused, {}], { messages: [tooBig] });
    assert.deepEqual(computeFates(trace), ['answered', 'excluded', 'answered']);
  });

  it('are not told by other messages, nor by a size no link can have', () => {
    const unreachable: PathMessage = { ...tooBig, kind: 'unreachable', mtuBytes: null };
    assert.deepEqual(computeFates(buildTrace([refused], { messages: [unreachable] })), ['lost']);
    const forged = { ...tooBig, mtuBytes: 40 };
    assert.deepEqual(computeFates(buildTrace([{ lost: true }], { messages: [forged] })), ['lost']);
  });
});

describe('reordering by spacing', () => {
  const burstOf = (gapNs: number, arrivals: readonly number[]) =>
    buildTrace(arrivals.map((rxNs, i) => ({ plannedNs: i * gapNs, rxNs: 1e6 + rxNs })));

  it('has one entry a gap, with ratio and extent', () => {
    // Arrivals 2 3 1 4: packet 1 comes behind two later ones.
    const late = burstOf(0, [30, 10, 20, 40]);
    const order = burstOf(50_000, [0, 1, 2, 3]);
    const spacing = estimateReorderingBySpacing([order, late]);
    assert.deepEqual(
      spacing?.map(({ gapNs, ratio, maxExtent }) => [gapNs, ratio.value, ratio.samples, maxExtent]),
      [
        [0, 1 / 4, 4, 2],
        [50_000, 0, 4, 0],
      ],
    );
  });

  it('has a wider interval where few bursts hold all of it', () => {
    const rows = (reversed: (burst: number) => boolean) =>
      Array.from({ length: 120 }, (_, i) => {
        const burst = Math.floor(i / 6);
        const inside = i % 6;
        const rxNs = burst * 1e6 + (reversed(burst) ? 6 - inside : inside) * 1e3 + 5e6;
        return { burst, plannedNs: burst * 1e6, rxNs };
      });
    const clustered = estimateReorderingBySpacing([buildTrace(rows((burst) => burst < 4))])?.[0]?.ratio;
    assert.equal(clustered?.value, 20 / 120);
    assert.ok(clustered.high > 0.33, `${clustered.high}: 4 of 20 bursts may be 38 % of all bursts`);
  });

  it('is null where nothing came back', () => {
    assert.equal(estimateReorderingBySpacing([]), null);
  });
});
