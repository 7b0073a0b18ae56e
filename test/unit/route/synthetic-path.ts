// Made-up paths with a known truth, probed as the product probes: links with rates, delays, queues and losses, and routers that
// limit their answers or take their time.
import { planRounds } from '../../../src/analysis/route/plan-rounds.js';
import type { HopAnswer, HopSample, RouteObservation } from '../../../src/model/route.js';
import type { Random } from '../../../src/model/random.js';
import { NS_PER_US } from '../../../src/model/units.js';

export interface SyntheticLink {
  readonly rateBitsPerSec: number;
  readonly propagationNs: number;
  /** Share of packets that find a queue in each direction, and how long they wait on average. */
  readonly busy: number;
  readonly meanWaitNs: number;
  /** In each direction. */
  readonly lossRatio: number;
}

export interface SyntheticRouter {
  /** Share of probes whose time ends here that it does not answer. */
  readonly muteRatio: number;
  /** What answering itself adds to every one of its messages, on average. */
  readonly meanAnswerNs: number;
}

export interface SyntheticPath {
  /** Link `i` leads to hop `i + 1`; the last hop is the target. */
  readonly links: readonly SyntheticLink[];
  readonly routers: readonly SyntheticRouter[];
}

export const PLAIN_LINK: SyntheticLink = {
  rateBitsPerSec: 1e9,
  propagationNs: 200 * NS_PER_US,
  busy: 0.1,
  meanWaitNs: 20 * NS_PER_US,
  lossRatio: 0,
};
export const PLAIN_ROUTER: SyntheticRouter = { muteRatio: 0, meanAnswerNs: 20 * NS_PER_US };
export const SIZES = { smallBytes: 548, largeBytes: 1500 } as const;
const ERROR_BYTES = 576;
const STAMP_NOISE_NS = 2 * NS_PER_US;

/** A path of `hops`, each link and router plain but for what `change` gives; hops count from 1. */
export function createPath(
  hops: number,
  change: (ttl: number) => { readonly link?: Partial<SyntheticLink>; readonly router?: Partial<SyntheticRouter> },
): SyntheticPath {
  const ttls = Array.from({ length: hops }, (_, i) => i + 1);
  return {
    links: ttls.map((ttl) => ({ ...PLAIN_LINK, ...change(ttl).link })),
    routers: ttls.map((ttl) => ({ ...PLAIN_ROUTER, ...change(ttl).router })),
  };
}

export const addressOf = (ttl: number): string => `10.0.${ttl}.1`;

export function observe(path: SyntheticPath, random: Random): RouteObservation {
  const hops = path.links.length;
  const ttls = path.links.map((_, i) => i + 1);
  const probes = planRounds({
    ttls,
    targetTtl: hops,
    isTargetPatient: true,
    sizes: SIZES,
    leastBytes: 64,
    maxSeconds: 9,
    maxBytes: 1_000_000,
  });
  const found = ttls.flatMap((ttl) => [64, SIZES.largeBytes].map((sizeBytes) => answered({ ttl, sizeBytes }, hops)));
  return {
    target: { address: addressOf(hops), via: 'icmp' },
    port: { name: 'np', mtuBytes: SIZES.largeBytes, address: '10.0.0.9' },
    found,
    measured: probes.map((probe) => send(path, probe, random)),
    sizes: SIZES,
    stamps: { tx: 'kernel', rx: 'kernel', far: null },
    names: new Map(),
    cost: { packets: probes.length, bytes: 0 },
    durationMs: 9_000,
    interrupted: false,
    notes: [],
  };
}

interface Probe {
  readonly ttl: number;
  readonly sizeBytes: number;
}

/** A sample that was answered by its hop at once. */
export function answered({ ttl, sizeBytes }: Probe, targetTtl: number, changes: Partial<HopAnswer> = {}): HopSample {
  const kind = ttl >= targetTtl ? 'target' : 'time-exceeded';
  const replySizeBytes = kind === 'target' ? sizeBytes : Math.min(ERROR_BYTES, sizeBytes + 28);
  const base = { from: addressOf(Math.min(ttl, targetTtl)), code: 0, mtuBytes: null, quotedTtl: 1, labels: [] };
  const answer: HopAnswer = { ...base, kind, replySizeBytes, ...changes };
  return { ttl, sizeBytes, flow: 0, answer, rttNs: null, isLate: false };
}

export function silent({ ttl, sizeBytes }: Probe): HopSample {
  return { ttl, sizeBytes, flow: 0, answer: null, rttNs: null, isLate: false };
}

function send(path: SyntheticPath, probe: Probe, random: Random): HopSample {
  const there = path.links.slice(0, probe.ttl);
  const router = path.routers[probe.ttl - 1] ?? PLAIN_ROUTER;
  const lost = there.some(({ lossRatio }) => random.uniform() < lossRatio || random.uniform() < lossRatio);
  if (lost || random.uniform() < router.muteRatio) return silent(probe);
  const sample = answered(probe, path.links.length);
  const backBytes = sample.answer?.replySizeBytes ?? 0;
  let rttNs = 10 * NS_PER_US + random.exponential(router.meanAnswerNs) + Math.abs(random.normal(0, STAMP_NOISE_NS));
  for (const link of there) rttNs += crossLink(link, probe.sizeBytes, random) + crossLink(link, backBytes, random);
  return { ...sample, rttNs };
}

function crossLink(link: SyntheticLink, bytes: number, random: Random): number {
  const waitNs = random.uniform() < link.busy ? random.exponential(link.meanWaitNs) : 0;
  return link.propagationNs + (bytes * 8e9) / link.rateBitsPerSec + waitNs;
}
