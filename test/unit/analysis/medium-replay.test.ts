// A replayed link loses what IEEE 802.3 says it loses: nothing between two half-duplex stations within the slot time, frames of both
// where only one of them defers or the cable is too long, and none that meets no other.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KNOWN, replayMedium } from '../../../src/analysis/signatures/load/collisions/medium-replay.js';
import type { Medium, Offered } from '../../../src/analysis/signatures/load/collisions/medium-replay.js';
import { createRandom } from '../../../src/model/random.js';

const COUNT = 200;
/** A full frame with preamble and FCS at 100 Mb/s lasts 122 us. */
const FRAME_BITS = 12_208;
const CROWDED_NS = 100_000;
const ALONE_NS = 1_000_000;
const SHORT: Omit<Medium, 'isNearHalf' | 'isFarHalf'> = { bitNs: 10, propagationNs: 500 };
const SEEDS = [1, 2, 3, 4, 5];

/** Four at once and a pause: with its station saturated even a healthy link gives up on a frame now and then, after sixteen attempts. */
const BURST = { packets: 4, intervalNs: 1_500_000 };

function offerBursts(): Offered {
  const atNs = Float64Array.from({ length: COUNT }, (_, i) => Math.floor(i / BURST.packets) * BURST.intervalNs);
  return { ...offer(ALONE_NS), atNs };
}

function offer(intervalNs: number, known: number = KNOWN.nothing): Offered {
  return {
    atNs: Float64Array.from({ length: COUNT }, (_, i) => i * intervalNs),
    requestBits: new Float64Array(COUNT).fill(FRAME_BITS),
    replyBits: new Float64Array(COUNT).fill(FRAME_BITS),
    turnNs: new Float64Array(COUNT).fill(20_000),
    lateNs: 0,
    known: new Uint8Array(COUNT).fill(known),
  };
}

function replay(offered: Offered, medium: Medium, seed: number) {
  const tally = { hits: new Uint8Array(2 * COUNT), losses: new Uint8Array(2 * COUNT) };
  replayMedium(offered, medium, tally, createRandom(seed));
  const sum = (column: Uint8Array): number => column.reduce((total, one) => total + one, 0);
  return {
    hits: sum(tally.hits),
    requests: sum(tally.losses.subarray(0, COUNT)),
    replies: sum(tally.losses.subarray(COUNT)),
  };
}

describe('a replayed link', () => {
  test('of two half-duplex stations has collisions and loses nothing', () => {
    for (const seed of SEEDS) {
      const { hits, requests, replies } = replay(offerBursts(), { ...SHORT, isNearHalf: true, isFarHalf: true }, seed);
      assert.ok(hits > 0, `seed ${seed}`);
      assert.deepEqual([requests, replies], [0, 0], `seed ${seed}`);
    }
  });

  test('of two full-duplex stations has no collision', () => {
    const seen = replay(offer(CROWDED_NS), { ...SHORT, isNearHalf: false, isFarHalf: false }, 1);
    assert.deepEqual(seen, { hits: 0, requests: 0, replies: 0 });
  });

  for (const [isNearHalf, isFarHalf] of [
    [true, false],
    [false, true],
  ] as const) {
    test(`with only its ${isNearHalf ? 'near' : 'far'} station half duplex loses frames that meet, and none that do not`, () => {
      for (const seed of SEEDS) {
        const crowded = replay(offer(CROWDED_NS), { ...SHORT, isNearHalf, isFarHalf }, seed);
        assert.ok(crowded.requests + crowded.replies > COUNT / 20, `seed ${seed}`);
        const alone = replay(offer(ALONE_NS), { ...SHORT, isNearHalf, isFarHalf }, seed);
        assert.deepEqual(alone, { hits: 0, requests: 0, replies: 0 }, `seed ${seed}`);
      }
    });
  }

  test('longer than half a slot time loses frames to late collisions', () => {
    const medium = { bitNs: 10, propagationNs: 20_000, isNearHalf: true, isFarHalf: true };
    for (const seed of SEEDS) {
      const { requests, replies } = replay(offer(CROWDED_NS), medium, seed);
      assert.ok(requests + replies > 0, `seed ${seed}`);
    }
  });

  test('sends no reply to a request that is known to be missing', () => {
    const medium = { ...SHORT, isNearHalf: true, isFarHalf: true };
    assert.equal(replay(offer(CROWDED_NS, KNOWN.missing), medium, 1).hits, 0);
  });
});
