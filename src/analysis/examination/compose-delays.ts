// What the traces say of time: round trips, directions, queues, jitter, and how a call would sound.
import type { Estimates } from '../../model/report.js';
import type { Trace } from '../../model/trace.js';
import { estimateDelayDistribution } from '../estimators/delay-distribution.js';
import { estimateDirectionalLoss } from '../estimators/directional-loss.js';
import { estimateJitter } from '../estimators/jitter.js';
import { countLoss } from '../estimators/loss-ratio.js';
import { collectOneWaySamples } from '../estimators/one-way-samples.js';
import type { OneWaySamples } from '../estimators/one-way-samples.js';
import { estimateOneWayDelays } from '../estimators/one-way-delay.js';
import type { OneWayDelays } from '../estimators/one-way-delay.js';
import { estimatePropagation } from '../estimators/propagation.js';
import { computeQueueing, estimateQueueing } from '../estimators/queueing.js';
import { selectOneStampSource } from '../estimators/round-trip-times.js';
import { estimateVoiceQuality } from '../estimators/voice-quality.js';
import { selectLightTraces } from './knowledge.js';
import type { TracesByPhase } from './knowledge.js';

type Delays = Pick<Estimates, 'rtt' | 'oneWay' | 'queueing' | 'propagation' | 'serialisation' | 'jitter' | 'voice'>;

export function composeDelays(traces: TracesByPhase): Delays {
  // Packets of one size only: a mixture would show serialisation as jitter.
  const even = selectOneStampSource(traces.delay.length > 0 ? traces.delay : traces.reach);
  const light = selectLightTraces(traces);
  const bySize = estimatePropagation(selectOneStampSource(light));
  // The longer the time, the better two clocks are compared: packets of the same size from every light run.
  const samples = collectOneWaySamples(selectOneStampSource(light), even[0]?.sizeBytes[0] ?? 0);
  const { estimate: oneWay, variationNs } = estimateOneWayDelays(samples);
  const rtt = estimateDelayDistribution(even);
  return {
    rtt,
    oneWay,
    queueing: estimateQueueing({ ...samples, delayNs: samples.rttNs }),
    propagation: bySize?.propagation ?? null,
    serialisation: bySize?.serialisation ?? null,
    jitter: estimateJitter(even),
    voice: rtt && composeVoice(rtt.p50Ns, light, { samples, variationNs }),
  };
}

interface Variation {
  readonly samples: OneWaySamples;
  readonly variationNs: OneWayDelays['variationNs'];
}

/** Where the directions are not told apart, each is taken to have all of the loss and all of the variation: no call is worse. */
function composeVoice(
  medianRttNs: number,
  light: readonly Trace[],
  { samples, variationNs }: Variation,
): Estimates['voice'] {
  const { sent, lost } = countLoss(light);
  const loss = estimateDirectionalLoss(light);
  const worst = lost / Math.max(1, sent);
  const bothWays = computeQueueing({ ...samples, delayNs: samples.rttNs });
  const directions = (['forward', 'reverse'] as const).map((direction) => ({
    lossRatio: loss[direction]?.value ?? worst,
    variationNs: variationNs[direction] ?? bothWays,
  }));
  return estimateVoiceQuality({ medianRttNs, directions }, 'g711');
}
