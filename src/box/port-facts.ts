// What this machine knows of its network ports without sending anything: /sys/class/net, refined by the driver's own
// answers where the native engine is there to ask. Ports are named as the process's own network namespace has them.
import { basename } from 'node:path';
import { DeviceError, UsageError } from '../model/errors.js';
import type { Duplex, PortFacts } from '../model/path.js';
import { HostFiles } from './host-files.js';
import { decodeSpeed } from './link-modes.js';
import {
  readInterface,
  readLinkSettings,
  readLinkState,
  readTimestampingInfo,
  readVlan,
  type LinkSettings,
  type LinkState,
} from './native-host.js';
import { computeStampAbilities, type StampAbilities, type TimestampingInfo } from './stamp-abilities.js';

type InterfaceFacts = NonNullable<ReturnType<typeof readInterface>>;

/** Where the facts come from; tests give a recorded tree and recorded driver answers. */
export interface PortSource {
  readonly files: HostFiles;
  readonly readInterface: (port: string) => InterfaceFacts | null;
  readonly readLink: (port: string) => LinkSettings | null;
  readonly readTimestamping: (port: string) => TimestampingInfo | null;
  readonly readLinkState: (port: string) => LinkState | null;
  readonly readVlan: (port: string) => { readonly id: number; readonly parent: string | null } | null;
}

const MACHINE_PORTS: PortSource = {
  files: new HostFiles(),
  readInterface,
  readLink: readLinkSettings,
  readTimestamping: readTimestampingInfo,
  readLinkState,
  readVlan,
};

export interface PortSummary {
  readonly facts: PortFacts;
  readonly kind: 'ethernet' | 'loopback' | 'tunnel' | 'other';
  /** Kernel driver such as `igb`; null for virtual ports. */
  readonly driver: string | null;
  readonly stamps: StampAbilities;
}

/** Names of the ports of this network namespace, the loopback last. The kernel allows no colon in a name. */
export function listPortNames(source: PortSource = MACHINE_PORTS): string[] {
  const table = source.files.readText('proc/self/net/dev') ?? '';
  const names = table
    .split('\n')
    .slice(2)
    .map((line) => line.slice(0, line.indexOf(':')).trim())
    .filter((name) => name !== '');
  return names.sort((a, b) => Number(a === 'lo') - Number(b === 'lo') || a.localeCompare(b));
}

/** @throws UsageError `usage.port`, naming the ports there are. */
export function requirePort(name: string, source: PortSource = MACHINE_PORTS): void {
  const names = listPortNames(source);
  if (names.includes(name)) return;
  throw new UsageError('usage.port', `there is no port "${name}" here; the ports are ${names.join(', ') || '(none)'}`);
}

/** @throws UsageError for a name that does not exist; DeviceError where neither the engine nor /sys can tell its facts. */
export function readPortFacts(name: string, source: PortSource = MACHINE_PORTS): PortFacts {
  requirePort(name, source);
  const folder = `sys/class/net/${name}`;
  const own = source.readInterface(name);
  const mtuBytes = own?.mtu ?? source.files.readInteger(`${folder}/mtu`);
  if (mtuBytes === null) {
    const message = `port ${name} cannot be read: /sys/class/net shows another network namespace and the engine is not built`;
    throw new DeviceError('device.open', message, { errno: null, syscall: null, port: name });
  }
  const link = source.readLink(name);
  return {
    name,
    mtuBytes,
    linkUp: own?.running ?? readLinkUp(source.files, folder),
    speedBitsPerSec: link?.speedBitsPerSec ?? decodeSpeed(source.files.readInteger(`${folder}/speed`)),
    duplex: link && link.duplex !== 'unknown' ? link.duplex : parseDuplex(source.files.readText(`${folder}/duplex`)),
    autoNegotiation: link?.autoNegotiation ?? null,
    supportedModes: link?.supportedModes ?? [],
    advertisedModes: link?.advertisedModes ?? [],
    partnerModes: link?.partnerModes ?? null,
    ...readSignal(name, source),
    ...readVlanFacts(name, source),
  };
}

/** enum ethtool_link_ext_state of linux/ethtool.h, in words that follow "the link is down:". */
const DOWN_REASONS: readonly string[] = [
  'auto-negotiation failed',
  'link training failed',
  'the two ends disagree',
  'bad signal',
  'no cable',
  'a bad cable',
  'the module cannot be read',
  'calibration failed',
  'not enough power for the module',
  'too hot',
  'a fault of the module',
];

function readSignal(name: string, source: PortSource): Pick<PortFacts, 'linkDownReason' | 'signalQuality'> {
  const state = source.readLinkState(name);
  const reason = state === null ? undefined : DOWN_REASONS[state.downReason];
  const isGraded = state !== null && state.signalQuality >= 0 && state.bestSignalQuality > 0;
  return {
    ...(reason === undefined ? {} : { linkDownReason: reason }),
    ...(isGraded ? { signalQuality: { value: state.signalQuality, best: state.bestSignalQuality } } : {}),
  };
}

function readVlanFacts(name: string, source: PortSource): Pick<PortFacts, 'vlanId' | 'parent'> {
  const vlan = source.readVlan(name);
  if (vlan === null) return {};
  const mtuBytes = vlan.parent === null ? null : (source.readInterface(vlan.parent)?.mtu ?? null);
  const parent = vlan.parent === null || mtuBytes === null ? {} : { parent: { name: vlan.parent, mtuBytes } };
  return { vlanId: vlan.id, ...parent };
}

/** Every port of this network namespace with its driver and stamping abilities. */
export function listPorts(source: PortSource = MACHINE_PORTS): PortSummary[] {
  return listPortNames(source).map((name) => {
    const driver = source.files.readLink(`sys/class/net/${name}/device/driver`);
    return {
      facts: readPortFacts(name, source),
      kind: computeKind(
        source.readInterface(name)?.hardwareType ?? source.files.readInteger(`sys/class/net/${name}/type`),
      ),
      driver: driver === null ? null : basename(driver),
      stamps: computeStampAbilities(source.readTimestamping(name)),
    };
  });
}

/** Ports without a carrier concept (loopback, tunnels) report `unknown` and are up when they have a carrier. */
function readLinkUp(files: HostFiles, folder: string): boolean {
  const state = files.readText(`${folder}/operstate`);
  return state === 'up' || (state === 'unknown' && files.readInteger(`${folder}/carrier`) === 1);
}

function parseDuplex(text: string | null): Duplex {
  return text === 'full' || text === 'half' ? text : 'unknown';
}

/** ARPHRD_* of linux/if_arp.h. */
function computeKind(hardwareType: number | null): PortSummary['kind'] {
  if (hardwareType === 1) return 'ethernet';
  if (hardwareType === 772) return 'loopback';
  return hardwareType === 65534 || hardwareType === 512 ? 'tunnel' : 'other';
}
