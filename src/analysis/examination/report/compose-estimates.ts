// Every estimator over the traces it may use. What was not measured, or not by this version, is null.
import type { Estimates } from '../../../model/estimates.js';
import type { PathDescription } from '../../../model/path.js';
import { estimateDirectionalLoss } from '../../estimators/loss/directional-loss.js';
import { estimateDuplication } from '../../estimators/loss/duplication.js';
import { estimateLossEpisodes } from '../../estimators/loss/loss-episodes.js';
import { estimateLossRatio } from '../../estimators/loss/loss-ratio.js';
import { estimateLossRuns } from '../../estimators/loss/loss-runs.js';
import { computeLossTable } from '../../estimators/loss/loss-table.js';
import { estimateMtu } from '../../estimators/loss/mtu.js';
import { estimateReordering, estimateReorderingBySpacing } from '../../estimators/loss/reordering.js';
import { estimateClassTreatments } from '../../estimators/loss/traffic-classes.js';
import { composeDelays } from './compose-delays.js';
import { composeAvailable } from './compose-available.js';
import { readCapacity, readReverseCapacity } from '../readings/train-readings.js';
import { PHASES, selectLightTraces, selectTrainTraces } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';
import { readLoaded } from '../readings/loaded-readings.js';
import { readMaximum } from '../readings/maximum-readings.js';
import { rememberByPhases } from '../readings/remember-by-phases.js';

export function composeEstimates({ traces, path }: Knowledge): Estimates {
  return composeOnce(traces, path);
}

const composeOnce = rememberByPhases(PHASES, (traces, path: PathDescription): Estimates => {
  const light = selectLightTraces(traces);
  const trains = selectTrainTraces(traces);
  const all = [...light, ...traces.spacing, ...trains];
  const maximum = readMaximum(traces, path);
  const { available, utilization } = composeAvailable(traces);
  return {
    capacity: {
      forward: readCapacity({ traces, path })?.estimate ?? null,
      reverse: readReverseCapacity({ traces, path })?.estimate ?? null,
    },
    available,
    utilization,
    maximum: { forward: maximum.forward?.estimate ?? null, reverse: maximum.reverse?.estimate ?? null },
    loss: { roundTrip: estimateLossRatio(light), ...estimateDirectionalLoss(light) },
    lossRuns: estimateLossRuns(light),
    lossEpisodes: estimateLossEpisodes(traces.delay),
    lossTable: computeLossTable({ paced: light, bursts: [...traces.spacing, ...trains] }),
    ...composeDelays(traces),
    reordering: estimateReordering(all),
    reorderingBySpacing: estimateReorderingBySpacing(traces.spacing),
    duplication: estimateDuplication(all),
    mtu: estimateMtu(traces.mtu, path),
    dscp: estimateClassTreatments(traces.classes),
    loaded: readLoaded(traces, path),
  };
});
