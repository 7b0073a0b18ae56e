// Which losses a queue may have made: by what the packets around them waited.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { computeFills, findBrims, findDryRows } from '../../../src/analysis/signatures/load/buckets/brim.js';
import { collectLoadRows } from '../../../src/analysis/signatures/load/rows/collect-load-rows.js';
import type { LoadRows } from '../../../src/analysis/signatures/load/rows/load-rows.js';
import { buildTrace, RTT_NS } from './built-trace.js';
import type { BuiltRow } from './built-trace.js';

const LIGHT = 40;
const PACKETS = 60;
const APART_NS = 100e3;

/** Light packets that wait for nothing, and a train of which packet i waited so long, ns, or was lost. */
function collect(
  waits: readonly (number | 'lost')[],
  light = buildTrace(Array.from({ length: LIGHT }, () => ({ sizeBytes: 100 }))),
): LoadRows {
  const rows = waits.map((wait, i): BuiltRow => ({
    sizeBytes: 100,
    plannedNs: i * APART_NS,
    ...(wait === 'lost' ? { lost: true } : { rxNs: i * APART_NS + RTT_NS + wait }),
  }));
  const train = buildTrace(rows, { sequenceId: 'train-load-1', baseNs: 10_000_000_000n });
  const traces = [light, train];
  return collectLoadRows({ traces, light: new Set([light]), sparse: new Set(), mute: new Set(), mtuBytes: null });
}

/** A queue that fills to 4 ms and then loses every second packet. */
const overflowing = Array.from({ length: PACKETS }, (_, i) => (i < 40 ? i * 100e3 : i % 2 === 0 ? 'lost' : 4e6));
/** Nothing waits, and every second packet behind the first 40 is lost. */
const policed = Array.from({ length: PACKETS }, (_, i) => (i < 40 || i % 2 === 1 ? 0 : 'lost'));

describe('what a lost packet would have waited', () => {
  it('is what the one before it waited, drained since, or what both neighbours did', () => {
    const rows = collect(overflowing);
    const fills = computeFills(rows);
    assert.equal(fills[LIGHT + 10], 1e6);
    // Behind 3.9 ms, and before 4 ms: others kept it full.
    assert.ok(Math.abs((fills[LIGHT + 40] ?? 0) - 3.9e6) < 1e3, `${fills[LIGHT + 40]}`);
    assert.ok(Math.abs((fills[LIGHT + 50] ?? 0) - 4e6) < 1e3, `${fills[LIGHT + 50]}`);
    assert.equal(computeFills(collect(policed))[LIGHT + 50], 0);
  });

  it('begins anew with each trace', () => {
    const rows = collect(['lost', 0, 0]);
    assert.equal(computeFills(rows)[LIGHT], 0);
  });
});

describe('a queue seen full', () => {
  it('is where its losses lie, and of the packets that waited less than half as long none', () => {
    const rows = collect(overflowing);
    const [brim, ...others] = findBrims(rows, computeFills(rows));
    assert.equal(others.length, 0);
    assert.equal(brim?.way, 'forward');
    assert.equal(brim.lostAtBrim, 10);
    assert.equal(brim.lostElsewhere, 0);
    assert.equal(brim.isFull[LIGHT + 5], 0);
    assert.equal(brim.isFull[LIGHT + 55], 1);
    assert.equal(brim.isFull[0], 0, 'a light packet fills nothing');
  });

  it('is none where nothing waits', () => {
    const rows = collect(policed);
    assert.deepEqual(findBrims(rows, computeFills(rows)), []);
  });

  it('counts apart what is lost before it is full', () => {
    const early = overflowing.map((wait, i) => (i === 3 || i === 6 ? 'lost' : wait));
    const rows = collect(early);
    const [brim] = findBrims(rows, computeFills(rows));
    assert.equal(brim?.lostAtBrim, 10);
    assert.equal(brim.lostElsewhere, 2);
  });

  it('counts apart what was lost of packets that left one by one', () => {
    const light = buildTrace(Array.from({ length: LIGHT }, (_, i) => ({ sizeBytes: 100, lost: i % 4 === 3 })));
    const rows = collect(overflowing, light);
    const [brim] = findBrims(rows, computeFills(rows));
    assert.equal(brim?.lostAlone.length, 10);
    assert.equal(brim.lostElsewhere, 0);
  });
});

describe('packets that found no queue', () => {
  const perWay = { forward: 500e3, reverse: null };

  it('are all where nothing waits, the lost ones too', () => {
    const isDry = findDryRows(collect(policed), perWay);
    assert.equal(isDry[LIGHT + 10], 1);
    assert.equal(isDry[LIGHT + 50], 1);
  });

  it('are none beside waits as long as a queue that drops', () => {
    const isDry = findDryRows(collect(overflowing), perWay);
    assert.equal(isDry[LIGHT + 2], 1);
    assert.equal(isDry[LIGHT + 20], 0);
    assert.equal(isDry[LIGHT + 50], 0);
  });

  it('are not sought where nothing is known of the link', () => {
    const isDry = findDryRows(collect(policed), { forward: null, reverse: null });
    assert.ok(isDry.every((dry) => dry === 0));
  });
});
