// Every estimator over the traces it may use. What was not measured, or not by this version, is null.
import { createRandom } from '../../model/random.js';
import type { Estimates } from '../../model/report.js';
import { estimateDelayDistribution } from '../estimators/delay-distribution.js';
import { estimateDirectionalLoss } from '../estimators/directional-loss.js';
import { estimateDuplication } from '../estimators/duplication.js';
import { estimateJitter } from '../estimators/jitter.js';
import { estimateLossRatio } from '../estimators/loss-ratio.js';
import { estimateLossRuns } from '../estimators/loss-runs.js';
import { estimatePropagation } from '../estimators/propagation.js';
import { estimateReordering } from '../estimators/reordering.js';
import { selectOneStampSource } from '../estimators/round-trip-times.js';
import { readCapacity } from './train-readings.js';
import { selectLightTraces, selectTrainTraces } from './knowledge.js';
import type { TracesByPhase } from './knowledge.js';

const NEITHER = { forward: null, reverse: null } as const;

/** `seed` draws the bootstrap. */
export function composeEstimates(traces: TracesByPhase, seed: number): Estimates {
  const light = selectLightTraces(traces);
  const all = [...light, ...selectTrainTraces(traces)];
  // Packets of one size only: a mixture would show serialisation as jitter.
  const even = selectOneStampSource(traces.delay.length > 0 ? traces.delay : traces.reach);
  const bySize = estimatePropagation(selectOneStampSource(traces.sizes), createRandom(seed));
  return {
    capacity: { forward: readCapacity(traces)?.estimate ?? null, reverse: null },
    available: NEITHER,
    utilization: NEITHER,
    maximum: NEITHER,
    loss: { roundTrip: estimateLossRatio(light), ...estimateDirectionalLoss(light) },
    lossRuns: estimateLossRuns(light),
    lossTable: null,
    rtt: estimateDelayDistribution(even),
    oneWay: { ...NEITHER, clockSkewPpm: null, isAbsolute: false },
    queueing: null,
    propagation: bySize?.propagation ?? null,
    serialisation: bySize?.serialisation ?? null,
    jitter: estimateJitter(even),
    reordering: estimateReordering(all),
    reorderingBySpacing: null,
    duplication: estimateDuplication(all),
    mtu: null,
    dscp: null,
    voice: null,
    loaded: null,
  };
}
