// Frames in which the other end of a cable tells of itself, LLDP and CDP, as one kind of announcement; and the kernel filter and
// multicast groups that let them, and frames of foreign VLANs, in. Who is the neighbour is decided elsewhere.
import type { NeighbourFacts } from '../model/link-evidence.js';
import { formatMac } from './address.js';
import { BpfProgram } from './bpf-program.js';
import { parseCdp, type CdpMessage } from './cdp.js';
import { parseEthernet, type EthernetFrame } from './ethernet.js';
import { parseLldp, type LldpMessage } from './lldp.js';
import { decodeMauType } from './mau-types.js';
import { concatOctets, uint16At, uint32At } from './octets.js';
import { ETHER_TYPE } from './protocol-numbers.js';

/** Nearest bridge of IEEE 802.1AB, which no standard bridge forwards; and the vendor's own group. */
export const LLDP_GROUP = Uint8Array.of(0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e);
export const CDP_GROUP = Uint8Array.of(0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc);
export const NEIGHBOUR_GROUPS = concatOctets([LLDP_GROUP, CDP_GROUP]);

/** IEEE 802.2 SNAP: DSAP, SSAP and control; then organization and protocol. */
const SNAP_HEAD = 0xaaaa_0300;
const SNAP_CDP = 0x000c_2000;
const SNAP_BYTES = 8;
/** A type below is a length (IEEE 802.3). */
const LEAST_ETHER_TYPE = 1536;
/** Header and FCS, which LLDP counts and CDP does not. */
const FRAME_OVERHEAD_BYTES = 18;

export interface Announcement {
  readonly facts: NeighbourFacts;
  /** Same port of the same system by the same protocol, same text. */
  readonly identity: string;
  /** Link address that the frame came from. */
  readonly from: string;
  readonly isBridge: boolean;
  /** How long it may be believed; 0: it says farewell. */
  readonly holdSec: number;
}

/** null for a frame of any other kind. @throws ProtocolError for one of these that does not follow its format. */
export function parseNeighbourFrame(bytes: Uint8Array): Announcement | null {
  const frame = parseEthernet(bytes);
  if (frame.etherType === ETHER_TYPE.lldp) return describeLldp(frame, parseLldp(frame.payload));
  const { payload, etherType } = frame;
  const isCdp =
    etherType < LEAST_ETHER_TYPE &&
    payload.length > SNAP_BYTES &&
    uint32At(payload, 0) === SNAP_HEAD &&
    uint32At(payload, 4) === SNAP_CDP;
  // The length tells the message from the padding of a short frame.
  return isCdp ? describeCdp(frame, parseCdp(payload.subarray(SNAP_BYTES, Math.max(SNAP_BYTES, etherType)))) : null;
}

function describeLldp(frame: EthernetFrame, message: LldpMessage): Announcement {
  const { chassisId, portId, macPhy, portVlanId } = message;
  const mode = macPhy === null ? null : decodeMauType(macPhy.mauType);
  return {
    facts: {
      protocol: 'lldp',
      systemName: message.systemName ?? chassisId,
      portId,
      portDescription: message.portDescription,
      duplex: mode?.duplex ?? null,
      speedBitsPerSec: mode?.speedBitsPerSec ?? null,
      autoNegotiationEnabled: macPhy?.autoNegotiationEnabled ?? null,
      nativeVlan: portVlanId === 0 ? null : portVlanId,
      vlanIds: [...new Set(message.vlanIds)].sort((a, b) => a - b),
      maxFrameBytes: message.maxFrameBytes,
    },
    identity: `lldp ${chassisId} ${portId}`,
    from: formatMac(frame.source),
    isBridge: message.isBridge,
    holdSec: message.ttlSec,
  };
}

function describeCdp(frame: EthernetFrame, message: CdpMessage): Announcement {
  const { deviceId, portId, mtuBytes } = message;
  const from = formatMac(frame.source);
  return {
    facts: {
      protocol: 'cdp',
      systemName: deviceId,
      portId,
      portDescription: null,
      duplex: message.duplex,
      speedBitsPerSec: null,
      autoNegotiationEnabled: null,
      nativeVlan: message.nativeVlanId,
      vlanIds: [],
      maxFrameBytes: mtuBytes === null ? null : mtuBytes + FRAME_OVERHEAD_BYTES,
    },
    identity: `cdp ${deviceId ?? from} ${portId ?? ''}`,
    from,
    isBridge: message.isBridge,
    holdSec: message.ttlSec,
  };
}

/** SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT of linux/filter.h: the kernel takes a tag out before a filter sees the frame. */
const TAG_PRESENT = 0xffff_f000 + 48;

/** Kernel filter for frames that may be LLDP or CDP, and for those with a VLAN tag where these are wanted, too. */
export function encodeLinkFilter({ withTagged }: { readonly withTagged: boolean }): Uint8Array {
  const program = new BpfProgram();
  if (withTagged) {
    program.load(1, TAG_PRESENT);
    program.jumpIfEqual(1, 'accept');
  }
  program.load(4, 0);
  program.jumpIfEqual(uint32At(LLDP_GROUP, 0), 'lldp');
  program.requireEqual(uint32At(CDP_GROUP, 0));
  program.load(2, 4);
  program.requireEqual(uint16At(CDP_GROUP, 4));
  program.load(4, 14);
  program.requireEqual(SNAP_HEAD);
  program.load(4, 18);
  program.requireEqual(SNAP_CDP);
  program.accept();
  program.place('lldp');
  program.load(2, 4);
  program.requireEqual(uint16At(LLDP_GROUP, 4));
  program.load(2, 12);
  program.requireEqual(ETHER_TYPE.lldp);
  program.place('accept');
  program.accept();
  return program.encode();
}
