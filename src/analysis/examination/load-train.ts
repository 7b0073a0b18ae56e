// One steady load as a sequence, ours or the far end's, cut to what may still be spent.
import type { PathDescription } from '../../model/path.js';
import type { Pattern, Sequence } from '../../model/sequence.js';
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC } from '../../model/units.js';
import { fitCount } from './allowance.js';
import { computeLightSize, computeLingerNs } from './knowledge.js';
import type { Knowledge } from './knowledge.js';
import { nameSequence } from './maximum-readings.js';
import type { LoadRole, Way } from './maximum-readings.js';

/** Largest IP packet used, so that jumbo frames do not make a short load one of a few packets. */
const LARGEST_PACKET = 1500;
/** Fewer tell no rate. */
export const LEAST_LOAD_PACKETS = 20;
/** Replies are waited for half as long as elsewhere: those that come meanwhile tell the rate. */
const PATIENCE_SHARE = 0.5;
const LEAST_LINGER_NS = 120 * NS_PER_MS;

export interface LoadPlan {
  readonly role: LoadRole;
  readonly number: number;
  /** Of IP packets. */
  readonly rateBitsPerSec: number;
  readonly durationNs: number;
  readonly sizeBytes: number;
  /** A load shorter than this is not worth sending. */
  readonly leastNs: number;
}

/** null where nothing worth sending is left of it. */
export function planLoadTrain(knowledge: Knowledge, way: Way, plan: LoadPlan): Sequence | null {
  const { traces, allowance, path } = knowledge;
  const { role, number, rateBitsPerSec, durationNs, sizeBytes, leastNs } = plan;
  const gapNs = Math.round((sizeBytes * BITS_PER_BYTE * NS_PER_SEC) / rateBitsPerSec);
  const wanted = Math.max(LEAST_LOAD_PACKETS, Math.ceil(durationNs / Math.max(1, gapNs)));
  const patienceNs = Math.max(LEAST_LINGER_NS, PATIENCE_SHARE * computeLingerNs(traces));
  const lingerNs = Math.round(Math.min(allowance.ns / 3, patienceNs));
  const room = { ...allowance, ns: allowance.ns - lingerNs };
  const count = fitCount(wanted, sizeBytes + ETHERNET_HEADER_BYTES, gapNs, room);
  if (count < LEAST_LOAD_PACKETS || count * gapNs < leastNs) return null;
  const load: Pattern = { kind: 'train', trains: 1, packetsPerTrain: count, gapNs, spacingNs: 0, sizeBytes };
  const common = { id: nameSequence(way, role, number), dscp: 0, dontFragment: false };
  if (way === 'out') return { ...common, pattern: load, lingerNs };
  const trigger: Pattern = { kind: 'single', sizeBytes: computeLightSize(path) };
  return { ...common, pattern: trigger, farPattern: load, lingerNs: Math.round(lingerNs + count * gapNs) };
}

/** IP length of the packets of a load. */
export function computeLoadSize({ mtuBytes }: PathDescription): number {
  return Math.min(mtuBytes, LARGEST_PACKET);
}
