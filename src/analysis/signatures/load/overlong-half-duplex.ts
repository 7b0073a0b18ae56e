// Both sides run half duplex, but the cable is longer than a collision may take to be heard: 512 bit times there and back (IEEE 802.3,
// 4.2.3.2). Who starts while the other's first bits are under way learns of it too late, and both frames are given up, in both directions
// alike and whatever their size.
import { formatPercent } from '../observations.js';
import { computeClassRatio, isHit } from './collisions/collision-classes.js';
import type { Explained, LoadHypothesis } from './load-hypothesis.js';
import { NEXT_TO_NOTHING } from './weighing/loss-grid.js';
import { areInstantsKnown, listSuspectRates } from './collisions/replayed-collisions.js';
import { expectReplayedLoss, partitionByReplay } from './collisions/suspect-links.js';

/** From the longest that still works to ten kilometres and more, in slots of 512 bits, one way; those between are tried beside the likeliest. */
const LENGTHS_SLOTS = [0.55, 0.8, 1.25, 2, 3.4, 6, 10.5, 19, 34] as const;
const ALONE_RATIOS = [NEXT_TO_NOTHING, 2e-3, 0.01, 0.04, 0.1, 0.2] as const;

export const OVERLONG_HALF_DUPLEX: LoadHypothesis = {
  condition: 'overlong-half-duplex',
  family: 'alone',
  needs: 'met',
  prior: 0.006,
  partition: ({ rows, observations: { path } }) => {
    // Nothing but instants tells it from a mismatch.
    if (!listSuspectRates(rows, path.replySize).some((rate) => areInstantsKnown(rows, rate))) return [];
    const links = LENGTHS_SLOTS.map((slots) => ({
      propagationSlots: slots,
      isNearHalf: true,
      isFarHalf: true,
      logTold: 0,
      logWeight: -Math.log(LENGTHS_SLOTS.length),
    }));
    return partitionByReplay(rows, path, links, ALONE_RATIOS);
  },
  expectLoss: expectReplayedLoss,
  describe: describeOverlong,
};

function describeOverlong({ partition, reading, evidence }: Explained) {
  const judged = { rows: evidence.rows, classOf: partition.classOf };
  const met = computeClassRatio(judged, (found) => isHit(found) === true);
  const alone = computeClassRatio(judged, (found) => isHit(found) === false);
  const { rateBitsPerSec = 100e6 } = reading.parameters;
  return {
    severity: 'critical' as const,
    where: { kind: 'path' as const },
    evidence: [
      {
        text:
          `${formatPercent(met)} of the packets that met packets of the other direction were lost, ${formatPercent(alone)} of the others, ` +
          'small ones as large ones and there as back: collisions that are heard too late',
        metric: 'loss.metOtherDirection',
        value: met,
        expected: alone,
      },
    ],
    advice:
      `Measure the cable of the half-duplex link at ${Math.round(rateBitsPerSec / 1e6)} Mb/s and count its repeaters: 100 m of copper a segment, ` +
      'and no more delay than 512 bits there and back. Full duplex at both ends has no such limit. Late collisions at both ends confirm it.',
  };
}
