// Where the smallest delay of a path jumps: another route, whose longer way is no queue. Told from a queue that fills by its
// suddenness and by how sharply the delays lie at the new floor; a queue kept full by others from one packet to the next
// cannot be told from a longer way by delays.
import { computePercentile, sortAscending } from '../../statistics/quantile.js';

export interface DelaySamples {
  /** In the order of sending. */
  readonly delayNs: Float64Array;
  /** TTL of each reply; 0 where unknown. */
  readonly replyTtl: Uint8Array;
}

/** Rows from `from` up to, not including, `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Shortest stay on a route that is recognised. */
const LEAST_SAMPLES = 15;
/** A split by chance is less likely than this. */
const CHANCE = 1e-6;
/** Delays gather within this share of the jump above the higher floor, and came from or to the lower one at once. */
const SHARPNESS = 0.25;
const AT_ONCE = 3;
/** Smaller jumps than this move no figure, ns. */
const LEAST_JUMP_NS = 2_000;

/** Stretches between changes, in order; all samples are in one of them. */
export function splitAtRouteChanges(samples: DelaySamples): Stretch[] {
  return splitStretch(samples, { from: 0, to: samples.delayNs.length });
}

/** Ends: each part is shorter than the whole. */
function splitStretch(samples: DelaySamples, whole: Stretch): Stretch[] {
  const at = findChange(samples, whole);
  if (at === null) return [whole];
  return [...splitStretch(samples, { from: whole.from, to: at }), ...splitStretch(samples, { from: at, to: whole.to })];
}

/** The place of the largest jump of the floor, each weighed by how little chance explains it. */
function findChange({ delayNs, replyTtl }: DelaySamples, { from, to }: Stretch): number | null {
  const delays = delayNs.subarray(from, to);
  const floorAfter = new Float64Array(delays.length + 1).fill(Infinity);
  for (let i = delays.length - 1; i >= 0; i -= 1) {
    floorAfter[i] = Math.min(floorAfter[i + 1] ?? Infinity, delays[i] ?? Infinity);
  }
  let best = { at: -1, weight: 0 };
  let floorBefore = Infinity;
  for (let at = 0; at <= delays.length - LEAST_SAMPLES; at += 1) {
    const jumpNs = Math.abs((floorAfter[at] ?? 0) - floorBefore);
    if (at >= LEAST_SAMPLES && jumpNs > LEAST_JUMP_NS) {
      const logChance = computeLogChance(delays, at, { floorBefore, floorAfter: floorAfter[at] ?? 0 });
      const weight = logChance < Math.log(CHANCE) ? -logChance * jumpNs : 0;
      if (weight > best.weight) best = { at, weight };
    }
    floorBefore = Math.min(floorBefore, delays[at] ?? Infinity);
  }
  if (best.at < 0) return null;
  const at = from + best.at;
  if (haveOtherTtl(replyTtl.subarray(from, at), replyTtl.subarray(at, to))) return at;
  return isJump(delays.subarray(0, best.at), delays.subarray(best.at)) ? at : null;
}

/** If nothing had changed, the smallest delays of all, those below the other side's floor, would be on one side by chance only. */
function computeLogChance(
  delays: Float64Array,
  at: number,
  floors: { readonly floorBefore: number; readonly floorAfter: number },
): number {
  const isUp = floors.floorAfter > floors.floorBefore;
  const floorNs = Math.max(floors.floorBefore, floors.floorAfter);
  const end = isUp ? at : delays.length;
  let below = 0;
  for (let i = isUp ? 0 : at; i < end; i += 1) if ((delays[i] ?? 0) < floorNs) below += 1;
  return below * Math.log((isUp ? at : delays.length - at) / delays.length);
}

function isJump(before: Float64Array, after: Float64Array): boolean {
  const isUp = least(after) > least(before);
  const [low, high] = isUp ? [before, after] : [after, before];
  const floorNs = least(high);
  const jumpNs = floorNs - least(low);
  const isSharp = computePercentile(sortAscending(high), 0.25) - floorNs <= SHARPNESS * jumpNs;
  const besideLow = isUp ? before.subarray(-AT_ONCE) : after.subarray(0, AT_ONCE);
  const isSudden = least(besideLow) - least(low) <= SHARPNESS * jumpNs;
  return isSharp && isSudden;
}

function least(values: Float64Array): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

/** Known on both sides, the same within each, and different. */
function haveOtherTtl(before: Uint8Array, after: Uint8Array): boolean {
  const [one, ...others] = new Set(before);
  const [two, ...more] = new Set(after);
  return others.length === 0 && more.length === 0 && one !== two && one !== 0 && two !== 0;
}
