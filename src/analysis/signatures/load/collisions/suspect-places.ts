// Where on the path a link may lie on which packets of both directions collide, and whether any distance between lost packets and others
// speaks for one at all.
import { BITS_PER_BYTE, NS_PER_SEC, NS_PER_US } from '../../../../model/units.js';
import type { LoadRows } from '../rows/load-rows.js';
import { findMeetingLags } from './meeting-lags.js';
import type { MeetingLag } from './meeting-lags.js';
import { WIRE_BYTES } from './offered-packets.js';
import { isInScope } from './replayed-collisions.js';

export interface Place {
  /** Of the probe's port where it is crossed first; null where it is the link itself. */
  readonly portBitsPerSec: number | null;
  readonly behindShare: number;
  readonly beforeNs: number;
  readonly beforeSpreadNs: number;
  /** ln of its share of all places. */
  readonly logShare: number;
}

/** The own port. */
const OWN_PORT = 0.25;
/** At either end, behind a few switches at most and the time that hosts take: to stamp what comes, and to answer it. */
const AT_END = [
  { fromEndNs: 3 * NS_PER_US, beforeSpreadNs: 3 * NS_PER_US },
  { fromEndNs: 15 * NS_PER_US, beforeSpreadNs: 8 * NS_PER_US },
  { fromEndNs: 38 * NS_PER_US, beforeSpreadNs: 12 * NS_PER_US },
  { fromEndNs: 70 * NS_PER_US, beforeSpreadNs: 15 * NS_PER_US },
] as const;
const NEXT_TO_PORT = 0.3;
const NEXT_TO_TARGET = 0.2;
/** Anywhere else. */
const ELSEWHERE = 0.25;
/** A port whose speed is not known is as fast as most. */
const USUAL_PORT = 1e9;
/** How exactly a lag is found, as a share of the time of a full frame. */
const LAG_SPREAD = 0.06;
const FULL_FRAME_BYTES = 1514;
/**
 * ln of what the best distance between packets must gain over a loss that knows none. Of the many that are tried one may gain as much by
 * chance; with collisions it gains 7 and more.
 */
const LEAST_GAIN = 4.5;

/** Distances at which packets were lost that others had been sent before or behind. */
export interface Meetings {
  readonly frameNs: number;
  readonly longestNs: number;
  /** Best first. */
  readonly lags: readonly MeetingLag[];
}

export function lookForMeetings(rows: LoadRows, rateBitsPerSec: number): Meetings {
  const frameNs = ((FULL_FRAME_BYTES + WIRE_BYTES) * BITS_PER_BYTE * NS_PER_SEC) / rateBitsPerSec;
  const longestNs = rows.floor.leastNs + rows.floor.nsPerByte * FULL_FRAME_BYTES;
  const large = rows.isSparse.map((_, i) => (isInScope(rows, i, 'telling') ? 1 : 0));
  // Where no large ones were sent the short bursts of small ones tell, less exactly.
  const isLargeSent = large.includes(1);
  const watched = isLargeSent ? large : rows.isSparse.map((_, i) => (isInScope(rows, i, 'dense') ? 1 : 0));
  const lags = findMeetingLags(rows, (i) => watched[i] === 1, { frameNs, longestNs });
  return { frameNs, longestNs, lags };
}

/** `logTold`: ln of how much more probable a link with collisions is by what the own port and its neighbour tell. */
export function mayCollide({ lags }: Meetings, logTold: number): boolean {
  return (lags[0]?.gain ?? 0) + logTold >= LEAST_GAIN;
}

export function listPlaces(
  rateBitsPerSec: number,
  portSpeed: number | null,
  { frameNs, longestNs, lags }: Meetings,
): readonly Place[] {
  const portBitsPerSec = portSpeed ?? USUAL_PORT;
  const isOwn = (portSpeed ?? rateBitsPerSec) === rateBitsPerSec;
  const logShare = Math.log(ELSEWHERE * Math.min(1, frameNs / longestNs));
  const elsewhere = lags.map(({ lagNs }) => ({
    behindShare: 0,
    beforeNs: frameNs - lagNs,
    beforeSpreadNs: LAG_SPREAD * frameNs,
    logShare,
    portBitsPerSec,
  }));
  return [
    ...(isOwn ? listNearPort(null, OWN_PORT) : []),
    ...listNearPort(portBitsPerSec, NEXT_TO_PORT),
    ...listNearTarget(portBitsPerSec),
    ...elsewhere,
  ];
}

function listNearPort(portBitsPerSec: number | null, share: number): readonly Place[] {
  const logShare = Math.log(share / AT_END.length);
  return AT_END.map(({ fromEndNs, beforeSpreadNs }) => ({
    portBitsPerSec,
    behindShare: 1,
    beforeNs: fromEndNs,
    beforeSpreadNs,
    logShare,
  }));
}

function listNearTarget(portBitsPerSec: number): readonly Place[] {
  const logShare = Math.log(NEXT_TO_TARGET / AT_END.length);
  return AT_END.map(({ fromEndNs, beforeSpreadNs }) => ({
    portBitsPerSec,
    behindShare: 0,
    beforeNs: -fromEndNs,
    beforeSpreadNs,
    logShare,
  }));
}
