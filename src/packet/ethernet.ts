// Ethernet II frames with any IEEE 802.1Q / 802.1ad tags in front of the type. Without preamble and FCS.
//
//  0                   6                  12        14 (+4 a tag)
// +-------------------+-------------------+---------+------------
// | destination       | source            | type    | payload
// +-------------------+-------------------+---------+------------
// A tag stands before the type: 16 bits TPID (0x8100, 0x88a8), then PCP 3 bits | DEI 1 bit | VLAN id 12 bits.
// A type below 1536 is an IEEE 802.3 length; it is kept as it is.
import { ProtocolError } from '../model/errors.js';
import { MAC_BYTES } from './address.js';
import { concatOctets, putUint16, requireLength, requireOctets, requireRange, uint16At } from './octets.js';
import { ETHER_TYPE } from './protocol-numbers.js';

export const VLAN_TAG_BYTES = 4;
/** Two are usual (service and customer), more are an attack on parsers. */
const MAX_TAGS = 4;

export interface VlanTag {
  /** Tag protocol: ETHER_TYPE.vlan or .serviceVlan. */
  readonly tpid: number;
  /** 0-7 */
  readonly priority: number;
  readonly dropEligible: boolean;
  /** 0-4095; 0 is a tag that only carries priority. */
  readonly id: number;
}

export interface EthernetFrame {
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  /** Outermost first. */
  readonly vlans: readonly VlanTag[];
  readonly etherType: number;
  readonly payload: Uint8Array;
}

export function isVlanTpid(etherType: number): boolean {
  return etherType === ETHER_TYPE.vlan || etherType === ETHER_TYPE.serviceVlan;
}

/** Views into `bytes`, not copies. @throws ProtocolError when cut off or tagged more than four times. */
export function parseEthernet(bytes: Uint8Array): EthernetFrame {
  requireOctets(bytes, 0, 14, 'Ethernet header');
  const vlans: VlanTag[] = [];
  let at = 12;
  // Ends: each round consumes a tag, and MAX_TAGS bounds them.
  while (isVlanTpid(uint16At(bytes, at))) {
    if (vlans.length === MAX_TAGS) throw new ProtocolError(`Ethernet: more than ${MAX_TAGS} VLAN tags`);
    requireOctets(bytes, at, VLAN_TAG_BYTES + 2, 'VLAN tag');
    vlans.push(parseVlanTag(bytes, at));
    at += VLAN_TAG_BYTES;
  }
  return {
    destination: bytes.subarray(0, 6),
    source: bytes.subarray(6, 12),
    vlans,
    etherType: uint16At(bytes, at),
    payload: bytes.subarray(at + 2),
  };
}

function parseVlanTag(bytes: Uint8Array, at: number): VlanTag {
  const control = uint16At(bytes, at + 2);
  return {
    tpid: uint16At(bytes, at),
    priority: control >> 13,
    dropEligible: (control & 0x1000) !== 0,
    id: control & 0x0fff,
  };
}

/** Not padded to the minimum of 60 octets: the NIC does that. */
export function encodeEthernet(frame: EthernetFrame): Uint8Array {
  return concatOctets([encodeEthernetHeader(frame), frame.payload]);
}

/** 14 octets plus 4 a tag. @throws InvariantError for values out of range. */
export function encodeEthernetHeader(frame: Omit<EthernetFrame, 'payload'>): Uint8Array {
  requireLength(frame.destination, MAC_BYTES, 'Ethernet destination');
  requireLength(frame.source, MAC_BYTES, 'Ethernet source');
  requireRange(frame.vlans.length, MAX_TAGS, 'number of VLAN tags');
  requireRange(frame.etherType, 0xffff, 'Ethernet type');
  const header = new Uint8Array(14 + VLAN_TAG_BYTES * frame.vlans.length);
  header.set(frame.destination, 0);
  header.set(frame.source, 6);
  frame.vlans.forEach((tag, i) => {
    requireRange(tag.id, 0x0fff, 'VLAN id');
    requireRange(tag.priority, 7, 'VLAN priority');
    putUint16(header, 12 + VLAN_TAG_BYTES * i, tag.tpid);
    putUint16(header, 14 + VLAN_TAG_BYTES * i, (tag.priority << 13) | (tag.dropEligible ? 0x1000 : 0) | tag.id);
  });
  putUint16(header, header.length - 2, frame.etherType);
  return header;
}
