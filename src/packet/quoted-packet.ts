// The packet that an ICMP or ICMPv6 error quotes, RFC 792 and RFC 4443 2.4: at least its IP header and, over IPv4, 8 octets more.
import { ProtocolError } from '../model/errors.js';
import { locateIp } from './ip-layout.js';
import { uint16At, uint32At } from './octets.js';
import { PAYLOAD_TAG_BYTES } from './payload-tag.js';
import { IP_PROTOCOL } from './protocol-numbers.js';
import type { IpLayout } from './ip-layout.js';
import type { QuotedProbe } from './reply.js';

/** Every router quotes at least this much of the transport header; it holds ports, identifier or TCP sequence. */
const QUOTED_TRANSPORT_BYTES = 8;

/**
 * The quoted packet from `at` to the end of `bytes`. Towards one of `stampPorts` the payload index is the STAMP sequence
 * number, else it stands in the payload tag. @throws ProtocolError where not even the IP header is whole.
 */
export function parseQuotedPacket(bytes: Uint8Array, at: number, stampPorts: readonly number[]): QuotedProbe {
  const ip = locateIp(bytes, at);
  if (ip.transportAt > bytes.length) throw new ProtocolError('quoted packet: IP header cut off');
  const whole = !ip.laterFragment && ip.transportAt + QUOTED_TRANSPORT_BYTES <= ip.end;
  const isTcp = whole && ip.protocol === IP_PROTOCOL.tcp;
  const isUdp = whole && ip.protocol === IP_PROTOCOL.udp;
  const isIcmp = whole && (ip.protocol === IP_PROTOCOL.icmp || ip.protocol === IP_PROTOCOL.icmpv6);
  const destinationPort = isTcp || isUdp ? uint16At(bytes, ip.transportAt + 2) : null;
  const isStamp = isUdp && destinationPort !== null && stampPorts.includes(destinationPort);
  return {
    protocol: ip.protocol,
    source: bytes.subarray(ip.sourceAt, ip.sourceAt + ip.addressBytes),
    destination: bytes.subarray(ip.destinationAt, ip.destinationAt + ip.addressBytes),
    ttl: ip.ttl,
    trafficClass: ip.trafficClass,
    sizeBytes: ip.sizeBytes,
    ipId: ip.ipId,
    sourcePort: isTcp || isUdp ? uint16At(bytes, ip.transportAt) : null,
    destinationPort,
    icmpIdentifier: isIcmp ? uint16At(bytes, ip.transportAt + 4) : null,
    icmpSequence: isIcmp ? uint16At(bytes, ip.transportAt + 6) : null,
    tcpSequence: isTcp ? uint32At(bytes, ip.transportAt + 4) : null,
    runTag: (isUdp && !isStamp) || isIcmp ? quotedRunTag(bytes, ip) : null,
    payloadIndex: isUdp || isIcmp ? quotedIndex(bytes, ip, isStamp) : null,
  };
}

function quotedRunTag(bytes: Uint8Array, ip: IpLayout): number | null {
  const at = ip.transportAt + QUOTED_TRANSPORT_BYTES;
  return at + PAYLOAD_TAG_BYTES <= ip.end ? uint32At(bytes, at) : null;
}

function quotedIndex(bytes: Uint8Array, ip: IpLayout, isStamp: boolean): number | null {
  const at = ip.transportAt + QUOTED_TRANSPORT_BYTES + (isStamp ? 0 : 4);
  return at + 4 <= ip.end ? uint32At(bytes, at) : null;
}
