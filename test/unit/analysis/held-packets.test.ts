// Packets that a machine behind the link stamped late, by hand: what a link lets go one after another cannot come together.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { measureHeldPackets } from '../../../src/analysis/estimators/available/held-packets.js';
import type { StreamPacket } from '../../../src/analysis/estimators/available/stream-packets.js';

/** At 10 Mb/s each takes 1 ms. */
const FRAME_BITS = 10e3;
const PASSING = { nsPerBit: 100, resolutionNs: 20e3 };

function buildStream(outNs: readonly number[]): StreamPacket[] {
  return outNs.map((ns, i) => ({
    burst: 0,
    frameBits: FRAME_BITS,
    plannedNs: i * 0.8e6,
    inNs: i * 0.8e6,
    outNs: ns,
    isLost: false,
  }));
}

const even = Array.from({ length: 20 }, (_, i) => (i + 1) * 1e6);
const streams = (held: readonly number[]): StreamPacket[][] => [held, even, even, even].map(buildStream);

describe('packets held behind a link', () => {
  it('are none where they come as the link sends, or with others between them', () => {
    assert.equal(measureHeldPackets(streams(even), PASSING)?.share, 0);
    const shared = even.map((ns, i) => ns + (i > 7 ? 5e6 : 0));
    assert.equal(measureHeldPackets(streams(shared), PASSING)?.share, 0);
  });

  it('are those of a pause, but not the one that comes when it ends', () => {
    // From 5.5 to 8.9 ms nothing is stamped: packets of 6, 7 and 8 ms are late.
    const paused = even.map((ns) => (ns > 5.5e6 && ns < 8.9e6 ? 8.9e6 : ns));
    const held = measureHeldPackets(streams(paused), PASSING);
    assert.equal(held?.share, 3 / 76);
    // One pause of three, known as well as two such are.
    assert.ok(held.error > 3 / 76 && held.error < 6 / 76, `${held.error}`);
  });

  it('are not told by few packets, nor by noise', () => {
    assert.equal(measureHeldPackets([buildStream(even)], PASSING), null);
    const noisy = even.map((ns, i) => ns + (i % 3) * 8e3);
    assert.equal(measureHeldPackets(streams(noisy), PASSING)?.share, 0);
  });
});
