// The part of the native engine that concerns the machine, not its packets: link settings, stamping abilities, the service
// manager. Without a built engine each answer is "not told", so that facts about the machine are never a reason to fail.
import { loadEngine, type NativeEngine, type NativeInterface, type NativePortSettings } from '../../device/nic/nic.js';
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
