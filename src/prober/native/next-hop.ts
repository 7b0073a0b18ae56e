// Which port and which neighbour lead to an address: the kernel's routes decide, nothing is sent here.
import type { NativeInterface, NativeRoute } from '../../../device/nic/native-link.js';
import type { SendLayer } from '../../../device/nic/native-port.js';
import { isNativeFailure, loadEngine } from '../../../device/nic/nic.js';
import { requirePort } from '../../box/port-facts.js';
import { ApparenetError, DeviceError, UsageError } from '../../model/errors.js';
import type { LinkLayer } from '../../packet/reply-match.js';
import type { TargetAddress } from './resolve-target.js';

const ROUTE_TYPE = { unicast: 1, local: 2 } as const;
/** ARPHRD_* of linux/if_arp.h whose frames begin with an Ethernet header. */
const HARDWARE_TYPE = { ethernet: 1, loopback: 772 } as const;

export interface NextHop {
  readonly port: string;
  readonly portIndex: number;
  readonly version: 4 | 6;
  readonly target: Uint8Array;
  readonly source: Uint8Array;
  /** Address to resolve on the link: the gateway, or the target itself. */
  readonly neighbour: Uint8Array;
  /** MTU that the route sets, 0 for none. */
  readonly routeMtuBytes: number;
  /** `link` where frames need the neighbour's link address. */
  readonly sendLayer: SendLayer;
  /** What received frames begin with. */
  readonly linkLayer: LinkLayer;
}

/** Where the facts come from; tests give recorded answers. */
export interface RouteSource {
  /** By way of `port`, or of any. @throws UsageError where the port does not exist; NativeFailure without a route. */
  readonly lookupRoute: (address: Uint8Array, port: string | undefined) => NativeRoute;
  /** @throws UsageError where the port does not exist. */
  readonly readInterface: (port: string) => Pick<NativeInterface, 'index' | 'hardwareType'>;
}

const KERNEL: RouteSource = {
  lookupRoute: (address, port) =>
    loadEngine().lookupRoute(address, port === undefined ? 0 : readKernelInterface(port).index),
  readInterface: readKernelInterface,
};

/**
 * The first of `addresses` that has a route wins.
 * @throws DeviceError `device.route` when none has one; UsageError for an address that no single host has.
 */
export function readNextHop(
  addresses: readonly TargetAddress[],
  port: string | undefined,
  source: RouteSource = KERNEL,
): NextHop & { chosen: TargetAddress } {
  let failure = new UsageError('usage.address', 'the name resolves to no IPv4 or IPv6 address') as ApparenetError;
  for (const chosen of addresses) {
    try {
      return { ...readOne(chosen, port, source), chosen };
    } catch (error) {
      if (!(error instanceof ApparenetError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

function ofManyHosts(text: string): string {
  return `${text} is a broadcast or multicast address: name one host`;
}

/** 224.0.0.0/4 (RFC 5771) and ff00::/8 (RFC 4291), which may have no route that would say so. */
function isMulticast(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  return bytes.length === 4 ? (first & 0xf0) === 0xe0 : first === 0xff;
}

function readOne(target: TargetAddress, port: string | undefined, source: RouteSource): NextHop {
  const { bytes, text } = target;
  if (bytes.every((octet) => octet === 0)) {
    throw new UsageError('usage.address', `${text} stands for no host: name one`);
  }
  if (isMulticast(bytes)) throw new UsageError('usage.address', ofManyHosts(text));
  if (target.zone !== null && port !== undefined && port !== target.zone) {
    throw new UsageError('usage.port', `${text}%${target.zone} is on port ${target.zone}, not on ${port}`);
  }
  const wanted = target.zone ?? port;
  if (target.version === 6 && bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80 && wanted === undefined) {
    throw new UsageError('usage.address', `${text} is link-local: name its port, as in ${text}%eth0`);
  }
  const route = askRoute(target, wanted, source);
  if (route.type !== ROUTE_TYPE.unicast && route.type !== ROUTE_TYPE.local) {
    throw new UsageError('usage.address', ofManyHosts(text));
  }
  const name = route.type === ROUTE_TYPE.local ? 'lo' : route.port;
  const { index, hardwareType } = source.readInterface(name);
  return {
    port: name,
    portIndex: index,
    version: target.version,
    target: bytes,
    source: route.source ?? bytes,
    neighbour: route.gateway ?? bytes,
    routeMtuBytes: route.mtu,
    // Loopback drops frames that did not come through its own routes as martians, so packets go in at the network layer.
    sendLayer: hardwareType === HARDWARE_TYPE.ethernet ? 'link' : target.version === 4 ? 'network4' : 'network6',
    linkLayer: hardwareType === HARDWARE_TYPE.ethernet || hardwareType === HARDWARE_TYPE.loopback ? 'ethernet' : 'none',
  };
}

function askRoute({ bytes, text }: TargetAddress, port: string | undefined, source: RouteSource): NativeRoute {
  try {
    return source.lookupRoute(bytes, port);
  } catch (cause) {
    if (!isNativeFailure(cause)) throw cause;
    const via = port === undefined ? '' : ` through port ${port}`;
    throw new DeviceError(
      'device.route',
      `this machine has no route to ${text}${via} (${cause.errno}): check its address and gateway`,
      { errno: cause.errno, syscall: cause.syscall, port: port ?? null },
      { cause },
    );
  }
}

/** @throws UsageError where the port does not exist. */
function readKernelInterface(port: string): NativeInterface {
  requirePort(port);
  const facts = loadEngine().readInterface(port);
  if (!facts) throw new UsageError('usage.port', `port "${port}" went away`);
  return facts;
}
