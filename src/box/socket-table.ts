// The kernel's tables of TCP and UDP sockets (/proc/net/{tcp,tcp6,udp,udp6}; proc_net_tcp in the kernel's documentation)
// turned into rows. Who owns a socket is found elsewhere, by its inode.
import { formatAddress } from '../packet/address.js';

export interface SocketRow {
  readonly protocol: 'tcp' | 'udp';
  /** Text form; `0.0.0.0` and `::` stand for all addresses. */
  readonly address: string;
  readonly port: number;
  readonly uid: number;
  readonly inode: number;
}

/** Hexadecimal socket states that wait for peers: TCP_LISTEN, and for UDP the unconnected TCP_CLOSE. */
const WAITING = { tcp: '0A', udp: '07' } as const;

/** Sockets that wait for anybody; connections and malformed lines are left out. */
export function parseSocketTable(table: string, protocol: 'tcp' | 'udp'): SocketRow[] {
  const rows: SocketRow[] = [];
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', , state, , , , uid = '', , inode = ''] = line.trim().split(/\s+/);
    const [addressHex = '', portHex = ''] = local.split(':');
    const address = decodeAddress(addressHex);
    if (state !== WAITING[protocol] || address === null) continue;
    rows.push({ protocol, address, port: parseInt(portHex, 16), uid: Number(uid), inode: Number(inode) });
  }
  return rows;
}

/** Network-order bytes printed as words of the host's order; both of our architectures are little-endian. */
function decodeAddress(hex: string): string | null {
  if (!/^([0-9A-F]{8}|[0-9A-F]{32})$/.test(hex)) return null;
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  return formatAddress(Uint8Array.from(bytes, (byte) => parseInt(byte, 16)));
}
