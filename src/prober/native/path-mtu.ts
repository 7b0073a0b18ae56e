// The largest packet that the routers on the way let pass, where they say so. A router that stays silent (a black hole) is not
// found here: that takes more than one packet a size.
import type { Cost } from '../../model/sequence.js';
import type { Trace } from '../../model/trace.js';

export interface PathMtu {
  readonly bytes: number;
  /** Address of the router that announced it; null where none did and `bytes` is the port's or route's own. */
  readonly announcedBy: string | null;
  readonly cost: Cost;
}

/** Each router with a smaller MTU than the one before it takes a try. */
const MAX_TRIES = 4;
/** RFC 8200 5: every IPv6 link carries this. IPv4: what Linux believes at least (net.ipv4.route.min_pmtu), so that nobody can forge us small. */
const LEAST_BYTES = { 4: 552, 6: 1280 } as const;

/** Sends one packet of a size that must not be fragmented. */
export type TrySize = (sizeBytes: number) => Promise<Trace>;

/** Starts at `largestBytes`. Ends when a packet is answered or nobody names a smaller size, at the latest after MAX_TRIES. */
export async function learnPathMtu(largestBytes: number, version: 4 | 6, trySize: TrySize): Promise<PathMtu> {
  let bytes = largestBytes;
  let announcedBy: string | null = null;
  let cost: Cost = { packets: 0, bytes: 0 };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const trace = await trySize(bytes);
    cost = { packets: cost.packets + trace.cost.packets, bytes: cost.bytes + trace.cost.bytes };
    const announced = findAnnounced(trace, LEAST_BYTES[version], bytes);
    if (!announced) break;
    ({ bytes, announcedBy } = announced);
  }
  return { bytes, announcedBy, cost };
}

function findAnnounced(trace: Trace, least: number, below: number): { bytes: number; announcedBy: string } | null {
  for (const { kind, mtuBytes, from } of trace.messages) {
    if (kind !== 'packet-too-big' || mtuBytes === null) continue;
    if (mtuBytes >= least && mtuBytes < below) return { bytes: mtuBytes, announcedBy: from };
  }
  return null;
}
