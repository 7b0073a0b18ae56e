// The frame that every contender of the send and receive benches sends: 60 bytes, the shortest that Ethernet carries, to an
// address of nobody, so that the far kernel drops it at the same early place whoever sent it.
import { parseIpv4Address, parseMac } from '../../src/packet/address.js';
import { encodeEthernet } from '../../src/packet/ethernet.js';
import { encodeIpv4 } from '../../src/packet/ipv4.js';
import { ETHER_TYPE, IP_PROTOCOL } from '../../src/packet/protocol-numbers.js';
import { encodeUdp } from '../../src/packet/udp.js';
import type { TestPath } from '../live/test-path.js';

export const NOBODY = '10.66.0.99';
/** Discard (RFC 863). */
export const DISCARD_PORT = 9;
const PAYLOAD_BYTES = 18;

/** Also tells the near kernel that NOBODY lives at the far port, for contenders that send through it. */
export function prepareBenchFrame(path: TestPath): Uint8Array {
  const readMac = (where: 'near' | 'far', port: string): string =>
    path.exec(where, 'cat', `/sys/class/net/${port}/address`).trim();
  const farMac = readMac('far', 'fp');
  path.exec('near', 'ip', 'neighbour', 'replace', NOBODY, 'lladdr', farMac, 'dev', path.port, 'nud', 'permanent');
  const addresses = { source: parseIpv4Address(path.nearAddress), destination: parseIpv4Address(NOBODY) };
  const datagram = { sourcePort: 40_000, destinationPort: DISCARD_PORT, payload: new Uint8Array(PAYLOAD_BYTES) };
  const packet = encodeIpv4({
    ...addresses,
    dscp: 0,
    ecn: 0,
    identification: 0,
    dontFragment: true,
    moreFragments: false,
    fragmentOffsetBytes: 0,
    ttl: 64,
    protocol: IP_PROTOCOL.udp,
    options: new Uint8Array(0),
    payload: encodeUdp(datagram, addresses),
  });
  return encodeEthernet({
    destination: parseMac(farMac),
    source: parseMac(readMac('near', path.port)),
    vlans: [],
    etherType: ETHER_TYPE.ipv4,
    payload: packet,
  });
}

export const toHex = (frame: Uint8Array): string => Buffer.from(frame).toString('hex');
