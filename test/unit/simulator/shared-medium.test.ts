// The access to a shared medium against the figures of IEEE 802.3 and what follows from them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../../src/model/random.js';
import { CsmaStation, GAP_BITS, SLOT_BITS } from '../../../src/simulator/csma-station.js';
import { EventQueue } from '../../../src/simulator/event-queue.js';
import type { Packet } from '../../../src/simulator/packet.js';
import { SharedMedium } from '../../../src/simulator/shared-medium.js';
import type { MediumStation, Signal } from '../../../src/simulator/shared-medium.js';

/** 10 Mb/s. */
const BIT_NS = 100;
/** 100 m of cable. */
const SHORT_NS = 500;
const FULL_FRAME_BYTES = 1_538;
/** Preamble and jam. */
const FRAGMENT_BITS = 96;
const FULL_FRAME_NS = (FULL_FRAME_BYTES * 8 - GAP_BITS) * BIT_NS;

const packetOf = (row: number): Packet => ({
  sender: 'probe',
  row,
  flow: 0,
  dontFragment: true,
  isCopy: false,
  answer: null,
  sizeBytes: 1_500,
  plannedClass: 0,
  trafficClass: 0,
  partBytes: 1_500,
  extraHops: 0,
  atNs: 0,
});

interface Fate {
  readonly row: number;
  readonly startNs: number;
  /** When its last bit left; null where it was lost. */
  readonly endNs: number | null;
}

interface Cable {
  readonly events: EventQueue;
  readonly medium: SharedMedium;
  readonly a: CsmaStation;
  readonly b: CsmaStation;
  readonly fates: Fate[];
}

function layCable(aDuplex: 'half' | 'full', bDuplex: 'half' | 'full', seed: number, propagationNs = SHORT_NS): Cable {
  const events = new EventQueue();
  const medium = new SharedMedium(events, 1e9 / BIT_NS, propagationNs);
  const fates: Fate[] = [];
  const sink = {
    served: ({ row }: Packet, startNs: number, endNs: number) => fates.push({ row, startNs, endNs }),
    lost: ({ row }: Packet, startNs: number) => fates.push({ row, startNs, endNs: null }),
    refused: () => undefined,
  };
  const open = (duplex: 'half' | 'full', stationSeed: number): CsmaStation =>
    new CsmaStation(medium, { duplex, queueBytes: 1e6, random: createRandom(stationSeed), sink });
  return { events, medium, a: open(aDuplex, 2 * seed), b: open(bDuplex, 2 * seed + 1), fates };
}

function runAll({ events }: Cable): void {
  while (events.step());
}

/** Slots that a station waits after each of its first 15 attempts, all of which meet a fragment. */
function drawBackoffs(seed: number): number[] {
  const cable = layCable('half', 'half', seed, 0);
  const startsNs: number[] = [];
  const jammer: MediumStation = {
    hear: (signal) => {
      if (signal.sender !== cable.a) return;
      startsNs.push(cable.events.nowNs);
      const fragment: Signal = { sender: jammer, shipment: null, isCut: true };
      cable.a.hear(fragment);
      cable.events.schedule(cable.events.nowNs + FRAGMENT_BITS * BIT_NS, () => cable.a.loseCarrier(fragment));
    },
    loseCarrier: () => undefined,
  };
  cable.medium.join(jammer);
  cable.a.offer(0, FULL_FRAME_BYTES, packetOf(0));
  runAll(cable);
  const waits = startsNs.slice(1).map((ns, i) => ns - (startsNs[i] ?? NaN) - FRAGMENT_BITS * BIT_NS);
  // Of slot 0 the gap of 96 bits is left.
  return waits.map((ns) => Math.floor(ns / BIT_NS / SLOT_BITS + 1e-6));
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a half-duplex station', () => {
  test('defers to what it hears and leaves a gap of 96 bit times', () => {
    const cable = layCable('half', 'half', 1);
    cable.a.offer(0, FULL_FRAME_BYTES, packetOf(0));
    cable.a.offer(0, FULL_FRAME_BYTES, packetOf(1));
    // Comes in the middle of the first frame.
    cable.b.offer(500_000, 84, packetOf(2));
    runAll(cable);
    assert.deepEqual(cable.fates[0], { row: 0, startNs: 0, endNs: FULL_FRAME_NS });
    assert.equal(cable.fates.length, 3);
    assert.ok(cable.fates.every(({ endNs }) => endNs !== null));
    // Both wait for the same gap and collide as it ends, the one 0.5 us before the other.
    assert.deepEqual([cable.a.counters.collisions > 0, cable.b.counters.collisions > 0], [true, true]);
    assert.equal(cable.b.counters.lateCollisions, 0);
  });

  test('tries until two have drawn different slots: 1.64 collisions on average', () => {
    const collisions = Array.from({ length: 4_000 }, (_, seed) => {
      const cable = layCable('half', 'half', seed);
      cable.a.offer(0, FULL_FRAME_BYTES, packetOf(0));
      cable.b.offer(0, FULL_FRAME_BYTES, packetOf(1));
      runAll(cable);
      assert.ok(cable.fates.every(({ endNs }) => endNs !== null));
      return cable.a.counters.collisions;
    });
    // Two of 2^k slots are the same with 2^−k: 1 + 1/2 + 1/2 · 1/4 + ... = 1.6416. Standard deviation 0.78 of one, 0.012 of 4000.
    assert.ok(Math.abs(meanOf(collisions) - 1.6416) < 0.055, `${meanOf(collisions)} collisions, seeds 0-3999`);
  });

  test('waits a whole number of slots, all equally likely up to the range of its attempt', () => {
    const runs = Array.from({ length: 500 }, (_, seed) => drawBackoffs(seed));
    for (let attempt = 1; attempt < 16; attempt += 1) {
      const slots = runs.map((run) => run[attempt - 1] ?? NaN);
      const range = 2 ** Math.min(attempt, 10);
      const largest = Math.max(...slots);
      assert.ok(Math.min(...slots) >= 0 && largest < range, `attempt ${attempt}: up to ${largest}`);
      // Mean (range − 1) / 2, standard deviation range / √12 of one: five of 500 are 0.065 ranges.
      const error = meanOf(slots) - (range - 1) / 2;
      assert.ok(Math.abs(error) < 0.065 * range, `attempt ${attempt}: mean off by ${error} slots, seeds 0-499`);
    }
  });

  test('gives a frame up after 16 attempts', () => {
    const cable = layCable('half', 'full', 3);
    for (let row = 1; row <= 600; row += 1) cable.b.offer(0, FULL_FRAME_BYTES, packetOf(row));
    cable.a.offer(1_000_000, FULL_FRAME_BYTES, packetOf(0));
    runAll(cable);
    assert.equal(cable.fates.find(({ row }) => row === 0)?.endNs, null);
    const { collisions, excessiveCollisions, lateCollisions } = cable.a.counters;
    assert.deepEqual([collisions, excessiveCollisions, lateCollisions], [16, 1, 0]);
    // Each attempt falls on the head of a frame of the other, and breaks it.
    assert.equal(cable.fates.filter(({ row, endNs }) => row > 0 && endNs === null).length, 16);
    assert.equal(cable.b.counters.collisions, 0);
  });
});

describe('a duplex mismatch', () => {
  test('loses a frame of the half side if the other begins after the first slot, and delays it if before', () => {
    for (const bytes of [84, 200, 600, FULL_FRAME_BYTES]) {
      const bits = bytes * 8 - GAP_BITS;
      const lost = Array.from({ length: bits }, (_, bit) => {
        const cable = layCable('half', 'full', bit, 0);
        cable.a.offer(0, bytes, packetOf(0));
        cable.b.offer((bit + 0.5) * BIT_NS, 84, packetOf(1));
        runAll(cable);
        const [ours, theirs] = [0, 1].map((row) => cable.fates.find((fate) => fate.row === row));
        // The half side was sending as theirs came.
        assert.equal(theirs?.endNs, null, `their frame at bit ${bit} of ${bits}`);
        return ours?.endNs === null;
      });
      // The exposure of methods.md: (L − 64) · 8 bits, where L has its preamble.
      assert.equal(lost.filter(Boolean).length, Math.max(0, bits - SLOT_BITS));
    }
  });

  test('is harmless where the two never send at the same time', () => {
    for (const [a, b] of [
      ['half', 'full'],
      ['full', 'half'],
    ] as const) {
      const cable = layCable(a, b, 4);
      for (let i = 0; i < 100; i += 1) {
        cable.a.offer(i * 10e6, FULL_FRAME_BYTES, packetOf(i));
        cable.b.offer(i * 10e6 + 5e6, FULL_FRAME_BYTES, packetOf(i));
      }
      runAll(cable);
      assert.ok(cable.fates.every(({ startNs, endNs }) => endNs !== null && endNs - startNs === FULL_FRAME_NS));
    }
  });

  test('shows on the full side as broken frames, on the half side as late collisions', () => {
    const cable = layCable('half', 'full', 5);
    for (let i = 0; i < 50; i += 1) {
      cable.a.offer(i * 10e6, FULL_FRAME_BYTES, packetOf(i));
      cable.b.offer(i * 10e6 + 600_000, FULL_FRAME_BYTES, packetOf(i));
    }
    runAll(cable);
    assert.equal(cable.a.counters.lateCollisions, 50);
    assert.equal(cable.a.counters.fcsErrors, 0);
    assert.equal(cable.b.counters.fcsErrors, 50);
    assert.equal(cable.b.counters.collisions, 0);
  });
});

describe('two half-duplex stations', () => {
  const saturate = (bytes: number, seed: number): Cable => {
    const cable = layCable('half', 'half', seed);
    for (let i = 0; i < 600; i += 1) {
      cable.a.offer(0, bytes, packetOf(i));
      cable.b.offer(0, bytes, packetOf(i));
    }
    // Half a second: neither queue is empty by then.
    while (cable.events.nowNs < 0.3e9 && cable.events.step());
    return cable;
  };

  test('that always send use the medium well with long frames', () => {
    const carried = Array.from({ length: 10 }, (_, seed) => {
      const { fates } = saturate(FULL_FRAME_BYTES, seed);
      return (fates.filter(({ endNs }) => endNs !== null).length * FULL_FRAME_BYTES * 8) / (0.3e9 / BIT_NS);
    });
    // Boggs, Mogul and Kent (1988) measured above 9.5 of 10 Mb/s with long packets and few hosts.
    assert.ok(meanOf(carried) > 0.94 && meanOf(carried) < 1, `${meanOf(carried)} of the rate, seeds 0-9`);
  });

  test('capture the medium in turn: who won goes on winning for a while', () => {
    const cables = Array.from({ length: 10 }, (_, seed) => saturate(FULL_FRAME_BYTES, seed));
    const collisions = cables.map(({ a, b }) => a.counters.collisions + b.counters.collisions);
    const frames = cables.map(({ fates }) => fates.length);
    // Fewer than the 2 × 1.64 of frames that always meet afresh: the loser's backoff outlasts several frames of the other.
    assert.ok(meanOf(collisions) / meanOf(frames) < 1.64, `${meanOf(collisions)} in ${meanOf(frames)}, seeds 0-9`);
  });

  test('never collide late within the length that the standard allows, and do beyond it', () => {
    const countLate = (propagationNs: number): number => {
      let late = 0;
      for (let seed = 0; seed < 400; seed += 1) {
        const cable = layCable('half', 'half', seed, propagationNs);
        cable.a.offer(0, FULL_FRAME_BYTES, packetOf(0));
        cable.b.offer(createRandom(seed).uniform() * 60_000, FULL_FRAME_BYTES, packetOf(1));
        runAll(cable);
        late += cable.a.counters.lateCollisions;
        // Whoever does not hear the collision while it sends does not repeat the frame: it is lost all the same.
        if (propagationNs > 25_600 && cable.a.counters.lateCollisions > 0) {
          assert.ok(cable.fates.some(({ row, endNs }) => row === 0 && endNs === null));
        }
      }
      return late;
    };
    // A round trip of 512 bits: 25.6 us one way.
    assert.equal(countLate(25_000), 0);
    // A hears B's frame, which began before A's came to it at 40 us, between bits 400 and 800: 28.8 of 60 us are late.
    const late = countLate(40_000);
    assert.ok(Math.abs(late - 192) < 50, `${late} of 400 late, seeds 0-399`);
  });
});
