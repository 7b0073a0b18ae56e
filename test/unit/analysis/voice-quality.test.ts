// The voice score against published values, and what delay, loss and lateness do to it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  computeLossImpairment,
  computeMos,
  computeRFactor,
  estimateVoiceQuality,
} from '../../../src/analysis/estimators/delay/voice-quality.js';

describe('E-model', () => {
  for (const [delayMs, lossRatio, r, mos] of [
    [50, 0, 93.0, 4.41],
    [150, 0.01, 86.4, 4.24],
  ] as const) {
    it(`of G.711 at ${delayMs} ms and ${100 * lossRatio} % is R ${r} and MOS ${mos}`, () => {
      const rFactor = computeRFactor(delayMs * 1e6, lossRatio, 'g711');
      assert.equal(rFactor.toFixed(1), r.toFixed(1));
      assert.equal(computeMos(rFactor).toFixed(2), mos.toFixed(2));
    });
  }

  it('of G.729a starts 11 lower and falls faster', () => {
    assert.equal(computeLossImpairment(0, 'g729a'), 11);
    assert.ok(Math.abs(computeLossImpairment(0.02, 'g729a') - 18.293) < 0.001);
  });

  it('punishes delay above 177.3 ms, and stays within its scale', () => {
    const at = (ms: number): number => computeRFactor(ms * 1e6, 0, 'g711');
    // 94.2 − 0.024 · 300 − 0.11 · 122.7.
    assert.ok(Math.abs(at(300) - 73.503) < 1e-9, `${at(300)}`);
    assert.equal(computeRFactor(5e9, 1, 'g711'), 0);
    assert.equal(computeMos(0), 1);
    assert.equal(computeMos(100), 4.5);
  });
});

describe('voice over a path', () => {
  const exactly = (value: number) => ({ value, low: value, high: value });
  const quiet = new Float64Array(100);

  it('counts half the round trip and a packet of speech', () => {
    const voice = estimateVoiceQuality(
      { medianRttNs: exactly(60e6), directions: [{ lossRatio: exactly(0), variationNs: quiet }] },
      'g711',
    );
    assert.equal(voice?.rFactor, computeRFactor(50e6, 0, 'g711'));
  });

  it('is that of the worse direction', () => {
    const good = { lossRatio: exactly(0), variationNs: quiet };
    const bad = { lossRatio: exactly(0.05), variationNs: quiet };
    const path = { medianRttNs: exactly(20e6), directions: [good, bad] };
    assert.ok(Math.abs((estimateVoiceQuality(path, 'g711')?.rFactor ?? 0) - computeRFactor(30e6, 0.05, 'g711')) < 1e-9);
  });

  it('waits for late packets where that sounds better, and gives them up where waiting would be worse', () => {
    // 2 of 100 packets are 20 ms late: waiting costs 0.5, losing them 7.9. At 800 ms waiting costs far more.
    const late = (ms: number) => Float64Array.from({ length: 100 }, (_, i) => (i < 2 ? ms * 1e6 : 0));
    const score = (ms: number) =>
      estimateVoiceQuality(
        { medianRttNs: exactly(0), directions: [{ lossRatio: exactly(0), variationNs: late(ms) }] },
        'g711',
      )?.rFactor;
    assert.ok(Math.abs((score(20) ?? 0) - computeRFactor(40e6, 0, 'g711')) < 1e-9);
    assert.ok(Math.abs((score(800) ?? 0) - computeRFactor(20e6, 0.02, 'g711')) < 1e-9);
  });

  it('knows a quiet path from few packets, whose waits resemble each other where nobody hears it', () => {
    const wandering = Float64Array.from({ length: 320 }, (_, i) => 200e3 * (1 + Math.sin(i / 50)));
    const path = {
      medianRttNs: exactly(10e6),
      directions: [{ lossRatio: { value: 0, low: 0, high: 0.012 }, variationNs: wandering }],
    };
    const low = estimateVoiceQuality(path, 'g711')?.intervals.mos.low ?? 0;
    // Worst of what 320 packets without a loss leave open: 1.2 % lost and 1.2 % late.
    assert.ok(low > 4.1, `${low}`);
  });

  it('is null without a packet', () => {
    const path = { medianRttNs: exactly(1), directions: [{ lossRatio: exactly(1), variationNs: [] }] };
    assert.equal(estimateVoiceQuality(path, 'g711'), null);
  });
});
