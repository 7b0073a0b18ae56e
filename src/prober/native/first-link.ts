// The way to the first neighbour, and a prober on it: what every try of an opening and the opened path have in common.
import { computeErrorTotals, type ErrorCounters } from '../../box/error-counters.js';
import type { Listening } from '../../box/link-watch.js';
import type { PathDescription, PortFacts } from '../../model/path.js';
import type { StampSources } from '../../model/trace.js';
import { formatAddress } from '../../packet/address.js';
import { STAMP_PORTS } from '../../packet/stamp.js';
import { MAX_MTU_BYTES } from '../check-sizes.js';
import type { Choice } from './choose-via.js';
import { describeNotes } from './describe-notes.js';
import { NativeProber, type NativeProberOptions } from './native-prober.js';
import type { Resolution } from './neighbour.js';
import type { NextHop } from './next-hop.js';
import { readOwnQueue } from './own-queue.js';
import type { OwnMtu, PathMtu } from './path-mtu.js';
import type { ProbeKind } from './probe-kind.js';
import type { RecordRun } from './run-engine.js';

/** What is assumed until a packet has been stamped: every Linux kernel stamps, not every NIC. */
const UNTRIED_STAMPS: StampSources = { tx: 'kernel', rx: 'kernel', far: null };

/** What is known of the way to the first neighbour. */
export interface FirstLink {
  readonly hop: NextHop;
  readonly facts: PortFacts;
  readonly resolution: Resolution;
  readonly record: RecordRun | null;
  readonly errors: ErrorCounters;
  readonly listening: Listening | null;
}

export function createProber(
  { hop, resolution, record, errors, listening }: FirstLink,
  kind: ProbeKind,
  path: PathDescription,
  before: Pick<NativeProberOptions, 'openingCost' | 'farEnd' | 'justTried'>,
): NativeProber {
  return new NativeProber({
    path,
    hop,
    kind,
    stampPorts: STAMP_PORTS,
    mac: resolution.mac,
    record,
    errors,
    listening,
    ...before,
  });
}

export interface Learned {
  readonly target: PathDescription['target'];
  readonly mtu: PathMtu | null;
}

export function describePath(
  { hop, facts, resolution, errors, listening }: FirstLink,
  choice: Choice,
  { target, mtu }: Learned,
): PathDescription {
  const { kind, trace, messages } = choice;
  return {
    target,
    port: facts,
    stamps: trace?.stamps ?? UNTRIED_STAMPS,
    nextHop: {
      address: formatAddress(hop.neighbour),
      resolved: hop.sendLayer !== 'link' || resolution.mac !== null,
    },
    mtuBytes: mtu?.bytes ?? computeOwnMtu(hop, facts).routeBytes,
    ...(mtu === null || mtu.announced === null ? {} : { announcedMtu: mtu.announced }),
    minSizeBytes: kind.minSizeBytes,
    replySize: kind.replySize,
    maxProbesPerSec: kind.maxProbesPerSec,
    farSends: false,
    abilities: null,
    portErrorTotals: computeErrorTotals(errors.read()),
    ...listening?.read(),
    ...(trace === null && messages.length > 0 ? { messages } : {}),
    notes: describeNotes({ port: hop.port, choice, mtu, ownQueue: readOwnQueue(hop.portIndex) }),
  };
}

export function computeOwnMtu(hop: NextHop, facts: PortFacts): OwnMtu {
  const portBytes = Math.min(facts.mtuBytes, MAX_MTU_BYTES);
  return { portBytes, routeBytes: Math.min(portBytes, hop.routeMtuBytes || portBytes) };
}
