// The part of the native engine that concerns the machine, not its packets: link settings, stamping abilities, the service
// manager. Without a built engine each answer is "not told", so that facts about the machine are never a reason to fail.
import type {
  NativeClockDiscipline,
  NativeInterface,
  NativeKernelCounters,
  NativeLinkState,
  NativePortSettings,
  NativeStandardCounters,
} from '../../device/nic/native-link.js';
import { loadEngine, type NativeEngine } from '../../device/nic/nic.js';
import { DeviceError } from '../model/errors.js';
import type { Duplex, LinkMode } from '../model/path.js';
import { decodeLinkModes, decodeSpeed } from './link-modes.js';
import type { TimestampingInfo } from './stamp-abilities.js';

export interface LinkSettings {
  readonly speedBitsPerSec: number | null;
  readonly duplex: Duplex;
  readonly autoNegotiation: boolean;
  readonly supportedModes: readonly LinkMode[];
  readonly advertisedModes: readonly LinkMode[];
  /** null where the driver does not tell what the partner offered. */
  readonly partnerModes: readonly LinkMode[] | null;
}

export type KernelCounters = NativeKernelCounters;
export type StandardCounters = NativeStandardCounters;
export type LinkState = NativeLinkState;

const DUPLEX: Readonly<Record<number, Duplex>> = { 0: 'half', 1: 'full' };

/** Link settings of ETHTOOL_GLINKSETTINGS; null where the driver, the kernel or the engine has none. */
export function readLinkSettings(port: string): LinkSettings | null {
  const link = askEngine((engine) => engine.readLink(port));
  if (link === null) return null;
  const partnerModes = decodeLinkModes(link.partner);
  return {
    speedBitsPerSec: decodeSpeed(link.speedMbps),
    duplex: DUPLEX[link.duplex] ?? 'unknown',
    autoNegotiation: link.autoNegotiation,
    supportedModes: decodeLinkModes(link.supported),
    advertisedModes: decodeLinkModes(link.advertising),
    partnerModes: partnerModes.length > 0 ? partnerModes : null,
  };
}

/** MTU and carrier as the process's own network namespace has them; null where the engine cannot tell. */
export function readInterface(port: string): NativeInterface | null {
  return askEngine((engine) => engine.readInterface(port));
}

/** Why a link is down and how good its signal is; null where it cannot be told. */
export function readLinkState(port: string): NativeLinkState | null {
  return askEngine((engine) => engine.readLinkState(port));
}

/** Of a VLAN's own port; null for any other. */
export function readVlan(port: string): ReturnType<NativeEngine['readVlan']> {
  return askEngine((engine) => engine.readVlan(port));
}

/** The four readers of counters: null, `{}` and `[]` where the engine, the kernel or the driver has none. */
export function readKernelCounters(port: string): NativeKernelCounters | null {
  return askEngine((engine) => engine.readKernelCounters(port));
}

export function readStandardCounters(port: string): NativeStandardCounters {
  return askEngine((engine) => engine.readStandardCounters(port)) ?? {};
}

export function readDriverCounterNames(port: string): string[] {
  return askEngine((engine) => engine.readDriverCounterNames(port)) ?? [];
}

export function readDriverCounters(port: string, count: number): Float64Array | null {
  return askEngine((engine) => engine.readDriverCounters(port, count));
}

/** Hears frames on a port; a port that goes down is silent and may come back. */
export interface Listener {
  read(): Uint8Array[];
  close(): void;
}

/** null without CAP_NET_RAW, and for a port that has no link addresses. */
export function openListener(port: string, filter: Uint8Array, groups: Uint8Array): Listener | null {
  const listener = askEngine((engine) => engine.openListener({ port, filter, groups }));
  if (listener === null) return null;
  return { read: () => askEngine(() => listener.read()) ?? [], close: () => listener.close() };
}

/** Stamping abilities of ETHTOOL_GET_TS_INFO; null where they cannot be told. */
export function readTimestampingInfo(port: string): TimestampingInfo | null {
  return askEngine((engine) => engine.readTimestamping(port));
}

export type PortSettings = NativePortSettings;
export type PortSettingName = keyof NativePortSettings;
/** Values to write, or to put back. */
export type PortSettingValues = Partial<Readonly<Record<PortSettingName, number>>>;

/** What of a port delays, merges or batches packets; null where the engine cannot tell. */
export function readPortSettings(port: string): NativePortSettings | null {
  return askEngine((engine) => engine.readPortSettings(port));
}

/** @throws NativeFailure EPERM without CAP_NET_ADMIN, EOPNOTSUPP, ENODEV … */
export function writePortSetting(port: string, setting: PortSettingName, value: number): void {
  loadEngine().writePortSetting(port, setting, value);
}

/** How well the wall clock follows its source; null where the kernel may not be asked. */
export function readClockDiscipline(): NativeClockDiscipline | null {
  return askEngine((engine) => engine.readClockDiscipline());
}

/** sd_notify(3), for example `READY=1`. False where no service manager listens or the engine is absent. */
export function notifyServiceManager(state: string): boolean {
  return askEngine((engine) => engine.notify(state)) ?? false;
}

/** A missing engine and a refused ioctl both mean "not told"; anything else is a defect and passes through. */
function askEngine<T>(ask: (engine: NativeEngine) => T | null): T | null {
  try {
    return ask(loadEngine());
  } catch (error) {
    if (error instanceof DeviceError || (error instanceof Error && 'syscall' in error)) return null;
    throw error;
  }
}
