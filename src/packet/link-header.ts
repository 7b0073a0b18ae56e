// Where the IP packet stands in a captured frame, by the link type of its recording (the registry of tcpdump.org). What the packet
// is, others decide.
//
// ethernet     14 octets and any VLAN tags, EtherType in front of the packet
// raw          nothing
// null, loop   address family, 4 octets; of the recording machine's order (null) or big-endian (loop)
// linux-sll    packet type 16 | ARPHRD 16 | address length 16 | address 64 | EtherType 16
// linux-sll2   EtherType 16 | 0, 16 | interface 32 | ARPHRD 16 | packet type 8 | address length 8 | address 64
import { ProtocolError } from '../model/errors.js';
import { isVlanTpid } from './ethernet.js';
import { requireOctets, uint16At } from './octets.js';
import { ETHER_TYPE } from './protocol-numbers.js';

export type LinkType = 'ethernet' | 'raw' | 'null' | 'linux-sll' | 'linux-sll2';

const ETHERNET_BYTES = 14;
const VLAN_TAG_BYTES = 4;
/** As ethernet.ts: more are an attack on parsers. */
const MAX_TAGS = 4;
const FAMILY_BYTES = 4;
const SLL = { bytes: 16, etherTypeAt: 14 } as const;
const SLL2 = { bytes: 20, etherTypeAt: 0 } as const;

/** Offset of the IP header, −1 for a frame that holds something else. @throws ProtocolError for one cut off in its link header. */
export function locateIpPacket(frame: Uint8Array, linkType: LinkType): number {
  switch (linkType) {
    case 'raw':
      return 0;
    case 'null':
      requireOctets(frame, 0, FAMILY_BYTES, 'loopback header');
      return FAMILY_BYTES;
    case 'linux-sll':
      return locateCooked(frame, SLL);
    case 'linux-sll2':
      return locateCooked(frame, SLL2);
    case 'ethernet':
      requireOctets(frame, 0, ETHERNET_BYTES, 'Ethernet header');
      return skipTags(frame, uint16At(frame, 12), ETHERNET_BYTES);
  }
}

function locateCooked(frame: Uint8Array, header: { readonly bytes: number; readonly etherTypeAt: number }): number {
  requireOctets(frame, 0, header.bytes, 'cooked header');
  return skipTags(frame, uint16At(frame, header.etherTypeAt), header.bytes);
}

/** `at` is behind `etherType`, wherever that stood. */
function skipTags(frame: Uint8Array, etherType: number, at: number): number {
  let type = etherType;
  let start = at;
  // Ends: each round consumes a tag, and MAX_TAGS bounds them.
  for (let tags = 0; isVlanTpid(type); tags += 1) {
    if (tags === MAX_TAGS) throw new ProtocolError(`link header: more than ${MAX_TAGS} VLAN tags`);
    requireOctets(frame, start, VLAN_TAG_BYTES, 'VLAN tag');
    type = uint16At(frame, start + 2);
    start += VLAN_TAG_BYTES;
  }
  return type === ETHER_TYPE.ipv4 || type === ETHER_TYPE.ipv6 ? start : -1;
}
