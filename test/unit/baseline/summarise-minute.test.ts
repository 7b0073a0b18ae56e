// What a minute of even packets becomes: counts, digests, and runs that begin before it or last beyond it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findReplyTtl, summariseMinute } from '../../../src/analysis/baseline/summarise-minute.js';
import type { MinuteMaterial, WatchedRun } from '../../../src/analysis/baseline/summarise-minute.js';
import { createRandom } from '../../../src/model/random.js';
import { buildTrace } from '../analysis/built-trace.js';
import type { BuiltRow } from '../analysis/built-trace.js';
import { computeDigestPercentile } from '../../../src/analysis/statistics/delay-digest.js';

const MINUTE_MS = 60_000;
/** A whole number of minutes since 1970. */
const START_MS = 29_000_000 * MINUTE_MS;

/** One packet each `intervalMs`, the first at `startedMs`. */
function run(startedMs: number, intervalMs: number, rows: readonly BuiltRow[], overrides = {}): WatchedRun {
  const planned = rows.map((row, i) => ({ ...row, plannedNs: i * intervalMs * 1e6 }));
  return { startedMs, trace: buildTrace(planned, { baseNs: BigInt(startedMs) * 1_000_000n, ...overrides }) };
}

function summarise(runs: readonly WatchedRun[], overrides: Partial<MinuteMaterial> = {}) {
  const material = {
    target: 'dns',
    startMs: START_MS,
    lengthMs: MINUTE_MS,
    intervalMs: 1000,
    runs,
    disturbed: 0,
    problem: null,
  };
  return summariseMinute({ ...material, ...overrides });
}

const ANSWERED: BuiltRow = {};
const LOST: BuiltRow = { lost: true };
const repeat = (row: BuiltRow, count: number): BuiltRow[] => Array.from({ length: count }, () => row);

describe('a minute of one target', () => {
  it('counts what was sent and lost', () => {
    const summary = summarise([run(START_MS, 1000, [...repeat(ANSWERED, 55), ...repeat(LOST, 5)])]);
    assert.deepEqual([summary.sent, summary.lost, summary.coverage, summary.problem], [60, 5, 1, null]);
    assert.equal(summary.rtt?.count, 55);
    assert.deepEqual(summary.stamps, { tx: 'kernel', rx: 'kernel', far: null });
  });

  it('takes of a run only the packets planned within it', () => {
    const before = [...repeat(LOST, 30), ...repeat(ANSWERED, 30)];
    const after = [...repeat(ANSWERED, 30), ...repeat(LOST, 30)];
    const summary = summarise([run(START_MS - 30_000, 1000, before), run(START_MS + 30_000, 1000, after)]);
    assert.deepEqual([summary.sent, summary.lost, summary.coverage], [60, 0, 1]);
  });

  it('counts each packet in exactly one minute, whatever the runs', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = createRandom(seed);
      const startedMs = START_MS + Math.floor(random.uniform() * MINUTE_MS);
      const count = 60 + (random.uint32() % 200);
      const rows = Array.from({ length: count }, () => ({ lost: random.uniform() < 0.2 }));
      const runs = [run(startedMs, 1000, rows)];
      const minutes = Array.from({ length: 6 }, (_, i) => summarise(runs, { startMs: START_MS + i * MINUTE_MS }));
      const lost = rows.filter((row) => row.lost).length;
      assert.equal(
        minutes.reduce((sum, minute) => sum + minute.sent, 0),
        count,
        `seed ${seed}`,
      );
      assert.equal(
        minutes.reduce((sum, minute) => sum + minute.lost, 0),
        lost,
        `seed ${seed}`,
      );
    }
  });

  it('knows a share of it from half a minute of packets', () => {
    assert.equal(summarise([run(START_MS, 1000, repeat(ANSWERED, 30))]).coverage, 0.5);
  });

  it('says why nothing is known', () => {
    assert.equal(summarise([]).problem, 'no test packet left the port');
    assert.equal(summarise([], { problem: 'no route' }).problem, 'no route');
    const refused = summarise([run(START_MS, 1000, repeat({ lost: true, flags: 16 }, 60))]);
    assert.deepEqual([refused.sent, refused.coverage, refused.stamps], [0, 0, null]);
    assert.notEqual(refused.problem, null);
  });

  it('is an outage, not a problem, where nobody answers', () => {
    const summary = summarise([run(START_MS, 1000, repeat(LOST, 60))]);
    assert.deepEqual([summary.sent, summary.lost, summary.rtt, summary.problem], [60, 60, null, null]);
  });

  it('does not count what an interrupted run no longer listened for', () => {
    const rows = [...repeat(ANSWERED, 40), ...repeat(LOST, 3)];
    assert.deepEqual(summarise([run(START_MS, 1000, rows, { interrupted: true })]).lost, 0);
    const early = run(START_MS - 20_000, 1000, [...repeat(LOST, 30), ...repeat(ANSWERED, 5)], { interrupted: true });
    assert.deepEqual(summarise([early]).lost, 10);
  });

  it('counts a reply that falls behind one of the next minute', () => {
    const rows: BuiltRow[] = [
      { txNs: 0, rxNs: 5e9 },
      { txNs: 1e9, rxNs: 1.1e9 },
    ];
    const late = run(START_MS + 59_500, 1000, rows);
    assert.equal(summarise([late]).reordered, 1);
    assert.equal(summarise([late], { startMs: START_MS + MINUTE_MS }).reordered, 0);
  });

  it('leaves out round trips of a stepped clock, and keeps the losses', () => {
    const rows = [...repeat(ANSWERED, 50), ...repeat(LOST, 10)];
    const summary = summarise([run(START_MS, 1000, rows, { clockStepNs: 1e9 })]);
    assert.deepEqual([summary.rtt, summary.jitterNs, summary.lost], [null, null, 10]);
  });

  it('never mixes stamps of two sources, and names the worse', () => {
    const kernel = run(START_MS, 1000, repeat({}, 40));
    const user = run(START_MS + 40_000, 1000, repeat({}, 20), { stamps: { tx: 'user', rx: 'user', far: null } });
    const summary = summarise([kernel, user]);
    assert.equal(summary.rtt?.count, 40);
    assert.deepEqual(summary.stamps, { tx: 'user', rx: 'user', far: null });
  });

  it('goes on with the running jitter from run to run', () => {
    const shaky = (count: number): BuiltRow[] =>
      Array.from({ length: count }, (_, i) => ({ txNs: i * 1e9, rxNs: i * 1e9 + 1e6 + (i % 2) * 160_000 }));
    const [whole, parts] = [
      summarise([run(START_MS, 1000, shaky(60))]),
      summarise([run(START_MS, 1000, shaky(30)), run(START_MS + 30_000, 1000, shaky(30))]),
    ];
    // J converges to |D| = 160 us; one difference is missing where the runs meet.
    assert.ok(Math.abs((whole.jitterNs ?? 0) - 160_000) < 5_000, String(whole.jitterNs));
    assert.ok(Math.abs((parts.jitterNs ?? 0) - (whole.jitterNs ?? 0)) < 2_000, String(parts.jitterNs));
  });

  it('knows which direction queued, above the floor of the last ten minutes', () => {
    const random = createRandom(7);
    const skew = 20e-6;
    const queued = (atS: number): number => (atS >= 540 ? random.uniform() * 8e6 : 0);
    const rows = Array.from({ length: 600 }, (_, i) => {
      const txNs = i * 1e9;
      const farRxNs = (txNs + 5e6 + queued(i) + random.exponential(20_000)) * (1 + skew);
      const farTxNs = farRxNs + 50_000;
      return { txNs, farRxNs, farTxNs, rxNs: farTxNs / (1 + skew) + 5e6 + random.exponential(20_000) };
    });
    const stamps = { tx: 'kernel', rx: 'kernel', far: 'kernel' };
    const runs = [run(START_MS - 540_000, 1000, rows, { stamps, farBaseNs: BigInt(START_MS - 540_000) * 1_000_000n })];
    const { forwardQueueing, reverseQueueing } = summarise(runs);
    assert.ok(forwardQueueing !== null && reverseQueueing !== null);
    assert.equal(forwardQueueing.count, 60);
    const [forward, reverse] = [forwardQueueing, reverseQueueing].map((digest) => computeDigestPercentile(digest, 0.5));
    assert.ok(Math.abs((forward ?? 0) - 4e6) < 1e6, String(forward));
    assert.ok((reverse ?? 1e9) < 100_000, String(reverse));
  });

  it('tells the TTL of the replies where it is one', () => {
    const material = {
      target: 'dns',
      startMs: START_MS,
      lengthMs: MINUTE_MS,
      intervalMs: 1000,
      disturbed: 0,
      problem: null,
    };
    const withTtl = (...ttl: number[]): WatchedRun =>
      run(START_MS, 1000, repeat({}, ttl.length), { replyTtl: Uint8Array.from(ttl) });
    assert.equal(findReplyTtl({ ...material, runs: [withTtl(57, 57, 57)] }), 57);
    assert.equal(findReplyTtl({ ...material, runs: [withTtl(57, 58, 57)] }), null);
    assert.equal(findReplyTtl({ ...material, runs: [withTtl(0, 0)] }), null);
  });
});
