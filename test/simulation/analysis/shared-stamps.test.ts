// Capacity where packets share interrupts and their stamps, at the probe or at the far end, over drawn rates and windows.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '../../../src/model/random.js';
import type { FarEndModel, PathModel } from '../../../src/simulator/path-model.js';
import { buildNarrowPath, examine } from './examined-path.js';

const DRAWS = 60;
/** Windows that hold so many packets cannot pass unnoticed; those shorter than one packet's time change nothing. */
const SURELY_SHARED = 2;
const NEVER_SHARED = 0.9;

interface Drawing {
  readonly rate: number;
  readonly model: PathModel;
  readonly packetsPerWindow: number;
  readonly seed: number;
}

type Place = 'probe' | 'far';

/** Rates of 10 Mb/s to 1 Gb/s, windows of 20 to 200 us, stamps of 0.2 to 2 us, up to `mostTraffic` of other traffic. */
function draw(place: Place, seed: number, mostTraffic: number): Drawing {
  const random = createRandom(seed);
  const rate = 10e6 * 100 ** random.uniform();
  const windowNs = 20e3 * 10 ** random.uniform();
  const stampNoiseNs = 200 * 10 ** random.uniform();
  const share = mostTraffic * random.uniform();
  const coalescing = { windowNs, maxFrames: 256 };
  const far: FarEndModel = {
    kind: 'stamp',
    stamp: { noiseNs: stampNoiseNs, granularityNs: 1 },
    stampSource: 'kernel',
    clockOffsetNs: 1e6,
    processing: { floorNs: 1_500, meanExtraNs: 500 },
    coalescing,
  };
  const traffic = share > 0 ? { crossTraffic: { share, sizeBytes: 1000 } } : {};
  const narrow = { rateBitsPerSec: rate, queueBytes: 200e3, ...traffic };
  const path = buildNarrowPath({ narrow, stampNoiseNs, ...(place === 'far' ? { far } : {}) });
  const model = place === 'far' ? path : { ...path, probe: { ...path.probe, coalescing } };
  return { rate, model, packetsPerWindow: (windowNs * rate) / (1514 * 8e9), seed };
}

function measure({ rate, model, packetsPerWindow, seed }: Drawing) {
  const { report } = examine(model, { seed, quantity: 'capacity' });
  const capacity = report.estimates.capacity.forward;
  return {
    error: capacity === null ? Infinity : Math.abs(capacity.value / rate - 1),
    isCovered: capacity !== null && capacity.low <= rate && rate <= capacity.high,
    saysShared: report.limits.some((limit) => limit.startsWith('Packets share stamps')),
    packetsPerWindow,
    text: `seed ${seed}: ${(rate / 1e6).toFixed(1)} Mb/s, ${packetsPerWindow.toFixed(1)} packets a window, ${JSON.stringify(capacity)}`,
  };
}

function measureAll(place: Place, firstSeed: number, mostTraffic: number) {
  return Array.from({ length: DRAWS }, (_, i) => measure(draw(place, firstSeed + i, mostTraffic)));
}

for (const place of ['probe', 'far'] as const) {
  describe(`capacity where packets share stamps at the ${place} end`, () => {
    it('is within 3 % nearly always, and its interval holds it', () => {
      const outcomes = measureAll(place, 41_000, 0);
      const wrong = outcomes.filter(({ error }) => !(error <= 0.03));
      const missed = outcomes.filter(({ isCovered }) => !isCovered);
      assert.ok(wrong.length <= 0.05 * DRAWS, wrong.map(({ text }) => text).join('\n'));
      assert.ok(missed.length <= 0.07 * DRAWS, missed.map(({ text }) => text).join('\n'));
    });

    it('is given with the reason, and with none where windows are too short to matter', () => {
      for (const { saysShared, packetsPerWindow, text } of measureAll(place, 42_000, 0)) {
        if (packetsPerWindow > SURELY_SHARED) assert.ok(saysShared, text);
        if (packetsPerWindow < NEVER_SHARED) assert.ok(!saysShared, text);
      }
    });
  });
}
