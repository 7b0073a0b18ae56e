// What replays take for the time of a round trip: late stamps must not move it, and dense traces say how much quicker they were.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { collectLoadRows } from '../../../src/analysis/signatures/load/rows/collect-load-rows.js';
import type { Trace } from '../../../src/model/trace.js';
import type { BuiltRow } from './built-trace.js';
import { buildTrace } from './built-trace.js';

const FIXED_NS = 400_000;
const NS_PER_BYTE = 176;
const SIZES = [92, 500, 1000, 1500] as const;
/** Stamps differ by so much at most. */
const NOISE_NS = 4000;

function buildAnswered(sizes: readonly number[], extraNs: (row: number) => number): Trace {
  const rows = sizes.map((sizeBytes, row): BuiltRow => {
    const txNs = row * 1e6;
    const noiseNs = NOISE_NS * ((row % 3) - 1);
    return { sizeBytes, txNs, rxNs: txNs + FIXED_NS + NS_PER_BYTE * sizeBytes + noiseNs + extraNs(row) };
  });
  return buildTrace(rows);
}

function findUsual(light: Trace, dense: readonly Trace[] = []) {
  const traces = [light, ...dense];
  return collectLoadRows({ traces, light: new Set([light]), sparse: new Set(traces), mute: new Set(), mtuBytes: null })
    .usual;
}

const mixed = Array.from({ length: 120 }, (_, row) => SIZES[row % SIZES.length] ?? 92);

describe('the usual round trip', () => {
  test('is a line over the size that neither late stamps nor queues move', () => {
    const isOdd = (row: number): number => (row % 19 === 0 ? -150_000 : row % 11 === 0 ? 900_000 : 0);
    const usual = findUsual(buildAnswered(mixed, isOdd));
    assert.ok(Math.abs(usual.fixedNs - FIXED_NS) < 2 * NOISE_NS, `${usual.fixedNs} ns`);
    assert.ok(Math.abs(usual.nsPerByte - NS_PER_BYTE) < 6, `${usual.nsPerByte} ns a byte`);
  });

  test('is that of the only size where all are alike', () => {
    const usual = findUsual(buildAnswered(new Array<number>(30).fill(92), () => 0));
    assert.equal(usual.nsPerByte, 0);
    assert.ok(Math.abs(usual.fixedNs - FIXED_NS - 92 * NS_PER_BYTE) <= NOISE_NS);
  });

  test('is shorter in dense traces of hosts that are kept awake, and no longer where packets wait for each other', () => {
    const light = buildAnswered(mixed, () => 25_000);
    const awake = buildAnswered(new Array<number>(100).fill(260), (row) => (row % 2 === 0 ? 0 : 300_000));
    const queued = buildAnswered(new Array<number>(100).fill(260), (row) => 50_000 + 1000 * row);
    const { quickerNs } = findUsual(light, [awake, queued]);
    assert.ok(Math.abs((quickerNs.get(1) ?? 0) - 25_000) <= 2 * NOISE_NS, `${quickerNs.get(1)} ns`);
    assert.equal(quickerNs.get(2), undefined);
  });
});
