// One side of a link of 10 or 100 Mb/s runs half duplex, the other full (IEEE 802.3, clause 4). The full side sends whenever it likes; if the
// half side is sending then, the full side's frame is damaged, and the half side gives its own up unless the collision came in the first
// 512 bits. So packets are lost where they meet packets of the other direction, large ones most, and next to none alone.
import type { Evidence, Finding } from '../../../model/report.js';
import { computeLogSum } from '../../statistics/beta-binomial.js';
import { formatPercent } from '../observations.js';
import type { Observations } from '../observations.js';
import { computeClassRatio, isHit, legOf } from './collisions/collision-classes.js';
import { weighLocalDuplex } from './collisions/local-duplex.js';
import type { Explained, LoadHypothesis } from './load-hypothesis.js';
import { LEG } from './rows/load-rows.js';
import { NEXT_TO_NOTHING } from './weighing/loss-grid.js';
import { areInstantsKnown, LARGE_FROM_BYTES } from './collisions/replayed-collisions.js';
import { countLostBothWays, weighSides } from './collisions/side-counts.js';
import type { SideWeights } from './collisions/side-counts.js';
import { expectReplayedLoss, partitionByReplay } from './collisions/suspect-links.js';

/** Others' packets on the link meet ours, too: some of those that meet none of ours are lost. */
const ALONE_RATIOS = [NEXT_TO_NOTHING, 2e-3, 0.01, 0.04, 0.1, 0.2] as const;
const SIDES = ['near', 'far'] as const;

export const DUPLEX_MISMATCH: LoadHypothesis = {
  condition: 'duplex-mismatch',
  family: 'alone',
  needs: 'met',
  prior: 0.04,
  partition: ({ rows, observations }) => {
    const local = weighLocalDuplex(observations);
    const counts = weighCountedSides(observations);
    const links = SIDES.map((halfSide) => ({
      propagationSlots: CABLE_SLOTS,
      isNearHalf: halfSide === 'near',
      isFarHalf: halfSide === 'far',
      logTold: local[halfSide],
      logWeight: local[halfSide] + counts[halfSide] - counts.alike - Math.log(SIDES.length),
    }));
    return partitionByReplay(rows, observations.path, links, ALONE_RATIOS);
  },
  expectLoss: expectReplayedLoss,
  describe: (explained) => describeMismatch(explained),
};

/** A cable of legitimate length. */
const CABLE_SLOTS = 0.02;

function weighCountedSides({ byPhase }: Observations): SideWeights {
  const met = countLostBothWays([...byPhase.meet, ...byPhase.separate]);
  return weighSides(met, countLostBothWays([...byPhase.reach, ...byPhase.delay, ...byPhase.sizes]));
}

/**
 * Only where it is nine times as probable as the other. Counts, and what the own port says, come before instants, which a busy host or a
 * far stamp may blur.
 */
function tellHalfSide({ rivals, reading, evidence }: Explained): 'near' | 'far' | 'unknown' {
  const { observations, rows } = evidence;
  const counts = weighCountedSides(observations);
  const local = weighLocalDuplex(observations);
  const logCounted = counts.near + local.near - (counts.far + local.far);
  if (Math.abs(logCounted) > Math.log(9)) return logCounted > 0 ? 'near' : 'far';
  if (!local.isOwnPort && !areInstantsKnown(rows, reading.parameters['rateBitsPerSec'] ?? Infinity)) return 'unknown';
  const logOf = (isNearHalf: number): number =>
    computeLogSum(
      rivals.filter(({ reading }) => reading.parameters['isNearHalf'] === isNearHalf).map(({ log }) => log),
    );
  const logOdds = logOf(1) - logOf(0);
  if (Math.abs(logOdds) < Math.log(9)) return 'unknown';
  return logOdds > 0 ? 'near' : 'far';
}

function describeMismatch(explained: Explained) {
  const { partition, reading, evidence, sent } = explained;
  const { rateBitsPerSec = 100e6 } = reading.parameters;
  const ratioOf = (isWanted: (found: number) => boolean): number =>
    computeClassRatio({ rows: evidence.rows, classOf: partition.classOf }, isWanted, LARGE_FROM_BYTES);
  const met = ratioOf((found) => isHit(found) === true);
  const alone = ratioOf((found) => isHit(found) === false);
  const told: Evidence[] = [
    {
      text: `${formatPercent(met)} of the large packets that met others of the other direction were lost, ${formatPercent(alone)} of those alone`,
      metric: 'loss.metOtherDirection',
      value: met,
      expected: alone,
    },
    {
      text: 'A full queue would have lost the last of each burst instead, damage on the wire as many of those alone',
      metric: 'loss.metNone',
      value: alone,
      expected: met,
    },
  ];
  const isHitOn = (leg: number) => (found: number) => isHit(found) === true && legOf(found) === leg;
  const forward = ratioOf(isHitOn(LEG.forward));
  const reverse = ratioOf(isHitOn(LEG.reverse));
  if (sent.some((count, found) => count > 0 && isHitOn(LEG.forward)(found))) {
    told.push({
      text: `Of those going there that met others ${formatPercent(forward)} were lost, of those coming back ${formatPercent(reverse)}: the full side loses more`,
      metric: 'loss.metOtherDirection.forward',
      value: forward,
      expected: reverse,
    });
  }
  const isOwnPort = weighLocalDuplex(evidence.observations).isOwnPort;
  const rate = `${Math.round(rateBitsPerSec / 1e6)} Mb/s`;
  return {
    severity: 'critical' as const,
    halfSide: tellHalfSide(explained),
    where: { kind: isOwnPort ? 'first-hop' : 'path' } as Finding['where'],
    direction: 'both' as const,
    evidence: [...told, ...weighLocalDuplex(evidence.observations).evidence],
    advice:
      `One side of a ${rate} link runs half duplex, the other full. Set both ends to auto-negotiate; a side that is forced to full makes ` +
      'its partner fall back to half. Late collisions in the counters of the half side and FCS errors or runts in those of the ' +
      'full side confirm it; a link test after the change must show no loss with both directions loaded.',
  };
}
