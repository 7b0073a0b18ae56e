// The native engine as a whole: loads it, and names what it can be asked for. Only marshalling is done here.
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeviceError } from '../../src/model/errors.js';
import type {
  NativeClockDiscipline,
  NativeInterface,
  NativeKernelCounters,
  NativeLink,
  NativeLinkState,
  NativeNeighbour,
  NativePortSettings,
  NativeRoute,
  NativeStandardCounters,
  NativeTimestamping,
} from './native-link.js';
import type { NativePort, OpenOptions } from './native-port.js';
import type {
  ListenerOptions,
  NativeListener,
  NativeReflector,
  ReflectorOptions,
  ReservedPort,
} from './native-reflector.js';

export interface NativeEngine {
  /** `index` 0: any port. @throws NativeFailure ENETUNREACH, EHOSTUNREACH … */
  lookupRoute(address: Uint8Array, index: number): NativeRoute;
  lookupNeighbour(address: Uint8Array, index: number): NativeNeighbour | null;
  /** null where there is no such interface. */
  readInterface(port: string): NativeInterface | null;
  /** Queue disciplines (tc) of the interface: `htb`, `fq_codel`, `clsact` …; the kernel's built-in ones are not told. */
  listQueueKinds(index: number): string[];
  reserveUdpPort(ipVersion: 4 | 6): ReservedPort;
  openPort(options: OpenOptions): NativePort;
  readLink(port: string): NativeLink | null;
  readTimestamping(port: string): NativeTimestamping | null;
  /** null where it is no VLAN's port; `parent` null where that is none of this network namespace. */
  readVlan(port: string): { readonly id: number; readonly parent: string | null } | null;
  readKernelCounters(port: string): NativeKernelCounters | null;
  readStandardCounters(port: string): NativeStandardCounters;
  readLinkState(port: string): NativeLinkState | null;
  /** Names of the counters that the driver has for itself, and their values in the same order; null when their number changed. */
  readDriverCounterNames(port: string): string[];
  readDriverCounters(port: string, count: number): Float64Array | null;
  /** @throws NativeFailure EPERM without CAP_NET_RAW, ENODEV … */
  openListener(options: ListenerOptions): NativeListener;
  readPortSettings(port: string): NativePortSettings;
  /** @throws NativeFailure EPERM without CAP_NET_ADMIN, EOPNOTSUPP, ENODEV … */
  writePortSetting(port: string, setting: keyof NativePortSettings, value: number): void;
  openReflector(options: ReflectorOptions): NativeReflector;
  /** null where a filter of system calls forbids to ask. */
  readClockDiscipline(): NativeClockDiscipline | null;
  /** sd_notify(3): false where NOTIFY_SOCKET is not set. */
  notify(state: string): boolean;
}

/** What the engine throws: a plain Error with these fields. Adapters turn it into the project's errors. */
export interface NativeFailure extends Error {
  readonly errno: string;
  readonly syscall: string;
  readonly port: string;
}

export function isNativeFailure(error: unknown): error is NativeFailure {
  return error instanceof Error && 'syscall' in error && 'errno' in error;
}

let engine: NativeEngine | undefined;

/** @throws DeviceError `device.engine` when it was not built or does not load on this machine. */
export function loadEngine(): NativeEngine {
  if (engine) return engine;
  const require = createRequire(import.meta.url);
  const path = findBinary(dirname(fileURLToPath(import.meta.url)));
  try {
    engine = require(path) as NativeEngine;
    return engine;
  } catch (cause) {
    throw new DeviceError(
      'device.engine',
      `the native engine ${path} does not load: run "make -C device/nic"`,
      undefined,
      {
        cause,
      },
    );
  }
}

/** The source tree and dist/ hold this file at different depths; the binary is only in the source tree. */
function findBinary(here: string): string {
  for (const up of ['.', '../../../device/nic']) {
    const path = join(here, up, 'build', 'nic.node');
    if (existsSync(path)) return path;
  }
  throw new DeviceError('device.engine', 'the native engine is not built: run "make -C device/nic"');
}
