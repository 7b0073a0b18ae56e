// What the measurement of the hops sends: rounds with a probe to each hop, small ones and large ones, and between them more probes to
// the target, within seconds and bytes. Pure; the engine paces it.
import { ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC } from '../../model/units.js';
import type { ProbeSizes } from '../../model/route.js';

/**
 * Routers limit their error messages. Linux lets six to one host out at once and then one a second (icmp_ratelimit), of which the
 * search for the hops took two or three: at this pace eleven rounds pass before it begins to drop.
 */
const ROUND_NS = 700 * NS_PER_MS;
const MOST_ROUNDS = 11;
/** Fewer tell too little of anything. */
const LEAST_ROUNDS = 3;
/** Every second round is of large probes. */
const LARGE_EVERY = 2;
const TARGET_EVERY_NS = 100 * NS_PER_MS;

export interface RoundsRequest {
  /** Hops to probe, ascending. */
  readonly ttls: readonly number[];
  /** TTL of the target, or null where it does not answer. */
  readonly targetTtl: number | null;
  /** Whether the target may be asked ten times a second; else it is asked in every second round only. */
  readonly isTargetPatient: boolean;
  readonly sizes: ProbeSizes;
  /** For probes that only show whether they are answered. */
  readonly leastBytes: number;
  readonly maxSeconds: number;
  readonly maxBytes: number;
}

export interface TimedProbe {
  /** After the first, ns; never decreasing. */
  readonly offsetNs: number;
  readonly ttl: number;
  readonly sizeBytes: number;
}

/** As many rounds as fit. Empty where not even LEAST_ROUNDS do. */
export function planRounds(request: RoundsRequest): TimedProbe[] {
  const most = Math.min(MOST_ROUNDS, Math.floor((request.maxSeconds * NS_PER_SEC) / ROUND_NS));
  // Ends: `rounds` falls to LEAST_ROUNDS at the latest.
  for (let rounds = most; rounds >= LEAST_ROUNDS; rounds -= 1) {
    for (const targetBytes of [request.sizes.smallBytes, request.leastBytes]) {
      const probes = layOutRounds(request, rounds, targetBytes);
      const bytes = probes.reduce((sum, { sizeBytes }) => sum + sizeBytes + ETHERNET_HEADER_BYTES, 0);
      if (bytes <= request.maxBytes) return probes;
    }
  }
  return [];
}

function layOutRounds(request: RoundsRequest, rounds: number, targetBytes: number): TimedProbe[] {
  const { ttls, targetTtl, isTargetPatient, sizes } = request;
  const probes: TimedProbe[] = [];
  const gapNs = ROUND_NS / Math.max(1, ttls.length);
  for (let round = 0; round < rounds; round += 1) {
    const isLarge = round % LARGE_EVERY === LARGE_EVERY - 1;
    const sizeBytes = isLarge ? (sizes.largeBytes ?? sizes.smallBytes) : sizes.smallBytes;
    ttls.forEach((ttl, i) => {
      if (ttl === targetTtl && !isTargetPatient && round % 2 === 1) return;
      probes.push({ offsetNs: round * ROUND_NS + i * gapNs, ttl, sizeBytes });
    });
  }
  if (targetTtl !== null && isTargetPatient) {
    for (let offsetNs = 0; offsetNs < rounds * ROUND_NS; offsetNs += TARGET_EVERY_NS) {
      probes.push({ offsetNs, ttl: targetTtl, sizeBytes: targetBytes });
    }
  }
  return probes.sort((a, b) => a.offsetNs - b.offsetNs);
}

/**
 * Sizes between which answers stay equally long: Linux quotes as much as makes 576 bytes over IPv4 (RFC 1812 4.3.2.3) and 1,280
 * over IPv6 (RFC 4443 2.4), so smaller probes than these would be answered more shortly.
 */
const SMALL_BYTES = { 4: 548, 6: 1232 } as const;
/** Sizes closer together than this tell no rate. */
const LEAST_DIFFERENCE = 200;

/** `passedBytes` is the largest size known to come to the last hop. */
export function chooseSizes(version: 4 | 6, passedBytes: number): ProbeSizes {
  const smallBytes = Math.min(SMALL_BYTES[version], passedBytes);
  return { smallBytes, largeBytes: passedBytes - smallBytes >= LEAST_DIFFERENCE ? passedBytes : null };
}
