// The npm package raw-socket behind an interface of ours: whole IP packets go out, ICMP and the target's answers come in. It has no
// stamps, so nothing here measures time. It works on the main thread only, on Node's own event loop.
import { createRequire } from 'node:module';
import { DeviceError } from '../../model/errors.js';
import { IP_PROTOCOL } from '../../packet/protocol-numbers.js';

/** What we use of the package; it brings no types. */
interface PackageSocket {
  setOption(level: number, option: number, value: number): void;
  setOption(level: number, option: number, value: Buffer, length: number): void;
  send(
    packet: Buffer,
    offset: number,
    length: number,
    address: string,
    sent: (error: Error | null, bytes: number) => void,
  ): void;
  on(event: 'message', listen: (packet: Buffer, source: string) => void): void;
  on(event: 'error', listen: (error: Error) => void): void;
  close(): void;
}
interface RawSocketPackage {
  readonly createSocket: (options: { protocol: number; addressFamily: 1 | 2; bufferSize: number }) => PackageSocket;
}

export interface RawSocket {
  /** An IP packet with its header. Rejects with a DeviceError where the kernel refuses it. */
  send(packet: Uint8Array, address: string): Promise<void>;
  /** Safe to call twice. */
  close(): void;
}

export interface RawSocketOptions {
  /** What it hears: ICMP of this version, or one transport protocol. */
  readonly protocol: number;
  readonly version: 4 | 6;
  /** Port to be bound to; null leaves the choice to the routes. */
  readonly port: string | null;
  /** With IPv6 the kernel cuts the header off; `source` then is the only word of where it came from. */
  readonly onMessage: (bytes: Uint8Array, source: string) => void;
  /** The socket is closed after this; said at most once. */
  readonly onError: (error: DeviceError) => void;
}

/** As <linux/in.h>, <linux/in6.h>, <linux/icmp.h> and <asm/socket.h> number them. */
const OPTION = {
  bindToDevice: [1, 25],
  ipHeaderIncluded: [0, 3],
  ipMtuDiscover: [0, 10],
  ipv6HeaderIncluded: [41, 36],
  ipv6MtuDiscover: [41, 23],
  icmpFilter: [255, 1],
  icmpv6Filter: [58, 1],
} as const;
/** IP_PMTUDISC_PROBE: packets are cut by nobody here, whatever the kernel believes of the path's MTU. */
const MTU_DISCOVER_PROBE = 3;
/** Types that the filters let through: echo reply, unreachable, time exceeded, parameter problem; with IPv6 also too big. */
const ICMP_TYPES = [0, 3, 11, 12];
const ICMPV6_TYPES = [1, 2, 3, 4, 129];
const LARGEST_PACKET = 65_535;

/**
 * The package holds its sockets weakly: while everybody waits for one, nothing else may refer to it, and the collector would close it
 * under its waiters. So open ones are held here.
 */
const held = new Set<PackageSocket>();

/** @throws DeviceError `device.package` without the package, `device.open` where the kernel gives no socket. */
export function openRawSocket(options: RawSocketOptions): RawSocket {
  const { createSocket } = loadPackage();
  let socket: PackageSocket;
  try {
    const addressFamily = options.version === 4 ? 1 : 2;
    socket = createSocket({ protocol: options.protocol, addressFamily, bufferSize: LARGEST_PACKET });
    setOptions(socket, options);
  } catch (cause) {
    throw toDeviceError('device.open', 'a raw socket could not be opened', cause);
  }
  held.add(socket);
  const close = (): void => {
    if (held.delete(socket)) socket.close();
  };
  socket.on('message', options.onMessage);
  socket.on('error', (cause) => {
    if (!held.has(socket)) return;
    close();
    options.onError(toDeviceError('device.io', 'the raw socket failed', cause));
  });
  return { send: (packet, address) => sendPacket(socket, packet, address), close };
}

function sendPacket(socket: PackageSocket, packet: Uint8Array, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(Buffer.from(packet), 0, packet.length, address, (cause) => {
      if (cause === null) resolve();
      else reject(toDeviceError('device.io', `a probe to ${address} could not be sent`, cause));
    });
  });
}

function setOptions(socket: PackageSocket, { version, protocol, port }: RawSocketOptions): void {
  const [header, discover] =
    version === 4
      ? [OPTION.ipHeaderIncluded, OPTION.ipMtuDiscover]
      : [OPTION.ipv6HeaderIncluded, OPTION.ipv6MtuDiscover];
  socket.setOption(header[0], header[1], 1);
  socket.setOption(discover[0], discover[1], MTU_DISCOVER_PROBE);
  if (protocol === IP_PROTOCOL.icmp) setFilter(socket, OPTION.icmpFilter, 4, ICMP_TYPES);
  if (protocol === IP_PROTOCOL.icmpv6) setFilter(socket, OPTION.icmpv6Filter, 32, ICMPV6_TYPES);
  if (port === null) return;
  const name = Buffer.from(`${port}\0`);
  socket.setOption(OPTION.bindToDevice[0], OPTION.bindToDevice[1], name, name.length);
}

/** A bit map of types to block, in 32-bit words of the machine's order; every machine we run on is little-endian. */
function setFilter(socket: PackageSocket, option: readonly [number, number], bytes: number, pass: number[]): void {
  const map = Buffer.alloc(bytes, 0xff);
  for (const type of pass) map[type >> 3] = (map[type >> 3] ?? 0) & ~(1 << (type & 7));
  socket.setOption(option[0], option[1], map, map.length);
}

let loaded: RawSocketPackage | undefined;

/** The package is optional: a machine without a compiler does without this one command. */
function loadPackage(): RawSocketPackage {
  if (loaded) return loaded;
  try {
    loaded = createRequire(import.meta.url)('raw-socket') as RawSocketPackage;
    return loaded;
  } catch (cause) {
    throw new DeviceError(
      'device.package',
      'the package raw-socket is not installed or not built for this Node.js: with a C++ compiler, python3 and the ' +
        'headers of Node.js there, run "npm install raw-socket" or "npm rebuild raw-socket"',
      undefined,
      { cause },
    );
  }
}

function toDeviceError(code: 'device.open' | 'device.io', what: string, cause: unknown): DeviceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DeviceError(code, `${what}: ${reason}`, undefined, { cause });
}
