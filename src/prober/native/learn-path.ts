// What is asked of a path once the way of probing it is chosen: the largest packet that passes, and whether the far end sends.
import type { PathDescription } from '../../model/path.js';
import type { Cost } from '../../model/sequence.js';
import type { Trace } from '../../model/trace.js';
import { ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_SEC } from '../../model/units.js';
import { STAMP_PORTS } from '../../packet/stamp.js';
import type { Choice, TryKind } from './choose-via.js';
import { FarEnd } from './far-end.js';
import { computeOwnMtu, createProber, type FirstLink } from './first-link.js';
import { learnPathMtu, type PathMtu, type TrySize } from './path-mtu.js';

const FREE: Cost = { packets: 0, bytes: 0 };
/** A target that answers less often than this spent enough of its answers on the choice of the way. */
const LEAST_RATE_TO_TRY_SIZES = 10;

/** null where it is not looked for, as where nobody answered: then nobody can say what is too big, either. */
export async function learnMtu(
  { hop, facts }: FirstLink,
  { kind, trace }: Choice,
  tryKind: TryKind,
  signal: AbortSignal,
): Promise<PathMtu | null> {
  if (trace === null || (kind.maxProbesPerSec ?? Infinity) < LEAST_RATE_TO_TRY_SIZES) return null;
  const lingerNs = computePatienceNs(trace);
  const trySize: TrySize = (sizeBytes) => {
    const pattern = { kind: 'single', sizeBytes } as const;
    const budget = { maxPackets: 1, maxBytes: sizeBytes + ETHERNET_HEADER_BYTES };
    return tryKind(kind, { id: 'try-size', pattern, dscp: 0, dontFragment: true, lingerNs }, { signal, budget });
  };
  return learnPathMtu(computeOwnMtu(hop, facts), hop.version, trySize);
}

/** Asks a reflector whether it sends on its own account. `farEnd` null: it does not, or nobody answered. */
export async function greetFarEnd(
  link: FirstLink,
  { kind, trace }: Choice,
  path: PathDescription,
  signal: AbortSignal,
): Promise<{ readonly farEnd: FarEnd | null; readonly cost: Cost }> {
  const { farChannel } = kind;
  if (farChannel === null || trace === null) return { farEnd: null, cost: FREE };
  const { version, linkLayer } = link.hop;
  const farEnd = new FarEnd({ channel: farChannel, ipVersion: version, linkLayer, stampPorts: STAMP_PORTS });
  const before = { openingCost: FREE, farEnd, justTried: true };
  const prober = createProber(link, { ...kind, close: () => undefined }, path, before);
  try {
    const cost = await prober.greetFarEnd(0, computePatienceNs(trace), signal);
    return { farEnd: farEnd.isKnownFor(0) ? farEnd : null, cost };
  } finally {
    await prober.close();
  }
}

/** Four times the slowest round trip of `trace`, 0.1-1 s: what a router needs to say no. */
function computePatienceNs({ rxOffsetNs, txOffsetNs }: Trace): number {
  let slowestNs = 0;
  rxOffsetNs.forEach((rxNs, i) => {
    const rttNs = rxNs - (txOffsetNs[i] ?? NaN);
    if (rttNs > slowestNs) slowestNs = rttNs;
  });
  return Math.min(NS_PER_SEC, Math.max(100 * NS_PER_MS, 4 * slowestNs));
}
