// A load of our own loses what exceeds a rate, and what passes has not waited: somebody drops it, as no queue does. Told by the trains alone, and
// only where the far end stamps; an echo may limit its answers. Which packet finds which tokens is judged among the load faults.
import { formatFigure, RATE } from '../../model/figures.js';
import type { Finding } from '../../model/report.js';
import { selectLargeTrains } from '../estimators/capacity/capacity.js';
import { computeFates } from '../estimators/packet-fate.js';
import type { TrainRate } from '../estimators/capacity/train-rate.js';
import { chooseForwardLeg, readTrainRates } from '../examination/readings/train-readings.js';
import { formatPercent } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** A train tells where it asked for clearly more than passed, and enough passed to say how long it waited. */
const OVERLOADED_BELOW = 0.8;
const LEAST_ARRIVALS = 30;
const LEAST_MISSING = 0.15;
/** In packets at the rate that passes: a queue so short is none. */
const MOST_WAIT_PACKETS = 2;
/** Large packets sent one by one may lose this share of what the train lost: else it is a loss that asks for no load. */
const MOST_PACED_SHARE = 0.25;
const LARGE_SHARE = 0.6;
const LEAST_PACED = 10;
/** Two loads that both stumble over something else are rare; the rest is links that no queue stands before. */
const PROBABILITIES = [0.85, 0.95] as const;

export function judgeDroppedTrains(observations: Observations): Judgement | null {
  const { byPhase } = observations;
  if (chooseForwardLeg(byPhase) === 'round-trip') return null;
  const paced = countPacedLarge(observations);
  const isDropped = (rate: TrainRate): boolean =>
    rate.plannedShare < OVERLOADED_BELOW &&
    rate.arrivals >= LEAST_ARRIVALS &&
    rate.missingShare >= LEAST_MISSING &&
    rate.waitPackets < MOST_WAIT_PACKETS &&
    paced.sent >= LEAST_PACED &&
    paced.lost <= MOST_PACED_SHARE * rate.missingShare * paced.sent;
  const ways = (['forward', 'reverse'] as const).flatMap((direction) => {
    const dropped = selectLargeTrains(readTrainRates(byPhase, direction)).filter(isDropped);
    return dropped.length === 0 ? [] : [{ direction, dropped }];
  });
  const [clearest] = ways.sort((a, b) => b.dropped.length - a.dropped.length);
  if (clearest === undefined) return null;
  const direction = ways.length > 1 ? 'both' : clearest.direction;
  const probability = PROBABILITIES[Math.min(PROBABILITIES.length, clearest.dropped.length) - 1] ?? 0;
  return { condition: 'policer', probability, finding: describe(clearest.dropped, { probability, direction }) };
}

function countPacedLarge({ byPhase, path }: Observations): { readonly sent: number; readonly lost: number } {
  const fates = byPhase.sizes.flatMap((trace) =>
    computeFates(trace).filter((_, row) => (trace.sizeBytes[row] ?? 0) > LARGE_SHARE * path.mtuBytes),
  );
  const lost = fates.filter((fate) => fate === 'lost').length;
  return { sent: lost + fates.filter((fate) => fate === 'answered').length, lost };
}

function describe(
  dropped: readonly TrainRate[],
  { probability, direction }: Pick<Finding, 'probability' | 'direction'>,
): Finding {
  const slowest = dropped.reduce((a, b) => (b.rateBitsPerSec < a.rateBitsPerSec ? b : a));
  const { rateBitsPerSec, plannedShare, missingShare, waitPackets } = slowest;
  return {
    condition: 'policer',
    probability,
    severity: 'warning',
    where: { kind: 'path' },
    direction,
    evidence: [
      {
        text:
          `Of a load of ${formatFigure(rateBitsPerSec / plannedShare, RATE)} ${formatFigure(rateBitsPerSec, RATE)} came, ` +
          `${formatPercent(missingShare)} of it was lost`,
        metric: 'policer.rateBitsPerSec',
        value: rateBitsPerSec,
        expected: null,
      },
      {
        text:
          `What came had waited for the time of ${Math.max(0, waitPackets).toFixed(1)} packets at that rate: nothing is held back, what is too ` +
          'much is dropped',
        metric: 'policer.waitPackets',
        value: Math.max(0, waitPackets),
        expected: 0,
      },
    ],
    advice:
      'Compare the rate with the contract. If it is the contracted one, shape the traffic on your own side a few percent below it, so that ' +
      'it waits instead of being lost; if not, ask the provider, or look at the policies of your own firewall and switches.',
  };
}
