// Packets took another way in the middle of the examination: the smallest delay jumped, or the replies crossed another number of
// routers. Harmless by itself; what it means for the other figures is said.
import { formatFigure, TIME } from '../../model/figures.js';
import type { Evidence, Finding } from '../../model/report.js';
import { collectOneWaySamples } from '../estimators/delay/one-way-samples.js';
import type { OneWaySamples } from '../estimators/delay/one-way-samples.js';
import { splitAtRouteChanges } from '../estimators/delay/route-changes.js';
import type { Stretch } from '../estimators/delay/route-changes.js';
import { listAnsweredRows } from '../estimators/packet-fate.js';
import { selectOneStampSource } from '../estimators/round-trip-times.js';
import type { Trace } from '../../model/trace.js';
import { computePosterior, formatCount } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** Examinations in which a route changes: a path has a change every few hours (Paxson 1997), one that is flapping many. */
const PRIOR = 0.002;
/** A jump of the floor that stays and is sharp: after a change of route, and by other traffic alone. */
const JUMP = { changed: 0.9, same: 2e-4 } as const;
/** Another TTL of the replies: half of the changes are on the way back and change the number of routers. */
const OTHER_TTL = { changed: 0.4, same: 1e-4 } as const;
/** Of a jump one direction has at least this share where the far end's stamps tell them apart. */
const MOST_OF_IT = 0.75;
/** Shortest stay that counts. A queue that others keep filled for a while is over sooner, as a rule. */
const LEAST_SAMPLES = 15;
const LEAST_STAY_NS = 300_000_000;
/**
 * Hosts are as much slower or quicker for a while: a machine that sleeps between packets by what its deepest sleep takes to leave (tables of
 * Linux's intel_idle driver: up to 0.2 ms), a port by the time for which it gathers packets, a guest on another core. A way longer by
 * that is 20 km more of fibre: as common, and nobody's trouble.
 */
const LEAST_JUMP_NS = 200_000;

export function judgeRouteChange({ light, byPhase }: Observations): Judgement | null {
  const even = byPhase.delay.length > 0 ? byPhase.delay : byPhase.reach;
  const small = selectOneStampSource([...light, ...byPhase.spacing, ...byPhase.look]);
  const samples = collectOneWaySamples(small, even[0]?.sizeBytes[0] ?? 0);
  const stretches = splitAtRouteChanges({ delayNs: samples.rttNs, replyTtl: samples.replyTtl });
  const jumps = joinSmallJumps(samples, joinShort(samples, stretches));
  const hasJump = jumps.length > 1;
  const replyTtl = listTtls(Object.values(byPhase).flat());
  const stays = splitByTtl(replyTtl);
  const hasOtherTtl = stays.length > 1;
  if (!hasJump && !hasOtherTtl) return null;
  const weigh = (hypothesis: 'changed' | 'same'): number =>
    Math.log(hasJump ? JUMP[hypothesis] : 1 - JUMP[hypothesis]) +
    Math.log(hasOtherTtl ? OTHER_TTL[hypothesis] : 1 - OTHER_TTL[hypothesis]);
  const probability = computePosterior([Math.log(PRIOR) + weigh('changed'), Math.log(1 - PRIOR) + weigh('same')]);
  const finding: Finding = {
    condition: 'route-change',
    probability,
    severity: 'info',
    where: { kind: 'path' },
    direction: hasJump ? findDirection(samples, jumps) : 'reverse',
    evidence: [...describeJumps(samples, jumps), ...describeTtls(replyTtl, stays)],
    advice:
      'Nothing to do for one change. Where it happens again and again, look for a link that goes up and down, and ask the provider ' +
      'for the log of its routing. Figures of delay before and after the change do not belong together.',
    confirm: 'apparenet path, now and later, shows which hop differs.',
  };
  return { condition: 'route-change', probability, finding };
}

/** Short ones belong to what came before, or after where they are the first. */
function joinShort({ sentNs }: OneWaySamples, stretches: readonly Stretch[]): Stretch[] {
  const joined: Stretch[] = [];
  for (const next of stretches) {
    const before = joined.at(-1);
    const isShort = ({ from, to }: Stretch): boolean => (sentNs[to - 1] ?? 0) - (sentNs[from] ?? 0) < LEAST_STAY_NS;
    if (before === undefined || !(isShort(before) || isShort(next))) joined.push(next);
    else joined[joined.length - 1] = { from: before.from, to: next.to };
  }
  return joined;
}

/** The stretches without those borders at which hosts may have changed instead. */
function joinSmallJumps({ rttNs }: OneWaySamples, stretches: readonly Stretch[]): Stretch[] {
  const joined: Stretch[] = [];
  for (const next of stretches) {
    const before = joined.at(-1);
    const jumpNs = before === undefined ? Infinity : Math.abs(findLeast(rttNs, next) - findLeast(rttNs, before));
    if (before === undefined || jumpNs > LEAST_JUMP_NS) joined.push(next);
    else joined[joined.length - 1] = { from: before.from, to: next.to };
  }
  return joined;
}

/** Of all replies, in the order of sending. */
function listTtls(traces: readonly Trace[]): Uint8Array {
  const inOrder = traces.toSorted((a, b) => (a.baseNs < b.baseNs ? -1 : 1));
  return Uint8Array.from(inOrder.flatMap((trace) => listAnsweredRows(trace).map((row) => trace.replyTtl[row] ?? 0)));
}

/** Stretches of one TTL each that last; none where it is unknown or goes to and fro packet by packet, as over parallel ways. */
function splitByTtl(replyTtl: Uint8Array): Stretch[] {
  const runs: Stretch[] = [];
  let from = 0;
  for (let i = 1; i <= replyTtl.length; i += 1) {
    if (i < replyTtl.length && replyTtl[i] === replyTtl[from]) continue;
    runs.push({ from, to: i });
    from = i;
  }
  const isKnown = replyTtl.every((ttl) => ttl > 0);
  return isKnown && runs.every((run) => run.to - run.from >= LEAST_SAMPLES) ? runs : [];
}

function findLeast(values: Float64Array, { from, to }: Stretch): number {
  return values.subarray(from, to).reduce((least, value) => Math.min(least, value), Infinity);
}

/** How much a column's floor rose from the first stretch to the second; NaN where a stamp is missing. */
function computeRise(values: Float64Array, [before, after]: readonly Stretch[]): number {
  return before === undefined || after === undefined
    ? Number.NaN
    : findLeast(values, after) - findLeast(values, before);
}

function findDirection(
  { forwardNs, reverseNs, rttNs }: OneWaySamples,
  stretches: readonly Stretch[],
): Finding['direction'] {
  const wholeNs = computeRise(rttNs, stretches);
  const shares = [forwardNs, reverseNs].map((column) => computeRise(column, stretches) / wholeNs);
  const [forward = Number.NaN, reverse = Number.NaN] = shares;
  if (!Number.isFinite(forward) || !Number.isFinite(reverse)) return 'unknown';
  return forward >= MOST_OF_IT ? 'forward' : reverse >= MOST_OF_IT ? 'reverse' : 'both';
}

function describeJumps({ rttNs, sentNs }: OneWaySamples, stretches: readonly Stretch[]): Evidence[] {
  const [first, second] = stretches;
  if (first === undefined || second === undefined) return [];
  const [beforeNs, afterNs] = [findLeast(rttNs, first), findLeast(rttNs, second)];
  const at = formatFigure(sentNs[second.from] ?? 0, TIME);
  const text =
    `The smallest round trip went from ${formatFigure(beforeNs, TIME)} to ${formatFigure(afterNs, TIME)} at once, ${at} after the ` +
    `first packet${stretches.length > 2 ? `, the first of ${formatCount(stretches.length - 1, 'change')}` : ''}`;
  return [{ text, metric: 'rtt.minNs', value: afterNs, expected: beforeNs }];
}

function describeTtls(replyTtl: Uint8Array, stretches: readonly Stretch[]): Evidence[] {
  const [first, second] = stretches;
  if (first === undefined || second === undefined) return [];
  const [before = 0, after = 0] = [replyTtl[first.from], replyTtl[second.from]];
  const text = `Replies came with TTL ${before}, then with ${after}: another number of routers on the way back`;
  return [{ text, metric: 'replyTtl', value: after, expected: before }];
}
