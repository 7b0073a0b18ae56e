// How often and how long a path loses: frequency and duration of episodes of loss, from packets in even slots of time. In which
// packets the losses fell is told by loss-runs.ts.
import type { LossEpisodes } from '../../../model/estimates.js';
import type { Trace } from '../../../model/trace.js';
import { computeWilsonInterval } from '../../statistics/wilson-interval.js';
import { estimateLossRatio } from './loss-ratio.js';
import { countTransitions } from './loss-runs.js';
import { judgeSampleCount } from '../ratio.js';

const METHOD =
  'pairs of slots (BADABING, Sommers et al. 2005), Wilson interval of the share of losses that another one follows';

/** No plan paces packets so slowly: such a column is garbage. */
const LONGEST_SLOT_NS = 600e9;

/**
 * Every two neighbouring packets are a probe of two slots, a slot being the time from one packet to the next. Frequency: share of
 * slots in an episode. Duration: 2·(R/S − 1) + 1 slots with R = #{01, 10, 11}, S = #{01, 10}, at least one slot. Each trace holds evenly
 * spaced packets; slots of several lengths count by their time. null without an episode whose begin or end was seen.
 */
export function estimateLossEpisodes(traces: readonly Trace[]): LossEpisodes | null {
  const frequency = estimateLossRatio(traces);
  let ends = 0;
  let stays = 0;
  let timeNs = 0;
  let slotsNs = 0;
  for (const trace of traces) {
    const { answeredToLost, lostToAnswered, lostToLost } = countTransitions([trace]);
    const endsHere = answeredToLost + lostToAnswered;
    const slotNs = (trace.plannedOffsetNs[1] ?? Number.NaN) - (trace.plannedOffsetNs[0] ?? Number.NaN);
    if (!(slotNs > 0 && slotNs <= LONGEST_SLOT_NS)) continue;
    ends += endsHere;
    stays += lostToLost;
    timeNs += slotNs * (2 * lostToLost + endsHere);
    slotsNs += slotNs * (lostToLost + endsHere / 2);
  }
  if (frequency === null || ends === 0) return null;
  // An episode has two ends; each is left once.
  const episodes = ends / 2;
  const meanSlotNs = slotsNs / (stays + episodes);
  const value = timeNs / ends;
  const staying = computeWilsonInterval(stays, stays + episodes);
  const durationNs = {
    value,
    low: Math.min(value, meanSlotNs / (1 - staying.low)),
    high: Math.max(value, meanSlotNs / (1 - staying.high)),
    method: METHOD,
    samples: Math.ceil(episodes),
    ...judgeSampleCount(episodes),
  };
  return { frequency, durationNs };
}
