// Packets overtake each other: several ways at once, or a link that sends again what it lost. Slight reordering hurts nobody.
import type { ReorderingBySpacing } from '../../model/estimates.js';
import type { Evidence, Finding } from '../../model/report.js';
import { computeBetaCdf } from '../statistics/log-beta.js';
import { formatCount, formatPercent } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** Below it nothing notices: TCP's adaptive loss detection (RFC 8985) tolerates it and a play-out buffer hides it. */
const NOTABLE_RATIO = 0.002;
/** Three packets late count as a loss (RFC 5681 section 3.2): TCP sends again and slows down. */
const LOSS_LIKE_EXTENT = 3;
const HARMFUL_RATIO = 0.02;
/** Less probable is not worth a line. */
const LEAST_PROBABILITY = 0.5;

export function judgeReordering({ estimates }: Observations): Judgement | null {
  const { reordering, reorderingBySpacing } = estimates;
  if (reordering === null || reordering.value === 0) return null;
  // The interval holds how packets of one burst share their fate; as many independent ones would give it.
  const independent = computeIndependentCount(reordering);
  const late = reordering.value * independent;
  const probability = 1 - computeBetaCdf(NOTABLE_RATIO, late + 0.5, independent - late + 0.5);
  const rows = reorderingBySpacing ?? [];
  const extent = rows.reduce((most, { maxExtent }) => Math.max(most, maxExtent), 0);
  const isHarmful = reordering.low >= HARMFUL_RATIO && extent >= LOSS_LIKE_EXTENT;
  if (probability < LEAST_PROBABILITY) return { condition: 'reordering', probability, finding: null };
  const finding: Finding = {
    condition: 'reordering',
    probability,
    severity: isHarmful ? 'warning' : 'info',
    where: { kind: 'path' },
    direction: 'unknown',
    evidence: [
      {
        text: `${formatPercent(reordering.value)} of ${reordering.samples} replies came after one to a later packet`,
        metric: 'reordering',
        value: reordering.value,
        expected: 0,
      },
      ...rows.filter(({ ratio }) => ratio.value > 0).map(describeSpacing),
    ],
    advice:
      'Look for a load balancer or a bundle of links that spreads the packets of one flow: it should choose by addresses and ' +
      'ports, not packet by packet. On a wireless link, let it deliver in order.',
    confirm: 'Reordering that ends where packets are further apart shows two ways of different length.',
  };
  return { condition: 'reordering', probability, finding };
}

/** From the width of Wilson's interval, z²·p(1 − p)/w² for a half-width of w, never more than there are. */
function computeIndependentCount({
  value,
  low,
  high,
  samples,
}: NonNullable<Observations['estimates']['reordering']>): number {
  const half = (high - low) / 2;
  return Math.max(1, Math.min(samples, (1.96 ** 2 * value * (1 - value)) / half ** 2));
}

function describeSpacing({ gapNs, ratio, maxExtent }: ReorderingBySpacing): Evidence {
  const apart = gapNs === 0 ? 'back to back' : `${gapNs / 1e3} µs apart`;
  const text = `Sent ${apart}: ${formatPercent(ratio.value)}, at most ${formatCount(maxExtent, 'packet')} late`;
  return { text, metric: 'reorderingBySpacing', value: ratio.value, expected: 0 };
}
