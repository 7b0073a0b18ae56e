// The question for a link address as a whole frame: an ARP request for IPv4, a neighbour solicitation for IPv6.
import { IPV6_BYTES, MAC_BYTES } from './address.js';
import { ARP_OPERATION, encodeArp } from './arp.js';
import { encodeEthernet } from './ethernet.js';
import { LINK_ADDRESS_OPTION, encodeIcmpv6 } from './icmpv6.js';
import { encodeIpv6 } from './ipv6.js';
import { ETHER_TYPE, IP_PROTOCOL } from './protocol-numbers.js';

export interface NeighbourQuery {
  readonly sourceMac: Uint8Array;
  /** An address of ours on the link, of the target's family. */
  readonly source: Uint8Array;
  readonly target: Uint8Array;
}

/** RFC 826, or RFC 4861 7.2.2 to the solicited-node group of the target. */
export function encodeNeighbourQuery(query: NeighbourQuery): Uint8Array {
  return query.target.length === IPV6_BYTES ? encodeSolicitation(query) : encodeArpRequest(query);
}

/**
 * Asks whether anybody else has `address`, which is ours: an ARP probe (RFC 5227 2.1.1), or a solicitation without a source
 * (RFC 4862 5.4.2). Neither makes its receivers change what they know of us.
 */
export function encodeAddressProbe(sourceMac: Uint8Array, address: Uint8Array): Uint8Array {
  return encodeNeighbourQuery({ sourceMac, source: new Uint8Array(address.length), target: address });
}

function encodeArpRequest({ sourceMac, source, target }: NeighbourQuery): Uint8Array {
  const payload = encodeArp({
    operation: ARP_OPERATION.request,
    senderMac: sourceMac,
    senderAddress: source,
    targetMac: new Uint8Array(MAC_BYTES),
    targetAddress: target,
  });
  const destination = new Uint8Array(MAC_BYTES).fill(0xff);
  return encodeEthernet({ destination, source: sourceMac, vlans: [], etherType: ETHER_TYPE.arp, payload });
}

function encodeSolicitation({ sourceMac, source, target }: NeighbourQuery): Uint8Array {
  const lastThree = target.subarray(13);
  // ff02::1:ff00:0 with the last 24 bits of the target (RFC 4291 2.7.1), and the Ethernet group of its last 32 (RFC 2464 7).
  const group = Uint8Array.of(0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...lastThree);
  // RFC 4861 4.3: without a source there is no link address to answer to.
  const isFromNobody = source.every((octet) => octet === 0);
  const options = isFromNobody ? [] : [{ type: LINK_ADDRESS_OPTION.source, data: sourceMac }];
  const message = encodeIcmpv6({ kind: 'neighbour-solicitation', target, options }, { source, destination: group });
  const payload = encodeIpv6({
    dscp: 0,
    ecn: 0,
    flowLabel: 0,
    // RFC 4861 7.1.1: receivers drop any other value, so that no router can have forwarded it.
    hopLimit: 255,
    source,
    destination: group,
    extensions: [],
    protocol: IP_PROTOCOL.icmpv6,
    payload: message,
  });
  const destination = Uint8Array.of(0x33, 0x33, 0xff, ...lastThree);
  return encodeEthernet({ destination, source: sourceMac, vlans: [], etherType: ETHER_TYPE.ipv6, payload });
}
