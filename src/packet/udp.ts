// UDP datagrams, RFC 768; over IPv6 with a checksum that is never zero (RFC 8200 8.1).
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-------------------------------+-------------------------------+
// |          source port          |       destination port        |  0
// |            length             |           checksum            |  4
// +-------------------------------+-------------------------------+
// |                           payload ...                         |  8
import { ProtocolError } from '../model/errors.js';
import { computeTransportChecksum } from './checksum.js';
import { putUint16, requireOctets, requireRange, uint16At } from './octets.js';
import { IP_PROTOCOL } from './protocol-numbers.js';

export const UDP_HEADER_BYTES = 8;
export const UDP_CHECKSUM_AT = 6;

export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

export interface ParsedUdpDatagram extends UdpDatagram {
  /** As the header says, 8 octets included; the payload is shorter where the capture was cut off. */
  readonly length: number;
  /** 0 means none was computed. */
  readonly checksum: number;
}

export interface IpAddresses {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

/** Views, not copies; the checksum is judged by isTransportChecksumValid. @throws ProtocolError */
export function parseUdp(bytes: Uint8Array): ParsedUdpDatagram {
  requireOctets(bytes, 0, UDP_HEADER_BYTES, 'UDP header');
  const length = uint16At(bytes, 4);
  if (length < UDP_HEADER_BYTES) throw new ProtocolError(`UDP: length ${length}`);
  return {
    sourcePort: uint16At(bytes, 0),
    destinationPort: uint16At(bytes, 2),
    payload: bytes.subarray(UDP_HEADER_BYTES, length),
    length,
    checksum: uint16At(bytes, UDP_CHECKSUM_AT),
  };
}

/** @throws InvariantError for values out of range. */
export function encodeUdp(datagram: UdpDatagram, addresses: IpAddresses): Uint8Array {
  const length = UDP_HEADER_BYTES + datagram.payload.length;
  requireRange(datagram.sourcePort, 0xffff, 'UDP source port');
  requireRange(datagram.destinationPort, 0xffff, 'UDP destination port');
  requireRange(length, 0xffff, 'UDP length');
  const bytes = new Uint8Array(length);
  putUint16(bytes, 0, datagram.sourcePort);
  putUint16(bytes, 2, datagram.destinationPort);
  putUint16(bytes, 4, length);
  bytes.set(datagram.payload, UDP_HEADER_BYTES);
  const { source, destination } = addresses;
  const checksum = computeTransportChecksum(bytes, { source, destination, protocol: IP_PROTOCOL.udp });
  // Zero would mean "no checksum"; both zeros are equal in ones' complement.
  putUint16(bytes, UDP_CHECKSUM_AT, checksum === 0 ? 0xffff : checksum);
  return bytes;
}
