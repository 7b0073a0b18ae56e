// Path MTU of each direction (DPLPMTUD, RFC 8899) from the packets of a size search, and what the routers said of it.
import type { Directional, MtuEstimate } from '../../../model/estimates.js';
import type { PathDescription } from '../../../model/path.js';
import type { PathMessage, Trace } from '../../../model/trace.js';
import { computeSizeFates } from './size-fates.js';
import type { SizeFate, SizeFates } from './size-fates.js';
import { readSizeLimit } from './size-limit.js';
import type { SizeLimit, SizeTallies, SizeTally } from './size-limit.js';

/** What the search knows so far; each null where nothing of it passed. */
export interface MtuReading {
  readonly forward: SizeLimit | null;
  /** null, too, where the far end does not count what arrives. */
  readonly reverse: SizeLimit | null;
  /** Packets with DF clear, going. */
  readonly fragments: SizeLimit | null;
  readonly isCounting: boolean;
  /** What the limits stand on; packets that may be fragmented are not in it. */
  readonly tallies: Directional<SizeTallies>;
  /** The part of `tallies` that was sent next to a lost packet of a size that passes: in a spell of loss, as far as one can tell. */
  readonly inSpells: Directional<SizeTallies>;
  /** MTU that a router named; of several the smallest. */
  readonly namedBytes: number | null;
}

type Ceilings = Pick<PathDescription, 'mtuBytes' | 'announcedMtu' | 'replySize'>;

/** `traces` of the size search, in the order of sending. */
export function readMtu(traces: readonly Trace[]): MtuReading {
  const last = traces.at(-1);
  if (last === undefined) return computeReading(traces);
  const known = readingsSeen.get(last);
  if (known?.traces.length === traces.length && known.traces.every((trace, i) => trace === traces[i])) {
    return known.reading;
  }
  const reading = computeReading(traces);
  readingsSeen.set(last, { traces: [...traces], reading });
  return reading;
}

/** A trace never changes, and each step of an examination asks for what the search found; forgotten with the last trace. */
const readingsSeen = new WeakMap<Trace, { readonly traces: readonly Trace[]; readonly reading: MtuReading }>();

function computeReading(traces: readonly Trace[]): MtuReading {
  const { fates, isCounting }: SizeFates = computeSizeFates(traces);
  const hasCome = (fate: SizeFate): boolean | null => (isCounting ? fate.hasArrived : fate.isAnswered);
  const hasReturned = (fate: SizeFate): boolean | null => {
    if (fate.isAnswered) return fate.isWhole ? true : null;
    return fate.hasArrived === true ? false : null;
  };
  const whole = fates.filter(({ mayFragment }) => !mayFragment);
  // Small packets are never fragmented: they are the controls of both kinds of run.
  const least = whole.reduce((size, { sizeBytes }) => Math.min(size, sizeBytes), Infinity);
  const mayFragment = fates.filter((fate) => fate.mayFragment || fate.sizeBytes <= least);
  const going = tallyBySize(whole, hasCome);
  const coming = isCounting ? tallyBySize(fates, hasReturned) : null;
  const forward = readSizeLimit(going);
  const reverse = coming && readSizeLimit(coming);
  const besideForward = selectBesideLoss(whole, forward?.passedBytes ?? 0, hasCome);
  const besideReverse = reverse && selectBesideLoss(fates, reverse.passedBytes, hasReturned);
  return {
    forward,
    reverse,
    tallies: { forward: going, reverse: coming },
    inSpells: {
      forward: tallyBySize(besideForward, hasCome),
      reverse: besideReverse && tallyBySize(besideReverse, hasReturned),
    },
    fragments: readSizeLimit(tallyBySize(mayFragment, hasCome)),
    isCounting,
    namedBytes: findNamed(traces),
  };
}

/** null where nothing passed, or where loss hides whether a size fails for its size. */
export function estimateMtu(traces: readonly Trace[], path: Ceilings): MtuEstimate | null {
  if (traces.length === 0) return null;
  const reading = readMtu(traces);
  const { forward } = reading;
  if (forward === null) return null;
  const { announcedMtu, mtuBytes } = path;
  const isWhole = forward.passedBytes >= mtuBytes;
  if (!isWhole && forward.failedBytes === null) return null;
  const announcedBytes = announcedMtu === undefined ? null : announcedMtu.bytes + 1;
  const failedForward = isWhole ? announcedBytes : forward.failedBytes;
  const reverse = judgeReverse(reading, failedForward === null ? forward.passedBytes : failedForward);
  const announcement = findAnnouncement(traces, path, forward);
  return {
    forwardBytes: forward.passedBytes,
    reverseBytes: reverse?.passedBytes ?? null,
    failedBytes: { forward: failedForward, reverse: reverse?.failedBytes ?? null },
    isAnnounced: failedForward === null ? null : announcement !== null,
    announcement,
    fragmentsPass: failedForward === null ? null : judgeFragments(reading),
  };
}

/** null where a larger reply than the largest that came might pass, and none was asked for or its loss is not explained. */
function judgeReverse({ reverse }: MtuReading, leastTold: number): SizeLimit | null {
  if (reverse === null) return null;
  if (reverse.failedBytes !== null) return reverse;
  return reverse.passedBytes >= leastTold && reverse.suspects.length === 0 ? reverse : null;
}

/** Of round trips: there and back, as the reply is as large, and may be fragmented where the request may. */
function judgeFragments({ forward, fragments }: MtuReading): boolean | null {
  if (fragments === null || forward === null) return null;
  if (fragments.passedBytes > forward.passedBytes) return true;
  return fragments.failedBytes === null ? null : false;
}

function findNamed(traces: readonly Trace[]): number | null {
  const named = traces.flatMap(({ messages }) => messages.flatMap(({ mtuBytes }) => mtuBytes ?? []));
  return named.length === 0 ? null : named.reduce((least, bytes) => Math.min(least, bytes));
}

/** What a router said of the limit that was found; one that named a larger MTU spoke of another place. */
function findAnnouncement(
  traces: readonly Trace[],
  { mtuBytes, announcedMtu }: Ceilings,
  { passedBytes, failedBytes }: SizeLimit,
): MtuEstimate['announcement'] {
  if (passedBytes >= mtuBytes) {
    return announcedMtu === undefined ? null : { from: announcedMtu.from, mtuBytes: announcedMtu.bytes };
  }
  const ceiling = failedBytes ?? mtuBytes;
  const said = traces
    .flatMap(({ messages }) => messages)
    .filter((message) => message.kind === 'packet-too-big' && (message.mtuBytes ?? 0) < ceiling);
  const [closest] = said.sort((a, b) => rankMessage(b, passedBytes) - rankMessage(a, passedBytes));
  return closest === undefined ? null : { from: closest.from, mtuBytes: closest.mtuBytes };
}

/** The one that names what was found first. */
function rankMessage({ mtuBytes }: PathMessage, passedBytes: number): number {
  return mtuBytes === null ? -Infinity : -Math.abs(mtuBytes - passedBytes);
}

type HasPassed = (fate: SizeFate) => boolean | null;

/** Those of which the last one before or the next one behind, of sizes that pass and in the same run, was lost. */
function selectBesideLoss(fates: readonly SizeFate[], passedBytes: number, hasPassed: HasPassed): readonly SizeFate[] {
  const besideLoss = new Set<SizeFate>();
  const pass = (ordered: readonly SizeFate[]): void => {
    let last: SizeFate | null = null;
    for (const fate of ordered) {
      if (last?.run === fate.run && hasPassed(last) === false) besideLoss.add(fate);
      if (fate.sizeBytes <= passedBytes && hasPassed(fate) !== null) last = fate;
    }
  };
  pass(fates);
  pass(fates.toReversed());
  return fates.filter((fate) => besideLoss.has(fate));
}

function tallyBySize(fates: readonly SizeFate[], hasPassed: HasPassed): SizeTallies {
  const tallies = new Map<number, SizeTally>();
  for (const fate of fates) {
    const passed = hasPassed(fate);
    if (passed === null) continue;
    const tally = tallies.get(fate.sizeBytes) ?? { passed: 0, failed: 0, refused: 0 };
    if (passed) tally.passed += 1;
    else tally.failed += 1;
    if (!passed && fate.isRefused) tally.refused += 1;
    tallies.set(fate.sizeBytes, tally);
  }
  return tallies;
}
