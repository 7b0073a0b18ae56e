// How fast streams left beside how fast they were to leave.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimateSenderPace } from '../../../src/analysis/estimators/available/sender-pace.js';
import type { StreamPacket } from '../../../src/analysis/estimators/available/stream-packets.js';

const FRAME_BITS = 1514 * 8;

function buildStream(plannedGapNs: number, gapNs: number): StreamPacket[] {
  return Array.from({ length: 20 }, (_, i) => ({
    burst: 0,
    frameBits: FRAME_BITS,
    plannedNs: i * plannedGapNs,
    inNs: i * gapNs,
    outNs: 1e6 + i * gapNs,
    isLost: false,
  }));
}

describe('the pace of a sender', () => {
  it('is that of what left, whatever the plan', () => {
    const streams = [0, 0, 0, 6_000].map((planned) => buildStream(planned, 24_224));
    const pace = estimateSenderPace(streams, 1e9);
    assert.ok(pace !== null && Math.abs(pace / 500e6 - 1) < 1e-9, `${pace}`);
  });

  it('is not told of streams that were to be slow, nor of two', () => {
    const slow = Array.from({ length: 5 }, () => buildStream(24_224, 24_224));
    assert.equal(estimateSenderPace(slow, 1e9), null);
    assert.equal(estimateSenderPace([buildStream(0, 5_000), buildStream(0, 5_000)], 1e9), null);
  });
});
