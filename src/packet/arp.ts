// ARP for IPv4 over Ethernet, RFC 826. Other hardware and protocols are refused.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-------------------------------+-------------------------------+
// |      hardware type (1)        |     protocol type (0x0800)    |  0
// | address len. 6| address len. 4|     operation (1, 2)          |  4
// |               sender's MAC, 6 octets                          |  8
// |               sender's IPv4 address                           | 14
// |               target's MAC, 6 octets                          | 18
// |               target's IPv4 address                           | 24
// +---------------------------------------------------------------+
import { ProtocolError } from '../model/errors.js';
import { IPV4_BYTES, MAC_BYTES } from './address.js';
import { putUint16, putUint32, requireLength, requireOctets, requireRange, uint16At, uint32At } from './octets.js';
import { ETHER_TYPE } from './protocol-numbers.js';

export const ARP_ETHERNET_IPV4_BYTES = 28;
export const ARP_OPERATION = { request: 1, reply: 2 } as const;

const HARDWARE_ETHERNET = 1;
/** Hardware type and protocol type, then both address lengths. */
const FIRST_WORD = HARDWARE_ETHERNET * 0x1_0000 + ETHER_TYPE.ipv4;
const ADDRESS_LENGTHS = MAC_BYTES * 0x100 + IPV4_BYTES;

export interface ArpPacket {
  /** ARP_OPERATION.request, .reply or another number. */
  readonly operation: number;
  readonly senderMac: Uint8Array;
  readonly senderAddress: Uint8Array;
  /** All zero in a request. */
  readonly targetMac: Uint8Array;
  readonly targetAddress: Uint8Array;
}

/** True if the ARP packet at `at` maps IPv4 to Ethernet. */
export function isEthernetIpv4Arp(bytes: Uint8Array, at: number): boolean {
  return uint32At(bytes, at) === FIRST_WORD && uint16At(bytes, at + 4) === ADDRESS_LENGTHS;
}

/** Octets after the 28 are link padding and ignored. Views, not copies. @throws ProtocolError */
export function parseArp(bytes: Uint8Array): ArpPacket {
  requireOctets(bytes, 0, ARP_ETHERNET_IPV4_BYTES, 'ARP packet');
  if (!isEthernetIpv4Arp(bytes, 0)) throw new ProtocolError('ARP: not IPv4 over Ethernet');
  return {
    operation: uint16At(bytes, 6),
    senderMac: bytes.subarray(8, 14),
    senderAddress: bytes.subarray(14, 18),
    targetMac: bytes.subarray(18, 24),
    targetAddress: bytes.subarray(24, 28),
  };
}

/** @throws InvariantError for values out of range. */
export function encodeArp(packet: ArpPacket): Uint8Array {
  requireRange(packet.operation, 0xffff, 'ARP operation');
  requireLength(packet.senderMac, MAC_BYTES, "ARP sender's MAC");
  requireLength(packet.senderAddress, IPV4_BYTES, "ARP sender's address");
  requireLength(packet.targetMac, MAC_BYTES, "ARP target's MAC");
  requireLength(packet.targetAddress, IPV4_BYTES, "ARP target's address");
  const bytes = new Uint8Array(ARP_ETHERNET_IPV4_BYTES);
  putUint32(bytes, 0, FIRST_WORD);
  putUint16(bytes, 4, ADDRESS_LENGTHS);
  putUint16(bytes, 6, packet.operation);
  bytes.set(packet.senderMac, 8);
  bytes.set(packet.senderAddress, 14);
  bytes.set(packet.targetMac, 18);
  bytes.set(packet.targetAddress, 24);
  return bytes;
}
