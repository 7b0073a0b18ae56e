// Paths without any noise, so that a test can compute each instant by hand.
import type { Pattern, Sequence } from '../../../src/model/sequence.js';
import type { Trace } from '../../../src/model/trace.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import type { FarEndModel, HopModel, PathModel } from '../../../src/simulator/path-model.js';
import { simulateTrace } from '../../../src/simulator/simulation.js';

const EXACT_STAMPS = { noiseNs: 0, granularityNs: 0 };
const NO_DELAY = { floorNs: 0, meanExtraNs: 0 };

export const EXACT_STAMP_REFLECTOR: FarEndModel = {
  kind: 'stamp',
  processing: NO_DELAY,
  stamp: EXACT_STAMPS,
  stampSource: 'hardware',
  clockOffsetNs: 0,
};

/** A link that takes no time worth counting: 1e15 b/s. */
export const INSTANT_HOP: HopModel = { rateBitsPerSec: 1e15, propagationNs: 0, queueBytes: 1e12 };

export function buildBarePath(
  forward: readonly HopModel[],
  reverse: readonly HopModel[] = [INSTANT_HOP],
  far: FarEndModel = EXACT_STAMP_REFLECTOR,
): PathModel {
  return {
    probe: {
      port: {
        name: 'sim0',
        mtuBytes: 65_535,
        linkUp: true,
        speedBitsPerSec: null,
        duplex: 'full',
        autoNegotiation: null,
        supportedModes: [],
        advertisedModes: [],
        partnerModes: null,
      },
      stampSource: 'hardware',
      txStamp: EXACT_STAMPS,
      rxStamp: EXACT_STAMPS,
      sendLateness: NO_DELAY,
    },
    forward,
    far,
    reverse,
  };
}

export function sequenceOf(pattern: Pattern, dontFragment = true): Sequence {
  return { id: 'physics', pattern, dscp: 0, dontFragment, lingerNs: 10e9 };
}

export function simulate(path: PathModel, pattern: Pattern, seed = 1): Trace {
  const sequence = sequenceOf(pattern);
  return simulateTrace({ sequence, schedule: planSchedule(sequence), path, seed, startNs: 0 });
}

export const trainOf = (packets: number, sizeBytes: number, gapNs = 0): Pattern => ({
  kind: 'train',
  trains: 1,
  packetsPerTrain: packets,
  gapNs,
  spacingNs: 0,
  sizeBytes,
});

/** Rows that came through, as a string of 1 and 0. */
export function mapOfAnswers(trace: Trace): string {
  return Array.from(trace.arrival, (order) => (order >= 0 ? '1' : '0')).join('');
}
