// Which links on which packets collide explain best what was lost, and what their replay says of each packet: the partitions of all
// hypotheses that collide. What such a link is, is in their files.
import type { PathDescription } from '../../../../model/path.js';
import { NS_PER_SEC } from '../../../../model/units.js';
import { COLLISION_CLASSES, listCollisionRatios } from './collision-classes.js';
import { findLikelyLinks } from './likely-links.js';
import type { Experiment, Parameters, Partition } from '../load-hypothesis.js';
import type { LoadRows } from '../rows/load-rows.js';
import { classifyCollisions, listSuspectRates } from './replayed-collisions.js';
import { listPlaces, lookForMeetings, mayCollide } from './suspect-places.js';
import type { Place } from './suspect-places.js';
import { AFTER_LOSS_RATIO, FIRMNESS, spreadOverLegs, TRAIN_RATIO } from './weigh-links.js';
import type { LinkCandidate } from './weigh-links.js';

const SLOT_BITS = 512;

export interface SuspectKind {
  /** One way, in slots of 512 bits. */
  readonly propagationSlots: number;
  readonly isNearHalf: boolean;
  readonly isFarHalf: boolean;
  /** ln of its share of the hypothesis's prior, with what speaks for it beside packets. */
  readonly logWeight: number;
  /** ln of how much more probable it is by what the own port and its neighbour tell. */
  readonly logTold: number;
}

/** Fewer losses of packets that no queue drops cannot tell collisions from anything else. */
const LEAST_LOSSES = 3;

export function partitionByReplay(
  rows: LoadRows,
  { replySize, minSizeBytes, port }: PathDescription,
  kinds: readonly SuspectKind[],
  aloneRatios: readonly number[],
): readonly Partition[] {
  if (countSparseLosses(rows) < LEAST_LOSSES) return [];
  const replyBytes = replySize === 'same' ? null : minSizeBytes;
  const logTold = kinds.reduce((most, kind) => Math.max(most, kind.logTold), 0);
  const links = listSuspectRates(rows, replySize).flatMap((rate) => {
    const meetings = lookForMeetings(rows, rate);
    if (!mayCollide(meetings, logTold)) return [];
    const places = listPlaces(rate, port.speedBitsPerSec, meetings);
    return kinds.flatMap((kind) => listLinks(rate, kind, places));
  });
  if (links.length === 0) return [];
  return findLikelyLinks(rows, links, replyBytes).flatMap(({ link, logWeight, propagationSlots }): Partition[] => {
    const classOf = classifyCollisions(rows, link, { replyBytes, scope: 'all' });
    if (classOf === null) return [];
    const { rateBitsPerSec, isNearHalf, behindShare, beforeNs } = link;
    const parameters = {
      rateBitsPerSec,
      isNearHalf: isNearHalf ? 1 : 0,
      propagationSlots,
      behindShare,
      beforeNs,
    };
    return [
      {
        classOf,
        classes: COLLISION_CLASSES,
        firmness: FIRMNESS,
        readings: aloneRatios.flatMap((alone) =>
          [0, AFTER_LOSS_RATIO].map((after) => ({
            lossRatios: listCollisionRatios({ alone: spreadOverLegs(alone, link), after, train: TRAIN_RATIO }),
            logWeight: logWeight - Math.log(2 * aloneRatios.length),
            direction: 'both' as const,
            parameters: { ...parameters, alone },
          })),
        ),
      },
    ];
  });
}

function listLinks(rateBitsPerSec: number, kind: SuspectKind, places: readonly Place[]): readonly LinkCandidate[] {
  const { propagationSlots, isNearHalf, isFarHalf } = kind;
  const propagationNs = (propagationSlots * SLOT_BITS * NS_PER_SEC) / rateBitsPerSec;
  return places.map(({ logShare, ...place }) => ({
    link: { rateBitsPerSec, propagationNs, isNearHalf, isFarHalf, ...place },
    propagationSlots,
    logWeight: kind.logWeight + logShare,
  }));
}

function countSparseLosses({ count, isSparse, isMute, isLost }: LoadRows): number {
  let losses = 0;
  for (let i = 0; i < count; i += 1) if (isSparse[i] === 1 && isMute[i] === 0) losses += isLost[i] ?? 0;
  return losses;
}

/** Of evenly or randomly paced packets so many meet others and are lost. */
const TWO_WAY_LOSS = { large: 0.4, small: 0.3 } as const;
const SMALL_BELOW_BYTES = 400;

export function expectReplayedLoss({ alone = 0 }: Parameters, { isTwoWay, sizeBytes }: Experiment): number {
  if (!isTwoWay) return alone;
  return sizeBytes < SMALL_BELOW_BYTES ? TWO_WAY_LOSS.small : TWO_WAY_LOSS.large;
}
