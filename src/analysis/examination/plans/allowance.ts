// What an examination may still spend, and what a sequence would spend of it.
import { BITS_PER_BYTE, NS_PER_SEC } from '../../../model/units.js';
import type { ExaminationRequest } from '../../../model/examination.js';
import type { Cost } from '../../../model/sequence.js';

export interface Allowance {
  readonly packets: number;
  readonly bytes: number;
  readonly ns: number;
}

/** No request is served with more packets than this: two seconds at 2 Gb/s, or days of light probing. */
export const MAX_PACKETS = 400_000;
/** Kept back for address resolution and for what a run takes beyond its plan. */
const RESERVE = { packets: 16, bytes: 2_000, ns: 0.3 * NS_PER_SEC };

/**
 * The request's bounds (usually those of its depth, DEPTH_BUDGET), less what was spent. Never below 0. With `maxLinkShare` the bytes
 * are also bounded by that share of what the link carries in the time allowed; `linkBitsPerSec` is the narrow link's rate, else
 * the port's, null where neither is known.
 */
export function computeAllowance(
  request: ExaminationRequest,
  spent: Cost,
  { elapsedNs, linkBitsPerSec }: { readonly elapsedNs: number; readonly linkBitsPerSec: number | null },
): Allowance {
  return {
    packets: Math.max(0, MAX_PACKETS - spent.packets - RESERVE.packets),
    bytes: Math.max(
      0,
      Math.min(request.maxBytes, computeShareBytes(request, linkBitsPerSec)) - spent.bytes - RESERVE.bytes,
    ),
    ns: Math.max(0, request.maxSeconds * NS_PER_SEC - elapsedNs - RESERVE.ns),
  };
}

/** Since the examination began, as far as the allowance tells, ns. */
export function computeElapsedNs({ maxSeconds }: ExaminationRequest, { ns }: Allowance): number {
  return maxSeconds * NS_PER_SEC - RESERVE.ns - ns;
}

function computeShareBytes({ maxLinkShare, maxSeconds }: ExaminationRequest, linkBitsPerSec: number | null): number {
  if (maxLinkShare === undefined || linkBitsPerSec === null) return Infinity;
  return (maxLinkShare * linkBitsPerSec * maxSeconds) / BITS_PER_BYTE;
}

/** How many of `wanted` packets of this frame size, one each `intervalNs`, the allowance still holds with this linger. */
export function fitCount(wanted: number, frameBytes: number, intervalNs: number, room: Allowance): number {
  const byTime = intervalNs > 0 ? Math.floor(Math.max(0, room.ns) / intervalNs) : wanted;
  return Math.max(0, Math.min(wanted, room.packets, Math.floor(room.bytes / frameBytes), byTime));
}
