// The 95 % intervals of delay, both ways and one way, queueing, jitter and voice hold what a long time on the same path shows.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { computeRoundTrips } from '../../../src/analysis/estimators/round-trip-times.js';
import { estimateVoiceQuality } from '../../../src/analysis/estimators/delay/voice-quality.js';
import { createRandom, type Random } from '../../../src/model/random.js';
import type { Estimates, OpenInterval } from '../../../src/model/estimates.js';
import type { Sequence } from '../../../src/model/sequence.js';
import { NS_PER_MS, NS_PER_SEC, NS_PER_US } from '../../../src/model/units.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import type { FarEndModel, HopModel, PathModel } from '../../../src/simulator/path-model.js';
import { describeTruth } from '../../../src/simulator/path-truth.js';
import { createSimulation } from '../../../src/simulator/simulation.js';
import { examine, PORT } from './examined-path.js';

const SEED = 20_261_122;
const RUNS = 4;
const CASES = [
  { depth: 'normal', paths: 40, paceNs: 8 * NS_PER_MS },
  { depth: 'deep', paths: 25, paceNs: 10 * NS_PER_MS },
] as const;
const LIGHT_BYTES = 92;
const DIRECTIONS = ['forward', 'reverse'] as const;
type DirectionName = (typeof DIRECTIONS)[number];
/** Slow links remember longer: the truth is taken over so many packets of theirs at least, within these bounds. */
const TRUTH_NS = { least: 200 * NS_PER_SEC, most: 590 * NS_PER_SEC, ofFullPackets: 400_000 };

function drawLog(random: Random, low: number, high: number): number {
  return low * (high / low) ** random.uniform();
}

/** Quiet, Poisson or bursty links of 1 to 200 Mb/s, 0.2 to 100 ms away, with 20 ns to 50 us of stamp noise and up to 3 % of loss. */
function drawPath(random: Random): PathModel {
  const rateBitsPerSec = drawLog(random, 1e6, 200e6);
  const propagationNs = drawLog(random, 0.2 * NS_PER_MS, 100 * NS_PER_MS) / 2;
  const stamp = { noiseNs: drawLog(random, 20, 50 * NS_PER_US), granularityNs: 1 };
  const queueBytes = Math.max(20_000, (rateBitsPerSec * drawLog(random, 5, 300)) / 8e3);
  const narrow: HopModel = { rateBitsPerSec, propagationNs, queueBytes };
  const fast: HopModel = { rateBitsPerSec: 10e9, propagationNs: 2 * NS_PER_US, queueBytes: 20e6 };
  const lossRatio = random.uniform() < 0.5 ? 0 : 0.03 * random.uniform();
  const cross = drawCross(random, rateBitsPerSec);
  const processing = { floorNs: 4 * NS_PER_US, meanExtraNs: 50 * NS_PER_US * random.uniform() };
  const far: FarEndModel =
    random.uniform() < 0.5
      ? { kind: 'echo', processing }
      : { kind: 'stamp', processing, stamp, stampSource: 'kernel', clockOffsetNs: 12_345_678_901 };
  return {
    probe: {
      port: PORT,
      stampSource: 'kernel',
      txStamp: stamp,
      rxStamp: stamp,
      sendLateness: { floorNs: 500, meanExtraNs: 2 * NS_PER_US },
    },
    forward: [fast, { ...narrow, ...cross, ...(lossRatio > 0 ? { loss: { kind: 'bernoulli', lossRatio } } : {}) }],
    far,
    reverse: [narrow, fast],
  };
}

function drawCross(random: Random, rateBitsPerSec: number): Pick<HopModel, 'crossTraffic'> {
  const kind = random.uniform();
  const share = 0.05 + 0.75 * random.uniform();
  const sizeBytes = [
    { sizeBytes: 60, share: 0.4 },
    { sizeBytes: 576, share: 0.2 },
    { sizeBytes: 1500, share: 0.4 },
  ];
  if (kind < 0.25) return {};
  if (kind < 0.5) return { crossTraffic: { share, sizeBytes } };
  const packetNs = (1514 * 8 * NS_PER_SEC) / rateBitsPerSec;
  const meanOnNs = Math.max(5 * packetNs, drawLog(random, 2 * NS_PER_MS, 100 * NS_PER_MS));
  const periods = kind < 0.75 ? 'exponential' : 'pareto';
  return { crossTraffic: { kind: 'on-off', share, sizeBytes, peakShare: 1 + random.uniform(), meanOnNs, periods } };
}

/** The same figures from minutes, by other seeds. What the medium loses is known; what the queue drops is counted. */
function measureLong(model: PathModel, paceNs: number, seed: number): Readonly<Record<string, number>> {
  const rate = Math.min(...model.forward.map(({ rateBitsPerSec }) => rateBitsPerSec));
  const wantedNs = (TRUTH_NS.ofFullPackets * 1514 * 8 * NS_PER_SEC) / rate;
  const count = Math.round(Math.min(TRUTH_NS.most, Math.max(TRUTH_NS.least, wantedNs)) / paceNs);
  const pattern = { kind: 'isochronous', count, intervalNs: paceNs, sizeBytes: LIGHT_BYTES } as const;
  const sequence: Sequence = { id: 'long', pattern, dscp: 0, dontFragment: false, lingerNs: NS_PER_SEC };
  const schedule = planSchedule(sequence);
  const noLoss = { kind: 'bernoulli', lossRatio: 0 } as const;
  const lossless = { ...model, forward: model.forward.map((hop) => ({ ...hop, loss: noLoss })) };
  const { trace } = createSimulation(lossless, seed).run({ sequence, schedule, startNs: 0 });
  const { rows, rttNs } = computeRoundTrips(trace);
  const ascending = rttNs.slice().sort();
  const steps = Float64Array.from(
    rows.flatMap((row, i) =>
      row === (rows[i - 1] ?? -9) + 1 ? [Math.abs((rttNs[i] ?? 0) - (rttNs[i - 1] ?? 0))] : [],
    ),
  ).sort();
  const floorNs = ascending[0] ?? 0;
  return {
    p50: pick(ascending, 0.5),
    p95: pick(ascending, 0.95),
    p99: pick(ascending, 0.99),
    mean: average(ascending),
    'queueing p50': pick(ascending, 0.5) - floorNs,
    'queueing p95': pick(ascending, 0.95) - floorNs,
    rfc3550: average(steps),
    'ipdv p99': pick(steps, 0.99),
    'pdv p99': pick(ascending, 0.99) - floorNs,
    ...describeDirection('forward', trace.farRxOffsetNs, trace.txOffsetNs),
    ...describeDirection('reverse', trace.rxOffsetNs, trace.farTxOffsetNs),
    voice: scoreVoice(rttNs, 1 - (1 - describeTruth(model).forward.lossRatio) * (rows.length / count)),
  };
}

/** Above the smallest, as the clocks' offset is unknown; both clocks run at the same rate. NaN for an echo. */
function describeDirection(
  name: DirectionName,
  arrivedNs: Float64Array,
  leftNs: Float64Array,
): Readonly<Record<string, number>> {
  const delayNs = arrivedNs.map((ns, row) => ns - (leftNs[row] ?? Number.NaN)).filter((ns) => Number.isFinite(ns));
  const ascending = delayNs.sort();
  const floorNs = ascending[0] ?? 0;
  return { [`${name} p50`]: pick(ascending, 0.5) - floorNs, [`${name} p95`]: pick(ascending, 0.95) - floorNs };
}

/** Of an echo both directions have all of it; so are they scored here for every far end, and only echoes compared. */
function scoreVoice(rttNs: Float64Array, lossRatio: number): number {
  const floorNs = rttNs.reduce((least, ns) => Math.min(least, ns), Infinity);
  const exactly = (value: number) => ({ value, low: value, high: value });
  const variationNs = rttNs.map((ns) => ns - floorNs);
  const medianRttNs = exactly(pick(rttNs.slice().sort(), 0.5));
  const direction = { lossRatio: exactly(lossRatio), variationNs };
  return estimateVoiceQuality({ medianRttNs, directions: [direction] }, 'g711')?.rFactor ?? Number.NaN;
}

function pick(ascending: Float64Array, share: number): number {
  return ascending[Math.ceil(share * ascending.length) - 1] ?? Number.NaN;
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function listIntervals({ rtt, queueing, jitter, voice, oneWay }: Estimates, isEcho: boolean): [string, OpenInterval][] {
  assert.ok(rtt && queueing && jitter && voice);
  return [
    ['p50', rtt.intervals.p50Ns],
    ['p95', rtt.intervals.p95Ns],
    ['p99', rtt.intervals.p99Ns],
    ['mean', rtt.intervals.meanNs],
    ['queueing p50', queueing.intervals.p50Ns],
    ['queueing p95', queueing.intervals.p95Ns],
    ['rfc3550', jitter.intervals.rfc3550Ns],
    ['ipdv p99', jitter.intervals.ipdvP99Ns],
    ['pdv p99', jitter.intervals.pdvP99Ns],
    ...DIRECTIONS.flatMap((name): [string, OpenInterval][] => {
      const intervals = oneWay[name]?.intervals;
      if (intervals === undefined) return [];
      return [
        [`${name} p50`, intervals.p50Ns],
        [`${name} p95`, intervals.p95Ns],
      ];
    }),
    ...(isEcho ? ([['voice', voice.intervals.rFactor]] as [string, OpenInterval][]) : []),
  ];
}

describe('intervals of delay', () => {
  for (const { depth, paths, paceNs } of CASES) {
    it(`hold the truth of drawn paths in 93 % (${depth}, seed ${SEED})`, () => {
      const random = createRandom(SEED + depth.length);
      const counts = new Map<string, { held: number; all: number; closed: number }>();
      for (let path = 0; path < paths; path += 1) {
        const model = drawPath(random);
        const figures = measureLong(model, paceNs, SEED + 1000 * path);
        for (let run = 1; run <= RUNS; run += 1) {
          const { report } = examine(model, { seed: SEED + 1000 * path + run, quantity: 'jitter', depth });
          for (const [name, { low, high }] of listIntervals(report.estimates, model.far.kind === 'echo')) {
            const truth = figures[name] ?? Number.NaN;
            const count = counts.get(name) ?? { held: 0, all: 0, closed: 0 };
            count.all += 1;
            if ((low ?? -Infinity) <= truth && truth <= (high ?? Infinity)) count.held += 1;
            if (low !== null && high !== null) count.closed += 1;
            counts.set(name, count);
          }
        }
      }
      for (const [name, { held, all }] of counts) assert.ok(held / all >= 0.93, `${name}: ${held} of ${all}`);
      const median = counts.get('p50');
      assert.ok(median && median.closed / median.all >= 0.85, 'an interval without ends holds everything');
    });
  }
});
