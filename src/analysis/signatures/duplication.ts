// Replies come more than once: a loop, a mirror port, or a bundle of links that floods. Each copy is seen, so that only the share is
// uncertain.
import type { Finding } from '../../model/report.js';
import { computeBetaCdf } from '../statistics/log-beta.js';
import { formatPercent } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** Below it a path may be called healthy: a copy now and then is what a route that changes leaves behind. */
const NOTABLE_RATIO = 0.002;
/** Copies of so many packets take bandwidth that is missed. */
const HARMFUL_RATIO = 0.05;
const LEAST_PROBABILITY = 0.5;

export function judgeDuplication({ estimates, all, byPhase }: Observations): Judgement | null {
  const { duplication } = estimates;
  if (duplication === null || duplication.value === 0) return null;
  const count = Math.round(duplication.value * duplication.samples);
  const probability = 1 - computeBetaCdf(NOTABLE_RATIO, count + 0.5, duplication.samples - count + 0.5);
  if (probability < LEAST_PROBABILITY) return { condition: 'duplication', probability, finding: null };
  const most = [...all, ...byPhase.spacing].reduce((copies, trace) => trace.duplicates.reduce(larger, copies), 0);
  const finding: Finding = {
    condition: 'duplication',
    probability,
    severity: duplication.low >= HARMFUL_RATIO ? 'warning' : 'info',
    where: { kind: 'path' },
    direction: 'unknown',
    evidence: [
      {
        text: `${count} of ${duplication.samples} replies came more than once (${formatPercent(duplication.value)})`,
        metric: 'duplication',
        value: duplication.value,
        expected: 0,
      },
      { text: `At most ${most + 1} copies of one reply came`, metric: 'duplicates', value: most + 1, expected: 1 },
    ],
    advice:
      'Look for two links in parallel without spanning tree, for a mirror port that leads back into the network, and for a ' +
      'second host that answers for the same address.',
    confirm: 'A recording (--save-capture) shows by TTL and link address whether the copies took the same way.',
  };
  return { condition: 'duplication', probability, finding };
}

const larger = (a: number, b: number): number => Math.max(a, b);
