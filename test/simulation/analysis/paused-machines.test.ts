// Rates over paths whose machines stand still now and then, as those of a hypervisor do: what waits for a machine is not taken for what
// waits for the link.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '../../../src/model/random.js';
import type { Random } from '../../../src/model/random.js';
import type { FarEndModel, PathModel, PauseModel } from '../../../src/simulator/path-model.js';
import { drawLog } from './drawn-loss-paths.js';
import { buildNarrowPath, examine } from './examined-path.js';

const SEED = 84_700;
const PATHS = 60;
const PLACES = ['probe', 'far', 'both'] as const;
const PROCESSING = { floorNs: 1_500, meanExtraNs: 500 };

interface Drawn {
  readonly model: PathModel;
  readonly rateBitsPerSec: number;
  readonly share: number;
}

/** Packets of others that come independently, a far end that stamps, and pauses that take up to a fifth of the time. */
function drawPausedPath(random: Random): Drawn {
  const rateBitsPerSec = drawLog(random, 2e6, 200e6);
  const share = 0.7 * random.uniform();
  const leastNs = drawLog(random, 0.2e6, 1e6);
  const pauses: PauseModel = { perSec: drawLog(random, 2, 100), leastNs, mostNs: 3 * leastNs };
  const place = PLACES[random.uint32() % PLACES.length];
  const stampNoiseNs = drawLog(random, 20, 5e3);
  const far: FarEndModel = {
    kind: 'stamp',
    processing: PROCESSING,
    stamp: { noiseNs: stampNoiseNs, granularityNs: 1 },
    stampSource: 'kernel',
    clockOffsetNs: 1e9,
    ...(place === 'probe' ? {} : { pauses }),
  };
  const narrow = {
    rateBitsPerSec,
    propagationNs: drawLog(random, 0.1e6, 30e6),
    queueBytes: Math.max(64e3, rateBitsPerSec / 80),
    crossTraffic: { share, sizeBytes: 1500 },
  };
  const model = buildNarrowPath({ narrow, stampNoiseNs, far });
  const probe = place === 'far' ? model.probe : { ...model.probe, pauses };
  return { model: { ...model, probe }, rateBitsPerSec, share };
}

describe(`machines that stand still now and then, seeds from ${SEED}`, () => {
  it('available bandwidth keeps the word of its interval, and is not pulled down', () => {
    let held = 0;
    const errors: number[] = [];
    for (let seed = SEED; seed < SEED + PATHS; seed += 1) {
      const { model, rateBitsPerSec, share } = drawPausedPath(createRandom(seed));
      const { report, others } = examine(model, { seed, quantity: 'available' });
      const available = report.estimates.available.forward ?? assert.fail(`seed ${seed}: ${report.limits.join('; ')}`);
      const taken = (others.bytes * 8e9) / rateBitsPerSec + share * (others.ns - others.playedNs);
      const truth = rateBitsPerSec * (1 - taken / others.ns);
      if (available.low <= truth && truth <= available.high) held += 1;
      errors.push((available.value - truth) / rateBitsPerSec);
    }
    const mean = errors.reduce((sum, error) => sum + error, 0) / PATHS;
    assert.ok(held / PATHS >= 0.9, `held ${held} of ${PATHS}`);
    assert.ok(Math.abs(mean) < 0.015, `off by ${mean} of the capacity on average`);
  });

  it('capacity keeps the word of its interval', () => {
    let held = 0;
    for (let seed = SEED; seed < SEED + PATHS; seed += 1) {
      const { model, rateBitsPerSec } = drawPausedPath(createRandom(seed));
      const { report } = examine(model, { seed, quantity: 'capacity' });
      const capacity = report.estimates.capacity.forward ?? assert.fail(`seed ${seed}: ${report.limits.join('; ')}`);
      if (capacity.low <= rateBitsPerSec && rateBitsPerSec <= capacity.high) held += 1;
    }
    assert.ok(held / PATHS >= 0.93, `held ${held} of ${PATHS}`);
  });
});
