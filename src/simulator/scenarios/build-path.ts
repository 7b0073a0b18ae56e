// What the named paths are made of: ports, ends and hops with plain figures.
// Rates count frames (IP length + 14 bytes) on WAN hops and all bytes of the wire on Ethernet hops.
import type { NeighbourFacts } from '../../model/link-evidence.js';
import type { LinkMode, PortFacts } from '../../model/path.js';
import { NS_PER_MS, NS_PER_US } from '../../model/units.js';
import type { DelayModel, FarEndModel, HopModel, PathModel, ProbeModel, StampReflectorModel } from '../path-model.js';

/** Named paths of one kind, each with one line for a list of scenarios. */
export type ScenarioGroup = Readonly<Record<string, readonly [description: string, path: PathModel]>>;

export const MBIT = 1e6;
export const GBIT = 1e9;
/** Preamble 8, header 14, FCS 4 and gap 12 bytes (IEEE 802.3). */
const ETHERNET_WIRE_OVERHEAD_BYTES = 38;

const fullDuplex = (speedBitsPerSec: number): LinkMode => ({ speedBitsPerSec, duplex: 'full' });
const GIGABIT_MODES = [fullDuplex(10 * MBIT), fullDuplex(100 * MBIT), fullDuplex(GBIT)];

export const buildPort = (speedBitsPerSec: number): PortFacts => ({
  name: 'sim0',
  mtuBytes: 1500,
  linkUp: true,
  speedBitsPerSec,
  duplex: 'full',
  autoNegotiation: true,
  supportedModes: GIGABIT_MODES,
  advertisedModes: GIGABIT_MODES,
  partnerModes: GIGABIT_MODES,
});

/** A good machine with kernel stamps: about 1 us of noise each way. */
export const buildProbe = (speedBitsPerSec: number): ProbeModel => ({
  port: buildPort(speedBitsPerSec),
  stampSource: 'kernel',
  txStamp: { noiseNs: 700, granularityNs: 1 },
  rxStamp: { noiseNs: 1 * NS_PER_US, granularityNs: 1 },
  sendLateness: { floorNs: 500, meanExtraNs: 2 * NS_PER_US },
  countsErrors: true,
});

export const REFLECTION: DelayModel = { floorNs: 4 * NS_PER_US, meanExtraNs: 1 * NS_PER_US };

export const STAMP_REFLECTOR: StampReflectorModel = {
  kind: 'stamp',
  processing: REFLECTION,
  stamp: { noiseNs: 1 * NS_PER_US, granularityNs: 1 },
  stampSource: 'kernel',
  clockOffsetNs: -3_217_000_441,
};

export const buildEthernetHop = (rateBitsPerSec: number): HopModel => ({
  rateBitsPerSec,
  propagationNs: 500,
  queueBytes: 1_000_000,
  overheadBytes: ETHERNET_WIRE_OVERHEAD_BYTES,
  mtu: { bytes: 1500, sendsMessage: true },
});

export const buildWanHop = (rateBitsPerSec: number, propagationNs: number): HopModel => ({
  rateBitsPerSec,
  propagationNs,
  queueBytes: 250_000,
  mtu: { bytes: 1500, sendsMessage: true },
});

export interface Middle {
  readonly forward: readonly HopModel[];
  readonly reverse: readonly HopModel[];
  readonly far?: FarEndModel;
  readonly portBitsPerSec?: number;
}

/** The given hops between two Ethernet links, the probe's and the far end's. */
export function buildPath({ forward, reverse, far = STAMP_REFLECTOR, portBitsPerSec = GBIT }: Middle): PathModel {
  const near = buildEthernetHop(portBitsPerSec);
  const last = buildEthernetHop(GBIT);
  return {
    probe: buildProbe(portBitsPerSec),
    forward: [near, ...forward, last],
    far,
    reverse: [last, ...reverse, near],
  };
}

export const buildSymmetricPath = (hops: readonly HopModel[]): PathModel => buildPath({ forward: hops, reverse: hops });

/** The line of a small office. */
export const OFFICE_WAN = buildWanHop(100 * MBIT, 2 * NS_PER_MS);

/** What a switch says of the port at which the probe hangs. */
export const SWITCH_PORT: NeighbourFacts = {
  protocol: 'lldp',
  systemName: 'switch-1',
  portId: 'Gi1/0/12',
  portDescription: null,
  duplex: 'full',
  speedBitsPerSec: GBIT,
  autoNegotiationEnabled: true,
  nativeVlan: 1,
  vlanIds: [1, 20, 30],
  maxFrameBytes: 1_522,
};
