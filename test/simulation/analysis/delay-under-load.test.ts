// Delay under load over simulated paths drawn from wide ranges: what the buffer of the narrow link adds must show, on the flow that
// it holds up and on no other.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { computeDefaultBudget } from '../../../src/model/examination.js';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import type { LoadedDelay, LoadedEstimate } from '../../../src/model/estimates.js';
import type { Report } from '../../../src/model/report.js';
import { BITS_PER_BYTE, NS_PER_SEC, NS_PER_US } from '../../../src/model/units.js';
import type { FarEndModel, HopModel, PathModel } from '../../../src/simulator/path-model.js';
import { assertValidReport } from '../../unit/analysis/report-schema.js';
import { buildNarrowPath, buildTokenBucket, examine } from './examined-path.js';
import type { NarrowPath } from './examined-path.js';

const PATHS = 24;
const FIRST_SEED = 4_100;
const FULL_FRAME = 1_514;
/** The largest of n independent samples lies below the 95th percentile with 0.95^n: with fewer than 73 in more than 2.5 %. */
const ENOUGH_PROBES = 73;

const STAMPING: Extract<FarEndModel, { kind: 'stamp' }> = {
  kind: 'stamp',
  processing: { floorNs: 1_500, meanExtraNs: 500 },
  stamp: { noiseNs: 1_500, granularityNs: 1 },
  stampSource: 'kernel',
  clockOffsetNs: -3_217_000_441,
};

function drawLog(random: Random, low: number, high: number): number {
  return low * Math.exp(random.uniform() * Math.log(high / low));
}

interface DrawnPath {
  readonly model: PathModel;
  readonly bufferNs: number;
  readonly bufferBytes: number;
  readonly text: string;
}

/** 1 to 100 Mb/s, 0.2 to 100 ms there and back, a buffer of 20 to 800 ms. */
function drawPath(seed: number, queueing: 'fifo' | 'fair'): DrawnPath {
  const random = createRandom(seed);
  const rate = drawLog(random, 1e6, 100e6);
  const bufferBytes = Math.max(6_000, (rate / BITS_PER_BYTE) * drawLog(random, 0.02, 0.8));
  const hasBucket = queueing === 'fifo' && random.uniform() < 0.5;
  const limit = hasBucket
    ? buildTokenBucket(rate, drawLog(random, 3e3, 64e3), bufferBytes)
    : { rateBitsPerSec: rate, queueBytes: bufferBytes, queueing };
  const narrow: Partial<HopModel> = { ...limit, propagationNs: drawLog(random, 0.2e6, 100e6) - 40 * NS_PER_US };
  const place = random.uniform() < 0.5 ? 'forward' : 'reverse';
  const far: Pick<NarrowPath, 'far'> = random.uniform() < 0.5 ? { far: STAMPING } : {};
  const bufferNs = (bufferBytes * BITS_PER_BYTE * NS_PER_SEC) / rate;
  const text = `seed ${seed}: ${(rate / 1e6).toFixed(1)} Mb/s, buffer of ${(bufferNs / 1e6).toFixed(0)} ms, ${place}`;
  return { model: buildNarrowPath({ narrow, place, ...far }), bufferNs, bufferBytes, text };
}

function measure(model: PathModel, seed: number): Report {
  return examine(model, { seed, quantity: 'responsiveness', ...computeDefaultBudget('normal', 'responsiveness') })
    .report;
}

function loadedOf({ estimates, limits }: Report, text: string): LoadedEstimate & { readonly up: LoadedDelay } {
  const { loaded } = estimates;
  assert.ok(loaded?.up, `${text}: no load went up; ${limits.join('; ')}`);
  return { ...loaded, up: loaded.up };
}

const ownWorst = (delay: LoadedDelay): number => delay.ownFlow?.p95Ns ?? Number.NaN;
const otherWorst = (delay: LoadedDelay): number => delay.otherFlow?.p95Ns ?? Number.NaN;

describe('delay under load', () => {
  it('is within 10 % of what the buffer of the narrow link holds', () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + PATHS; seed += 1) {
      const { model, bufferNs, bufferBytes, text } = drawPath(seed, 'fifo');
      const report = measure(model, seed);
      assertValidReport(report, text);
      const { up } = loadedOf(report, text);
      const said = `${text}: ${(up.increaseNs / 1e6).toFixed(1)} ms, ${up.bufferBytes} bytes`;
      // A queue that is full may still lack room for a whole packet.
      const packet = FULL_FRAME / bufferBytes;
      assert.ok(Math.abs(up.increaseNs / bufferNs - 1) < 0.1 + packet, said);
      assert.ok(Math.abs(up.bufferBytes / bufferBytes - 1) < 0.1 + packet, said);
      assert.ok(up.roundTripsPerMinute < (60 * NS_PER_SEC) / (0.8 * bufferNs), said);
    }
  });

  it('is judged by enough probes to be bounded above, and is where these do not resemble each other', () => {
    let bounded = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + PATHS; seed += 1) {
      const { model, text } = drawPath(seed, 'fifo');
      const { up } = loadedOf(measure(model, seed), text);
      for (const flow of [up.ownFlow, up.otherFlow]) {
        assert.ok((flow?.samples ?? 0) >= ENOUGH_PROBES, `${text}: ${flow?.samples ?? 0} probes`);
      }
      if (up.intervals.increaseNs.high !== null) bounded += 1;
    }
    assert.ok(bounded >= PATHS / 3, `${bounded} of ${PATHS} bounded`);
  });

  it('stays with the flow that causes it where queues are fair', () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 8; seed += 1) {
      const { model, bufferNs, text } = drawPath(seed, 'fair');
      const { up, idle } = loadedOf(measure(model, seed), text);
      // A turn of the round robin: a few full packets.
      const turnsNs = 0.3 * bufferNs + 3e6;
      assert.ok(otherWorst(up) - idle.p95Ns < turnsNs, `${text}: other flow ${otherWorst(up)}, idle ${idle.p95Ns}`);
      assert.ok(ownWorst(up) - idle.p95Ns > 0.8 * bufferNs, `${text}: own flow ${ownWorst(up)}`);
    }
  });

  it('is small where the queue is', () => {
    for (const seed of [1, 2, 3, 4]) {
      const model = buildNarrowPath({ narrow: { rateBitsPerSec: 50e6, queueBytes: 15e3, propagationNs: 5e6 } });
      const { up } = loadedOf(measure(model, seed), `seed ${seed}`);
      assert.ok(up.increaseNs < 3e6, `seed ${seed}: ${up.increaseNs} ns`);
    }
  });

  it('shows the direction whose buffer is long, where the far end sends too', () => {
    const fast = { rateBitsPerSec: 40e6, propagationNs: 5e6, queueBytes: 30e3 };
    const slow = { ...fast, rateBitsPerSec: 20e6, queueBytes: 750e3 };
    for (const [place, long] of [
      ['forward', 'up'],
      ['reverse', 'down'],
    ] as const) {
      const base = buildNarrowPath({ narrow: slow, place, far: { ...STAMPING, sends: true } });
      const model =
        place === 'forward' ? { ...base, reverse: [fast] } : { ...base, forward: [...base.forward.slice(0, 1), fast] };
      const report = measure(model, 7);
      const { up, down, both } = loadedOf(report, place);
      assert.ok(down && both, report.limits.join('; '));
      const filled = long === 'up' ? up : down;
      assert.ok(Math.abs(filled.increaseNs / 300e6 - 1) < 0.1, `${place}: ${JSON.stringify(filled)}`);
      assert.ok(both.increaseNs > 200e6, `both ${both.increaseNs}`);
      if (long === 'up') assert.ok(down.increaseNs < 30e6, `down ${down.increaseNs}`);
    }
  });

  it('is a lower bound, and says so, where the bytes end before the buffer is full', () => {
    const model = buildNarrowPath({ narrow: { rateBitsPerSec: 50e6, queueBytes: 10e6 } });
    const request = {
      seed: 3,
      quantity: 'responsiveness',
      ...computeDefaultBudget('normal', 'responsiveness'),
    } as const;
    const { report } = examine(model, { ...request, maxBytes: 8e6 });
    const { up } = loadedOf(report, 'short');
    assert.ok(up.increaseNs < 1.6e9, `${up.increaseNs}`);
    assert.match(report.limits.join(), /still growing .*\(up\)/);
  });

  it('never tells less for more time allowed', () => {
    for (const [rateBitsPerSec, queueBytes] of [
      [1.3e6, 250e3],
      [6e6, 1.2e6],
    ] as const) {
      const model = buildNarrowPath({ narrow: { rateBitsPerSec, queueBytes, propagationNs: 5e6 } });
      let mostNs = 0;
      for (let maxSeconds = 9; maxSeconds <= 13; maxSeconds += 0.5) {
        const bounds = { ...computeDefaultBudget('normal', 'responsiveness'), maxSeconds };
        const { report } = examine(model, { seed: 5, quantity: 'responsiveness', ...bounds });
        const { increaseNs } = loadedOf(report, `${maxSeconds} s`).up;
        const said = `${rateBitsPerSec / 1e6} Mb/s, ${maxSeconds} s: ${increaseNs / 1e6} ms, before ${mostNs / 1e6}`;
        assert.ok(increaseNs >= 0.99 * mostNs, said);
        mostNs = Math.max(mostNs, increaseNs);
      }
    }
  });

  it('is not measured by a normal examination, and by a deep one only where it can be paid', () => {
    const model = buildNarrowPath({ narrow: { rateBitsPerSec: 10e6, queueBytes: 250e3 } });
    const normal = examine(model, { seed: 1 }).report;
    assert.equal(normal.estimates.loaded, null);
    assert.doesNotMatch(normal.limits.join(), /Not loaded|be filled/);
    assert.ok(examine(model, { seed: 1, depth: 'deep' }).report.estimates.loaded?.up);
  });
});
