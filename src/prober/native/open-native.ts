// Opens a path on a real port: name, route, neighbour, way of probing. Each fallback becomes a note that travels into the report.
import { readPortFacts } from '../../box/port-facts.js';
import { createRawPacketError, readMayOpenRawPackets } from '../../box/capabilities.js';
import { CanceledError } from '../../model/errors.js';
import type { OpenProber, PathDescription, PathRequest, PortFacts, Prober } from '../../model/path.js';
import type { Cost } from '../../model/sequence.js';
import type { StampSources } from '../../model/trace.js';
import { formatAddress } from '../../packet/address.js';
import { STAMP_PORTS } from '../../packet/stamp.js';
import { chooseKind, fallbackKind, type Choice } from './choose-via.js';
import { NativeProber } from './native-prober.js';
import { resolveNeighbour, type Resolution } from './neighbour.js';
import { readNextHop, type NextHop } from './next-hop.js';
import type { ProbeKind } from './probe-kind.js';
import { resolveTarget } from './resolve-target.js';

const NEIGHBOUR_ATTEMPTS = 3;
/** Jumbo frames end at about 9,000 bytes; what loopback offers beyond is no path's MTU. */
const MAX_MTU_BYTES = 9_216;
/** What is assumed until a packet has been stamped: every Linux kernel stamps, not every NIC. */
const UNTRIED_STAMPS: StampSources = { tx: 'kernel', rx: 'kernel', far: null };

export const openNative: OpenProber = async (request: PathRequest, signal: AbortSignal): Promise<Prober> => {
  const addresses = await resolveTarget(request.target);
  if (!readMayOpenRawPackets()) throw createRawPacketError();
  const { chosen, ...hop } = readNextHop(addresses, request.port);
  const facts = readPortFacts(hop.port);
  const resolution = await resolveLink(hop, signal);
  const choice = await choose(request, hop, facts, resolution, signal);
  if (signal.aborted) {
    choice.kind.close();
    throw new CanceledError();
  }
  const address = chosen.zone === null ? chosen.text : `${chosen.text}%${chosen.zone}`;
  const target = { address, via: choice.kind.via, ...(chosen.name === null ? {} : { name: chosen.name }) };
  const path = describePath({ hop, facts, kind: choice.kind, choice, resolution, target });
  return createProber(hop, choice.kind, path, resolution, addCosts(resolution.cost, choice.cost));
};

/** Ports without link addresses need none. */
async function resolveLink(hop: NextHop, signal: AbortSignal): Promise<Resolution> {
  if (hop.sendLayer !== 'link') return { mac: null, cost: { packets: 0, bytes: 0 } };
  return resolveNeighbour(hop, NEIGHBOUR_ATTEMPTS, signal);
}

async function choose(
  request: PathRequest,
  hop: NextHop,
  facts: PortFacts,
  resolution: Resolution,
  signal: AbortSignal,
): Promise<Choice> {
  if (hop.sendLayer === 'link' && !resolution.mac && request.via !== 'tps') {
    return { kind: fallbackKind(request.via, hop), trace: null, cost: { packets: 0, bytes: 0 }, silent: [] };
  }
  const tryKind: Parameters<typeof chooseKind>[2] = async (kind, sequence, options) => {
    const target = { address: formatAddress(hop.target), via: kind.via };
    const choice = { kind, trace: null, cost: resolution.cost, silent: [] };
    const path = describePath({ hop, facts, kind, choice, resolution, target });
    const prober = createProber(hop, { ...kind, close: () => undefined }, path, resolution, resolution.cost);
    try {
      return await prober.run(sequence, options);
    } finally {
      await prober.close();
    }
  };
  return chooseKind(request.via, hop, tryKind, signal);
}

function createProber(
  hop: NextHop,
  kind: ProbeKind,
  path: PathDescription,
  resolution: Resolution,
  openingCost: Cost,
): NativeProber {
  return new NativeProber({ path, openingCost, hop, kind, stampPorts: STAMP_PORTS, mac: resolution.mac });
}

interface Opened {
  readonly hop: NextHop;
  readonly facts: PortFacts;
  readonly kind: ProbeKind;
  readonly choice: Choice;
  readonly resolution: Resolution;
  readonly target: PathDescription['target'];
}

function describePath({ hop, facts, kind, choice, resolution, target }: Opened): PathDescription {
  const mtuBytes = Math.min(facts.mtuBytes, hop.routeMtuBytes || facts.mtuBytes, MAX_MTU_BYTES);
  return {
    target,
    port: facts,
    stamps: choice.trace?.stamps ?? UNTRIED_STAMPS,
    nextHop: {
      address: formatAddress(hop.neighbour),
      resolved: hop.sendLayer !== 'link' || resolution.mac !== null,
    },
    mtuBytes,
    minSizeBytes: kind.minSizeBytes,
    replySize: kind.replySize,
    maxProbesPerSec: kind.maxProbesPerSec,
    notes: describeFallbacks(kind, choice, hop),
  };
}

function describeFallbacks(kind: ProbeKind, choice: Choice, hop: NextHop): string[] {
  const notes: string[] = [];
  if (hop.port === 'lo') notes.push('the target is this machine itself: nothing but its own kernel is measured');
  if (choice.trace && choice.silent.length > 0) {
    const together = kind.replySize === 'same' ? ', both directions together' : '';
    notes.push(`no answer by ${choice.silent.join(' or ')}: measured by ${kind.label}${together}`);
  }
  if (choice.trace?.stamps.tx === 'user') {
    notes.push(`port ${hop.port} gives no transmit stamps: T1 is taken before the kernel, so delays include it`);
  }
  return notes;
}

function addCosts(a: Cost, b: Cost): Cost {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
