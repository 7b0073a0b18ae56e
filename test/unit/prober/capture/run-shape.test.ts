// A run of our own recorded packets serves the phase it was sent for, also where two phases send alike.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProbeRow } from '../../../../src/prober/capture/exchange.js';
import { describeRun, placeRuns } from '../../../../src/prober/capture/run-shape.js';

const MS = 1e6;

interface RunFacts {
  readonly count: number;
  readonly gapNs: number;
  readonly sizeBytes: number;
  readonly isOurs?: boolean;
}

function createRun({ count, gapNs, sizeBytes, isOurs = true }: RunFacts): ProbeRow[] {
  return Array.from({ length: count }, (_, i) => ({
    atNs: i * gapNs,
    sizeBytes,
    trafficClass: 0,
    dontFragment: true,
    ttl: 64,
    ipId: 0,
    flow: 1,
    runTag: isOurs ? 7 : null,
    payloadIndex: isOurs ? i : null,
    answer: {
      atNs: i * gapNs + MS,
      sizeBytes,
      ttl: 60,
      trafficClass: -1,
      requestClass: -1,
      far: null,
    },
    duplicates: 0,
    isRefused: false,
  }));
}

const PACED = { count: 150, gapNs: 8 * MS, sizeBytes: 92 } as const;
const FIRST_TRAIN = { count: 20, gapNs: 5_000, sizeBytes: 1500 } as const;
const TRAIN = { count: 300, gapNs: 5_000, sizeBytes: 1500 } as const;

function place(runs: readonly RunFacts[]): string[] {
  return placeRuns(runs.map((facts) => describeRun(createRun(facts)))).map(({ phase }) => phase);
}

describe('small paced packets of an examination', () => {
  const reach = { ...PACED, count: 5 };

  test('measure delay, also where more of them follow at once', () => {
    assert.deepEqual(place([reach, PACED, { ...PACED, gapNs: 5 * MS }]), ['reach', 'delay', 'delay']);
  });

  test('wait for a busy line before it is loaded, and part faults after', () => {
    assert.deepEqual(place([reach, PACED, FIRST_TRAIN, PACED, TRAIN, PACED]), [
      'reach',
      'delay',
      'rate',
      'look',
      'capacity',
      'separate',
    ]);
  });

  test('of a second examination in the recording measure delay again', () => {
    assert.deepEqual(place([reach, PACED, FIRST_TRAIN, reach, PACED]), ['reach', 'delay', 'rate', 'reach', 'delay']);
  });

  test('that another program sent all count for delay', () => {
    const theirs = { ...PACED, isOurs: false };
    assert.deepEqual(
      place([theirs, { ...TRAIN, isOurs: false }, theirs]).filter((phase) => phase === 'delay').length,
      2,
    );
  });
});
