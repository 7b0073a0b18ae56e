// What the traces say of time: round trips, directions, queues, jitter, and how a call would sound.
import type { Estimates } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { computeSteppedDistribution, estimateDelayDistribution } from '../../estimators/delay/delay-distribution.js';
import { estimateDirectionalLoss } from '../../estimators/loss/directional-loss.js';
import { estimateJitter } from '../../estimators/delay/jitter.js';
import { estimateLossRatio } from '../../estimators/loss/loss-ratio.js';
import { collectOneWaySamples } from '../../estimators/delay/one-way-samples.js';
import type { OneWaySamples } from '../../estimators/delay/one-way-samples.js';
import { estimateOneWayDelays } from '../../estimators/delay/one-way-delay.js';
import type { OneWayDelays } from '../../estimators/delay/one-way-delay.js';
import { estimatePropagation } from '../../estimators/delay/propagation.js';
import { computeQueueing, estimateQueueing } from '../../estimators/delay/queueing.js';
import { computePace, computeRoundTrips, selectOneStampSource } from '../../estimators/round-trip-times.js';
import { BUFFER_STEP_NS, estimateVoiceQuality } from '../../estimators/delay/voice-quality.js';
import { selectLightTraces } from '../knowledge.js';
import type { TracesByPhase } from '../knowledge.js';
import { rememberByPhases } from '../readings/remember-by-phases.js';

type Delays = Pick<Estimates, 'rtt' | 'oneWay' | 'queueing' | 'propagation' | 'serialisation' | 'jitter' | 'voice'>;

/** Of the light traces. */
export const composeDelays = rememberByPhases(['reach', 'delay', 'sizes'], computeDelays);

function computeDelays(traces: TracesByPhase): Delays {
  // Packets of one size only: a mixture would show serialisation as jitter.
  const even = selectOneStampSource(traces.delay.length > 0 ? traces.delay : traces.reach);
  const light = selectLightTraces(traces);
  const bySize = estimatePropagation(selectOneStampSource(light));
  // The longer the time, the better two clocks are compared: packets of the same size from every light run.
  const samples = collectOneWaySamples(selectOneStampSource(light), even[0]?.sizeBytes[0] ?? 0);
  const { estimate: oneWay, variationNs } = estimateOneWayDelays(samples, even[0] && computePace(even[0]));
  const rtt = estimateDelayDistribution(even);
  return {
    rtt,
    oneWay,
    queueing: estimateQueueing({ ...samples, delayNs: samples.rttNs }, oneWay),
    propagation: bySize?.propagation ?? null,
    serialisation: bySize?.serialisation ?? null,
    jitter: estimateJitter(even),
    voice: composeVoice(even, light, { samples, variationNs }),
  };
}

interface Variation {
  readonly samples: OneWaySamples;
  readonly variationNs: OneWayDelays['variationNs'];
}

/** Where the directions are not told apart, each is taken to have all of the loss and all of the variation: no call is worse. */
function composeVoice(
  even: readonly Trace[],
  light: readonly Trace[],
  { samples, variationNs }: Variation,
): Estimates['voice'] {
  const rttNs = even.flatMap((trace) => Array.from(computeRoundTrips(trace).rttNs));
  const rtt = computeSteppedDistribution(rttNs, BUFFER_STEP_NS);
  if (rtt === null) return null;
  const medianRttNs = { value: rtt.p50Ns, ...rtt.intervals.p50Ns };
  const loss = estimateDirectionalLoss(light);
  const worst = estimateLossRatio(light) ?? { value: 0, low: 0, high: null };
  const bothWays = computeQueueing({ ...samples, delayNs: samples.rttNs });
  const directions = (['forward', 'reverse'] as const).map((direction) => ({
    lossRatio: loss[direction] ?? worst,
    variationNs: variationNs[direction] ?? bothWays,
  }));
  return estimateVoiceQuality({ medianRttNs, directions }, 'g711');
}
