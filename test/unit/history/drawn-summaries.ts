// Minutes as monitors make them, drawn by chance: about 600 samples, quiet and busy paths, some with far stamps, some without answers.
import { createDigest } from '../../../src/analysis/statistics/delay-digest.js';
import { PERIODS_MS } from '../../../src/model/period-summary.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import type { Random } from '../../../src/model/random.js';

/** What a target is like, so that its minutes resemble each other. */
export interface DrawnTarget {
  readonly name: string;
  readonly floorNs: number;
  readonly noiseNs: number;
  readonly hasFarStamps: boolean;
}

/** From a switch beside us to the other side of the world; `farShare` of them stamp. */
export function drawTargets(random: Random, count: number, farShare: number): DrawnTarget[] {
  return Array.from({ length: count }, (_, i) => {
    const floorNs = 10 ** (4.7 + 3.5 * random.uniform());
    const noiseNs = Math.max(2_000, floorNs * 10 ** (-3 + 2 * random.uniform()));
    return { name: `target-${i}`, floorNs, noiseNs, hasFarStamps: random.uniform() < farShare };
  });
}

export function drawMinute(random: Random, target: DrawnTarget, startMs: number, samples: number = 600): PeriodSummary {
  const isDead = random.uniform() < 0.001;
  // The load of the day comes and goes; now and then a minute is bad.
  const load = 1 + Math.sin((startMs / PERIODS_MS.day) * 2 * Math.PI) ** 2 + (random.uniform() < 0.02 ? 10 : 0);
  const lost = isDead ? samples : random.uniform() < 0.1 ? Math.floor(random.exponential(4)) : 0;
  const answered = Math.max(0, samples - lost);
  const drawDelays = (floorNs: number, noiseNs: number) =>
    createDigest(Array.from({ length: answered }, () => floorNs + random.exponential(noiseNs * load)));
  const half = target.hasFarStamps ? Math.floor(lost / 2) : null;
  return {
    target: target.name,
    startMs,
    lengthMs: PERIODS_MS.minute,
    coverage: random.uniform() < 0.01 ? Math.round(random.uniform() * 1000) / 1000 : 1,
    sent: samples,
    lost: samples - answered,
    lostForward: half,
    lostReverse: half === null ? null : lost - half,
    duplicated: 0,
    reordered: random.uniform() < 0.02 ? 1 : 0,
    rtt: drawDelays(target.floorNs, target.noiseNs),
    forwardQueueing: target.hasFarStamps ? drawDelays(0, target.noiseNs / 2) : null,
    reverseQueueing: target.hasFarStamps ? drawDelays(0, target.noiseNs / 2) : null,
    jitterNs: answered < 2 ? null : Math.round(random.exponential(target.noiseNs)),
    stamps: answered === 0 ? null : { tx: 'kernel', rx: 'kernel', far: target.hasFarStamps ? 'user' : null },
    disturbed: 0,
    problem: isDead && random.uniform() < 0.5 ? 'the port was down' : null,
  };
}

/** One commit: a minute of each. */
export const drawMinutes = (
  random: Random,
  targets: readonly DrawnTarget[],
  startMs: number,
  samples?: number,
): PeriodSummary[] => targets.map((target) => drawMinute(random, target, startMs, samples));
