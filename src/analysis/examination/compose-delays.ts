// What the traces say of time: round trips, directions, queues, jitter, and how a call would sound.
import { createRandom } from '../../model/random.js';
import type { Estimates } from '../../model/report.js';
import type { Trace } from '../../model/trace.js';
import { estimateDelayDistribution } from '../estimators/delay-distribution.js';
import { estimateDirectionalLoss } from '../estimators/directional-loss.js';
import { estimateJitter } from '../estimators/jitter.js';
import { countLoss } from '../estimators/loss-ratio.js';
import { estimatePropagation } from '../estimators/propagation.js';
import { computeRoundTrips, selectOneStampSource } from '../estimators/round-trip-times.js';
import { estimateVoiceQuality } from '../estimators/voice-quality.js';
import { selectLightTraces } from './knowledge.js';
import type { TracesByPhase } from './knowledge.js';

type Delays = Pick<Estimates, 'rtt' | 'oneWay' | 'queueing' | 'propagation' | 'serialisation' | 'jitter' | 'voice'>;

/** `seed` draws the bootstrap. */
export function composeDelays(traces: TracesByPhase, seed: number): Delays {
  // Packets of one size only: a mixture would show serialisation as jitter.
  const even = selectOneStampSource(traces.delay.length > 0 ? traces.delay : traces.reach);
  const bySize = estimatePropagation(selectOneStampSource(traces.sizes), createRandom(seed));
  const rtt = estimateDelayDistribution(even);
  return {
    rtt,
    oneWay: { forward: null, reverse: null, clockSkewPpm: null, isAbsolute: false },
    queueing: null,
    propagation: bySize?.propagation ?? null,
    serialisation: bySize?.serialisation ?? null,
    jitter: estimateJitter(even),
    voice: rtt && composeVoice(rtt.p50Ns, even, selectLightTraces(traces)),
  };
}

/** Where the directions are not told apart, each is taken to have all of the loss and all of the variation: no call is worse. */
function composeVoice(medianRttNs: number, even: readonly Trace[], light: readonly Trace[]): Estimates['voice'] {
  const { sent, lost } = countLoss(light);
  const { forward, reverse } = estimateDirectionalLoss(light);
  const lossRatio = forward && reverse ? Math.max(forward.value, reverse.value) : lost / Math.max(1, sent);
  const variationNs = even.flatMap((trace) => {
    const { rttNs } = computeRoundTrips(trace);
    const leastNs = rttNs.reduce((least, value) => Math.min(least, value), Infinity);
    return Array.from(rttNs, (value) => value - leastNs);
  });
  return estimateVoiceQuality({ medianRttNs, directions: [{ lossRatio, variationNs }] }, 'g711');
}
