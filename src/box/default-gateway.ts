// The address of the default gateway, from the kernel's routing tables of this network namespace. Sends nothing.
import { HostFiles } from './host-files.js';

/** RTF_UP and RTF_GATEWAY of linux/route.h. */
const GATEWAY_FLAGS = 0x3;

interface DefaultRoute {
  readonly address: string;
  readonly metric: number;
}

/** IPv4 before IPv6, the lowest metric first; with its port where it is link-local; null where there is none. */
export function readDefaultGateway(files = new HostFiles()): string | null {
  const routes4 = readLines(files, 'proc/net/route').slice(1).flatMap(parseRoute4);
  const routes6 = readLines(files, 'proc/net/ipv6_route').flatMap(parseRoute6);
  return findLowest(routes4) ?? findLowest(routes6);
}

function readLines(files: HostFiles, path: string): string[][] {
  const text = files.readText(path) ?? '';
  return text.split('\n').map((line) => line.trim().split(/\s+/));
}

/** proc_net(5): port, destination, gateway, flags, two counters, metric, mask; addresses as this machine's own words. */
function parseRoute4(fields: readonly string[]): DefaultRoute[] {
  const [, destination, gateway = '', flags = '', , , metric = '', mask] = fields;
  if (destination !== '00000000' || mask !== '00000000') return [];
  if ((parseInt(flags, 16) & GATEWAY_FLAGS) !== GATEWAY_FLAGS || !/^[0-9A-F]{8}$/i.test(gateway)) return [];
  // Every machine that this runs on is little-endian.
  const octets = (gateway.match(/../g) ?? []).reverse().map((octet) => parseInt(octet, 16));
  return [{ address: octets.join('.'), metric: Number(metric) }];
}

/** Destination, its length, source, its length, next hop, metric, two counters, flags, port; all in hexadecimal. */
function parseRoute6(fields: readonly string[]): DefaultRoute[] {
  const [, length, , , nextHop = '', metric = '', , , flags = '', port = ''] = fields;
  if (length !== '00' || (parseInt(flags, 16) & GATEWAY_FLAGS) !== GATEWAY_FLAGS) return [];
  const address = nextHop.match(/.{4}/g)?.join(':') ?? '';
  const zone = /^fe[89ab]/.test(address) ? `%${port}` : '';
  return address === '' ? [] : [{ address: `${address}${zone}`, metric: parseInt(metric, 16) }];
}

function findLowest(routes: readonly DefaultRoute[]): string | null {
  return [...routes].sort((a, b) => a.metric - b.metric)[0]?.address ?? null;
}
