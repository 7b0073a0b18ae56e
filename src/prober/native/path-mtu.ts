// The largest packet that the routers on the way let pass, where they say so. A router that stays silent (a black hole) is not
// found here: that takes more than one packet a size.
import type { AnnouncedMtu } from '../../model/path.js';
import type { Cost } from '../../model/sequence.js';
import type { Trace } from '../../model/trace.js';

export interface PathMtu {
  readonly bytes: number;
  /** null where no router announced it and `bytes` is the port's or route's own. */
  readonly announced: AnnouncedMtu | null;
  readonly cost: Cost;
}

/** What may leave this machine: in one frame of the port, and by the kernel's routes, which also know what routers said earlier. */
export interface OwnMtu {
  readonly portBytes: number;
  readonly routeBytes: number;
}

/** Each router with a smaller MTU than the one before it takes a try. */
const MAX_TRIES = 4;
/** RFC 8200 5: every IPv6 link carries this. IPv4: what Linux believes at least (net.ipv4.route.min_pmtu), so that nobody can forge us small. */
const LEAST_BYTES = { 4: 552, 6: 1280 } as const;

/** Sends one packet of a size that must not be fragmented. */
export type TrySize = (sizeBytes: number) => Promise<Trace>;

/**
 * Starts with the port's own size, so that a router says again what the kernel's route remembers of it. Ends when a packet of the
 * route's size or below is answered or nobody names a smaller one, at the latest after MAX_TRIES.
 */
export async function learnPathMtu(own: OwnMtu, version: 4 | 6, trySize: TrySize): Promise<PathMtu> {
  let bytes = own.portBytes;
  let announced: AnnouncedMtu | null = null;
  let cost: Cost = { packets: 0, bytes: 0 };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const trace = await trySize(bytes);
    cost = { packets: cost.packets + trace.cost.packets, bytes: cost.bytes + trace.cost.bytes };
    const smaller = findAnnounced(trace, LEAST_BYTES[version], bytes);
    if (smaller === null && bytes <= own.routeBytes) break;
    // Where the route allows less than a router passes on, the limit is this machine's own.
    if (smaller !== null && smaller.bytes <= own.routeBytes) announced = smaller;
    bytes = Math.min(own.routeBytes, smaller?.bytes ?? Infinity);
  }
  return { bytes, announced, cost };
}

function findAnnounced(trace: Trace, least: number, refusedBytes: number): AnnouncedMtu | null {
  for (const { kind, mtuBytes, from } of trace.messages) {
    if (kind !== 'packet-too-big' || mtuBytes === null) continue;
    if (mtuBytes >= least && mtuBytes < refusedBytes) return { from, bytes: mtuBytes, refusedBytes };
  }
  return null;
}
