// Which sizes to send next in search of the largest that pass (DPLPMTUD, RFC 8899): the port's own MTU first, then the sizes that
// networks use, then a search between the largest that passed and the smallest that failed, and each failure again until chance
// is no explanation. Going first, then coming back, where the far end counts what arrives.
import type { Sequence } from '../../../model/sequence.js';
import { ETHERNET_HEADER_BYTES, NS_PER_MS } from '../../../model/units.js';
import { readMtu } from '../../estimators/loss/mtu.js';
import type { MtuReading } from '../../estimators/loss/mtu.js';
import { FRAGMENTS_ID } from '../../estimators/loss/size-fates.js';
import { computeRoundTrips } from '../../estimators/round-trip-times.js';
import { computePercentile, sortAscending } from '../../statistics/quantile.js';
import { computeLeastIntervalNs, computeLightSize } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';
import { planSizeRound } from '../plans/size-search.js';
import type { SizeRound } from '../plans/size-search.js';

/** Fewest probes a second that the search is worth its time with. */
const LEAST_PROBES_PER_SEC = 10;
const INTERVAL_NS = 4 * NS_PER_MS;
/** With three tries 18 small packets: three losses among so many that pass are no chance (Fisher, 1 in 1330). */
const FIRST_LIGHTS = 6;
/** Runs, however lossy the path; bytes for each 1500 of the port's MTU. */
const MOST_RUNS = 24;
/** Runs of which nothing came back, before the path counts as gone. */
const MOST_SILENT_RUNS = 2;
const MOST_FRAGMENT_RUNS = 3;
const MOST_BYTES = { quick: 60_000, normal: 150_000, deep: 500_000 } as const;
/** Share of what is left that one run may take from an examination of everything. */
const MOST_TIME_SHARE = 0.3;
const LEAST_LINGER_NS = 50 * NS_PER_MS;
/** A large packet takes as much longer than a small one as it is larger, where a slow link makes up the round trip. */
const SLOWER = 16;
/** As far as that goes: below 128 kb/s the last run of a search, which waits longer, corrects what came late. */
const MOST_SLOWER_NS = 250 * NS_PER_MS;
const LAST_LINGER_NS = 400 * NS_PER_MS;
/** Largest packet sent to be fragmented, unless that is what failed. */
const USUAL_BYTES = 1500;
/** Jumbo frames end here. */
const MOST_PORT_BYTES = 9216;

export function planMtu(knowledge: Knowledge): Sequence | null {
  const { path, traces } = knowledge;
  if (path.maxProbesPerSec !== null && path.maxProbesPerSec < LEAST_PROBES_PER_SEC) return null;
  if (traces.mtu.length >= MOST_RUNS) return null;
  const reading = readMtu(traces.mtu);
  if (reading.forward === null && traces.mtu.length >= MOST_SILENT_RUNS) return null;
  const { namedBytes } = reading;
  const going = planSizeRound(reading.forward, { ceilingBytes: path.mtuBytes, namedBytes });
  if (going !== null) return planRun(knowledge, { ...going, mayFragment: false });
  return planFragments(knowledge, reading) ?? planReturn(knowledge, reading);
}

/** Some of a size that fails, with DF clear; only routers of IPv4 fragment. */
function planFragments(knowledge: Knowledge, { forward, fragments }: MtuReading): Sequence | null {
  const target = computeFragmentedBytes(knowledge, forward?.failedBytes ?? null);
  if (target === null) return null;
  const isKnown = fragments !== null && (fragments.passedBytes >= target || fragments.failedBytes !== null);
  const tries = knowledge.traces.mtu.filter(({ sequenceId }) => sequenceId === FRAGMENTS_ID).length;
  if (isKnown || tries >= MOST_FRAGMENT_RUNS) return null;
  return planRun(knowledge, { id: FRAGMENTS_ID, sizesBytes: [target], tries: 2, isLast: tries > 0, mayFragment: true });
}

/** What is sent with DF clear: something that fails with DF set. null where nothing does, or nobody fragments. */
function computeFragmentedBytes({ path }: Knowledge, failedBytes: number | null): number | null {
  const portBytes = Math.min(path.port.mtuBytes, MOST_PORT_BYTES);
  const refusedBytes = failedBytes ?? path.announcedMtu?.refusedBytes ?? null;
  if (refusedBytes === null || path.target.address.includes(':')) return null;
  return Math.min(portBytes, Math.max(refusedBytes, USUAL_BYTES));
}

/** Replies are as large as requests: those above the forward MTU come of requests that were fragmented. */
function planReturn(knowledge: Knowledge, { forward, reverse, fragments }: MtuReading): Sequence | null {
  if (forward === null || reverse === null) return null;
  const largest = Math.max(forward.passedBytes, fragments?.passedBytes ?? 0);
  const coming = planSizeRound(reverse, { ceilingBytes: largest, namedBytes: null });
  if (coming === null) return null;
  const mayFragment = coming.sizesBytes.some((size) => size > forward.passedBytes);
  return planRun(knowledge, { ...coming, id: mayFragment ? `${FRAGMENTS_ID}-back` : `${coming.id}-back`, mayFragment });
}

interface RunPlan extends SizeRound {
  readonly mayFragment: boolean;
}

/** The round among small packets, one more than it has sizes, so that hardly two large ones stand together; null where it costs too much. */
function planRun(knowledge: Knowledge, plan: RunPlan): Sequence | null {
  const { request, path, traces, allowance } = knowledge;
  const { id, sizesBytes, tries, isLast, mayFragment } = plan;
  const lightCount = traces.mtu.length === 0 ? FIRST_LIGHTS : sizesBytes.length + 1;
  const all = [...Array.from({ length: lightCount }, () => computeLightSize(path)), ...sizesBytes];
  const bytes = tries * all.reduce((sum, size) => sum + size + ETHERNET_HEADER_BYTES, 0);
  const intervalNs = Math.max(INTERVAL_NS, computeLeastIntervalNs(path));
  const lingerNs = computeSizeLingerNs(knowledge) + (isLast ? LAST_LINGER_NS : 0);
  const spentBytes = traces.mtu.reduce((sum, { cost }) => sum + cost.bytes, 0);
  const mostBytes = (MOST_BYTES[request.depth] * Math.max(USUAL_BYTES, path.mtuBytes)) / USUAL_BYTES;
  const mostNs = allowance.ns * (request.quantity === 'mtu' ? 1 : MOST_TIME_SHARE);
  const packets = tries * all.length;
  if (bytes > allowance.bytes || spentBytes + bytes > mostBytes) return null;
  if (packets > allowance.packets || packets * intervalNs + lingerNs > mostNs) return null;
  return {
    id,
    pattern: {
      kind: 'size-sweep',
      sizesBytes: all,
      repeats: tries,
      intervalNs,
      seed: request.seed + traces.mtu.length,
    },
    dscp: 0,
    dontFragment: !mayFragment,
    lingerNs,
  };
}

/** What a large packet may take where small ones show how long the way is. */
function computeSizeLingerNs({ traces }: Knowledge): number {
  const rtts = [...traces.reach, ...traces.delay].flatMap((trace) => Array.from(computeRoundTrips(trace).rttNs));
  if (rtts.length === 0) return LAST_LINGER_NS;
  const slow = computePercentile(sortAscending(rtts), 0.99);
  return Math.max(LEAST_LINGER_NS, Math.min(SLOWER * slow, 4 * slow + MOST_SLOWER_NS));
}
