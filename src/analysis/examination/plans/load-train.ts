// One steady load as a sequence, ours or the far end's, cut to what may still be spent.
import type { PathDescription } from '../../../model/path.js';
import type { Pattern, Sequence } from '../../../model/sequence.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC } from '../../../model/units.js';
import { fitCount } from './allowance.js';
import { computeLightSize, computeLingerNs } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';
import { BOTH_WAYS, nameSequence } from '../readings/maximum-readings.js';
import type { LoadRole, Way } from '../readings/maximum-readings.js';

/** Largest IP packet used, so that jumbo frames do not make a short load one of a few packets. */
const LARGEST_PACKET = 1500;
/** Fewer tell no rate. */
const LEAST_LOAD_PACKETS = 20;
/** Replies are waited for half as long as elsewhere: those that come meanwhile tell the rate. */
const PATIENCE_SHARE = 0.5;
const LEAST_LINGER_NS = 120 * NS_PER_MS;
const BURST_LINGER_NS = 300 * NS_PER_MS;
const LONGEST_DRAIN_NS = 400 * NS_PER_MS;
const LOAD_QUIET_NS = 60 * NS_PER_MS;

export interface LoadPlan {
  readonly role: LoadRole;
  readonly number: number;
  /** Of IP packets; Infinity for the fewest packets that tell a rate, back to back. */
  readonly rateBitsPerSec: number;
  readonly durationNs: number;
  readonly sizeBytes: number;
  /** A load shorter than this is not worth sending. */
  readonly leastNs: number;
}

/** null where nothing worth sending is left of it. */
export function planLoadTrain(knowledge: Knowledge, way: Way, plan: LoadPlan): Sequence | null {
  const { allowance, path } = knowledge;
  const { role, number, rateBitsPerSec, durationNs, sizeBytes, leastNs } = plan;
  const gapNs = computeGapNs(sizeBytes, rateBitsPerSec);
  const wanted = Math.max(LEAST_LOAD_PACKETS, Math.ceil(durationNs / Math.max(1, gapNs)));
  // Silence ends it sooner: a burst waits for what a slow line still brings.
  const lingerNs = gapNs === 0 ? Math.max(BURST_LINGER_NS, computePatience(knowledge)) : computePatience(knowledge);
  const room = { ...allowance, ns: allowance.ns - lingerNs };
  const count = fitCount(wanted, sizeBytes + ETHERNET_HEADER_BYTES, gapNs, room);
  if (count < LEAST_LOAD_PACKETS || count * gapNs < leastNs) return null;
  const load = buildTrain(count, gapNs, sizeBytes);
  const common = {
    id: nameSequence(way, role, number),
    dscp: 0,
    dontFragment: false,
    lingerNs,
    quietNs: LOAD_QUIET_NS,
  };
  if (way === 'out') return { ...common, pattern: load };
  return { ...common, pattern: { kind: 'single', sizeBytes: computeLightSize(path) }, farPattern: load };
}

export interface LoadsBothWays extends Pick<LoadPlan, 'role' | 'number' | 'sizeBytes' | 'durationNs'> {
  readonly outBitsPerSec: number;
  /** Of the far end's own packets, which come back beside the replies. */
  readonly backBitsPerSec: number;
  /** How long the longer of the two queues may still send behind it. */
  readonly drainNs: number;
}

/** Both ends at once. null where they cannot be paid whole: shorter ones one after the other tell more. */
export function planLoadsBothWays(knowledge: Knowledge, plan: LoadsBothWays): Sequence | null {
  const { role, number, sizeBytes, durationNs, outBitsPerSec, backBitsPerSec, drainNs } = plan;
  const [out, back] = [outBitsPerSec, backBitsPerSec].map((rateBitsPerSec) => {
    const gapNs = computeGapNs(sizeBytes, rateBitsPerSec);
    return buildTrain(Math.ceil(durationNs / gapNs), gapNs, sizeBytes);
  });
  if (out === undefined || back === undefined) return null;
  // A reply tells when its request came, however late it is itself.
  const lingerNs = Math.round(computePatience(knowledge) + Math.min(LONGEST_DRAIN_NS, drainNs));
  const sequence: Sequence = {
    id: nameSequence(BOTH_WAYS, role, number),
    dscp: 0,
    dontFragment: false,
    lingerNs,
    quietNs: LOAD_QUIET_NS,
    pattern: out,
    // A few more packets are nothing that would fill the way back.
    ...(back.packetsPerTrain < LEAST_LOAD_PACKETS ? {} : { farPattern: back }),
  };
  const { allowance } = knowledge;
  const packets = out.packetsPerTrain + back.packetsPerTrain;
  const isPaid =
    packets <= allowance.packets &&
    packets * (sizeBytes + ETHERNET_HEADER_BYTES) <= allowance.bytes &&
    durationNs + lingerNs <= allowance.ns;
  return isPaid ? sequence : null;
}

function buildTrain(count: number, gapNs: number, sizeBytes: number): Extract<Pattern, { kind: 'train' }> {
  return { kind: 'train', trains: 1, packetsPerTrain: count, gapNs, spacingNs: 0, sizeBytes };
}

/** ns from packet to packet. */
function computeGapNs(sizeBytes: number, rateBitsPerSec: number): number {
  return Math.round((sizeBytes * BITS_PER_BYTE * NS_PER_SEC) / rateBitsPerSec);
}

function computePatience({ traces, allowance }: Knowledge): number {
  const patienceNs = Math.max(LEAST_LINGER_NS, PATIENCE_SHARE * computeLingerNs(traces));
  return Math.round(Math.min(allowance.ns / 3, patienceNs));
}

/** IP length of the packets of a load. */
export function computeLoadSize({ mtuBytes }: PathDescription): number {
  return Math.min(mtuBytes, LARGEST_PACKET);
}
