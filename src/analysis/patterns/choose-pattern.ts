// Which picture shows a condition best, from the traces that it was told from. null where words and figures say all.
import type { EvidencePattern } from '../../model/evidence-pattern.js';
import type { Finding } from '../../model/report.js';
import type { Trace } from '../../model/trace.js';
import { measureLoadQueue } from '../estimators/load/load-queue.js';
import { readMtu } from '../estimators/loss/mtu.js';
import { computeFates } from '../estimators/packet-fate.js';
import type { SizeTally } from '../estimators/loss/size-limit.js';
import type { Observations } from '../signatures/observations.js';
import { composeBytesOverTime } from './bytes-over-time.js';
import { composeDelayOverTime } from './delay-over-time.js';
import { composeLossByPlace } from './loss-by-place.js';
import { composeLossBySize } from './loss-by-size.js';
import { composeOrderBySpacing } from './order-by-spacing.js';

export function choosePattern({ condition, direction }: Finding, observations: Observations): EvidencePattern | null {
  const { light, byPhase, estimates } = observations;
  switch (condition) {
    case 'mtu-black-hole':
    case 'mtu-mismatch': {
      const { tallies } = readMtu(byPhase.mtu);
      const tally = direction === 'reverse' ? tallies.reverse : tallies.forward;
      return tally && composeLossBySize(tally, direction === 'reverse' ? 'lost on the way back' : 'lost');
    }
    case 'media-errors':
      return composeLossBySize(tallyAllSizes(light), 'lost, sent one at a time');
    case 'duplex-mismatch':
    case 'overlong-half-duplex':
      return composeLossByPlace(light, listBursts(observations));
    case 'policer':
    case 'shaper':
    case 'packet-rate-limit':
    case 'wireless-hop':
      return drawFullestLoad(observations);
    case 'bufferbloat':
    case 'half-duplex':
      return drawLongestQueue(observations);
    case 'congestion':
    case 'random-loss':
    case 'bursty-loss':
    case 'slow-target':
      return composeDelayOverTime(byPhase.delay, 'Round trips of small packets over time, and which were lost');
    case 'route-change':
      return composeDelayOverTime(byPhase.delay, 'Round trips of small packets over time');
    case 'reordering':
      return composeOrderBySpacing(estimates.reorderingBySpacing ?? []);
    default:
      return null;
  }
}

function listBursts({ byPhase }: Observations): Trace[] {
  return Object.entries(byPhase)
    .filter(([phase]) => phase !== 'mtu')
    .flatMap(([, traces]) => traces)
    .filter(({ position }) => position.some((place) => place > 0));
}

/** The load that lost most, or else the longest. */
function drawFullestLoad(observations: Observations): EvidencePattern | null {
  const loads = listBursts(observations).map((trace) => {
    const lost = computeFates(trace).filter((fate) => fate === 'lost').length;
    return { trace, weight: trace.count + 10 * lost };
  });
  const [fullest] = loads.sort((a, b) => b.weight - a.weight);
  return fullest === undefined ? null : composeBytesOverTime(fullest.trace);
}

function drawLongestQueue({ byPhase }: Observations): EvidencePattern | null {
  const queues = [...byPhase.rate, ...byPhase.capacity, ...byPhase.fill, ...byPhase.loaded].map((trace) => ({
    trace,
    settledNs: measureLoadQueue(trace)?.settledNs ?? 0,
  }));
  const [longest] = queues.sort((a, b) => b.settledNs - a.settledNs);
  if (longest === undefined) return null;
  return composeDelayOverTime(
    [longest.trace],
    'Round trips while our own load fills the path, and which packets were lost',
  );
}

function tallyAllSizes(traces: readonly Trace[]): ReadonlyMap<number, SizeTally> {
  const tallies = new Map<number, SizeTally>();
  for (const trace of traces) {
    for (const [row, fate] of computeFates(trace).entries()) {
      if (fate === 'excluded') continue;
      const size = trace.sizeBytes[row] ?? 0;
      const tally = tallies.get(size) ?? { passed: 0, failed: 0, refused: 0 };
      if (fate === 'lost') tally.failed += 1;
      else tally.passed += 1;
      tallies.set(size, tally);
    }
  }
  return tallies;
}
