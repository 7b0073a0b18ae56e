// Starts the native reflector and turns its failures into the project's errors. Decides what it goes on without, and says so
// in `notes`; how it answers is decided in device/nic.
import { realpathSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import type {
  NativeReflector,
  ReflectorCounters,
  ReflectorOptions as NativeOptions,
} from '../../../device/nic/native-reflector.js';
import { isNativeFailure, loadEngine, type NativeFailure } from '../../../device/nic/nic.js';
import { DeviceError, PermissionError, UsageError } from '../../model/errors.js';
import { PART_PORTS } from '../../model/parts.js';
import { DEFAULT_ALLOWED_PREFIXES, encodeAllowList } from './allow-list.js';

export type { ReflectorCounters } from '../../../device/nic/native-reflector.js';

/**
 * Replies a second (0: no limit) and how many may follow each other at once, for each source and for all together; the same for the
 * octets of Ethernet frames of trains.
 */
export interface ReflectorLimits {
  readonly sourceRate: number;
  readonly sourceBurst: number;
  readonly totalRate: number;
  readonly totalBurst: number;
  readonly trainSourceRate: number;
  readonly trainSourceBurst: number;
  readonly trainTotalRate: number;
  readonly trainTotalBurst: number;
}

/**
 * Enough for one examination at 1 Gb/s in full-size packets (82,000 a second) and a second one beside it. A source may load a
 * gigabit for two seconds with trains, and has earned them again after ten.
 */
export const DEFAULT_REFLECTOR_LIMITS: ReflectorLimits = {
  sourceRate: 100_000,
  sourceBurst: 50_000,
  totalRate: 200_000,
  totalBurst: 100_000,
  trainSourceRate: 25e6,
  trainSourceBurst: 256e6,
  trainTotalRate: 50e6,
  trainTotalBurst: 512e6,
};

const MAX_SESSIONS = 4096;

export interface StartReflectorOptions {
  /** The first one must open; the others may be missing, with a note. 0: one chosen by the kernel. Default 3237 and 862. */
  readonly udpPorts?: readonly number[];
  /** Only on this network port; without it on all. */
  readonly port?: string;
  /** Prefixes of the sources that are answered. Default: private, shared, link-local and loopback ranges. */
  readonly allow?: readonly string[];
  readonly limits?: ReflectorLimits;
  /** Send trains of its own on request (docs/decisions/0008-far-end-trains.md). Default true. */
  readonly trains?: boolean;
}

export interface RunningReflector {
  /** Ports that are really bound. */
  readonly udpPorts: readonly number[];
  /** True where the kernel granted its thread real-time priority. */
  readonly realTime: boolean;
  /** What it has to do without, and how to change that; one sentence each. */
  readonly notes: readonly string[];
  /** Still readable after `close`. */
  counters(): ReflectorCounters;
  /** Why it no longer answers, in words; null while it does. */
  problem(): string | null;
  /** Safe to call twice. */
  close(): Promise<void>;
}

/**
 * The reflector works in a thread of its own until it is closed; it does not keep the process alive by itself.
 * @throws DeviceError `device.busy` where the first UDP port is taken; PermissionError with the command that grants what is
 *   missing; UsageError for a network port that does not exist; ConfigError for a prefix that is none
 */
export function startReflector(options: StartReflectorOptions = {}): RunningReflector {
  const port = options.port ?? '';
  const notes: string[] = [];
  const native = openWithFallbacks(
    {
      udpPorts: options.udpPorts ?? PART_PORTS.reflector,
      ipv4: true,
      ipv6: true,
      port,
      allow: encodeAllowList(options.allow ?? DEFAULT_ALLOWED_PREFIXES, 'reflector.allow'),
      ...(options.limits ?? DEFAULT_REFLECTOR_LIMITS),
      trains: options.trains ?? true,
      maxSessions: MAX_SESSIONS,
      realTime: true,
    },
    notes,
  );
  return {
    udpPorts: native.udpPorts,
    realTime: native.realTime,
    notes,
    counters: () => native.counters(),
    problem: () => describeFailure(native.failure(), port),
    close: () => native.close(),
  };
}

/** Ends: each turn gives up an address family or a UDP port, or throws. */
function openWithFallbacks(wanted: NativeOptions, notes: string[]): NativeReflector {
  const engine = loadEngine();
  let options = wanted;
  for (;;) {
    try {
      return engine.openReflector(options);
    } catch (failure) {
      if (!isNativeFailure(failure)) throw failure;
      const less = planFallback(options, failure, notes);
      if (less === null) throw toProjectError(failure);
      options = less;
    }
  }
}

/** The same with what failed left out, or null where it cannot be left out. */
function planFallback(options: NativeOptions, failure: NativeFailure, notes: string[]): NativeOptions | null {
  if (failure.errno === 'EAFNOSUPPORT' && options.ipv4 && options.ipv6) {
    notes.push('IPv6 is off on this machine: the reflector answers IPv4 only.');
    return { ...options, ipv6: false };
  }
  const udpPort = Number(failure.port);
  const required = options.udpPorts[0] === udpPort;
  if (failure.syscall !== 'bind' || required || !options.udpPorts.includes(udpPort)) return null;
  const left = options.udpPorts.filter((other) => other !== udpPort);
  const goesOn = `the reflector answers on ${left.map((other) => `udp/${other}`).join(' and ')} only`;
  if (isRefused(failure)) {
    notes.push(
      `udp/${udpPort} needs the capability CAP_NET_BIND_SERVICE: ${goesOn}. To grant it: ${readGrantCommand()}`,
    );
  } else if (failure.errno === 'EADDRINUSE') {
    notes.push(`udp/${udpPort} is in use by another program: ${goesOn}.`);
  } else {
    return null;
  }
  return { ...options, udpPorts: left };
}

function isRefused(failure: NativeFailure): boolean {
  return failure.errno === 'EACCES' || failure.errno === 'EPERM';
}

function toProjectError(failure: NativeFailure): Error {
  const { errno, syscall, port } = failure;
  const details = { errno, syscall, port };
  const where = syscall === 'bind' ? `udp/${port}` : port === '' ? 'the reflector' : `port ${port}`;
  if (isRefused(failure)) {
    const message = `${where} may not be opened: this process does not have the capability CAP_NET_BIND_SERVICE`;
    const ofPort = `${where} may not be bound to: this process does not have the capability CAP_NET_RAW`;
    return new PermissionError('permission.socket', syscall === 'bind' ? message : ofPort, readGrantCommand(), {
      cause: failure,
    });
  }
  if (errno === 'EADDRINUSE') {
    const message = `${where} is in use by another program ("ss -lunp sport = :${port}" names it)`;
    return new DeviceError('device.busy', message, details, { cause: failure });
  }
  if (errno === 'ENODEV') {
    return new UsageError('usage.port', `there is no port "${port}" here`, { cause: failure });
  }
  return new DeviceError('device.open', `${where}: ${failure.message}`, details, { cause: failure });
}

/** setcap replaces the whole set, so the other capabilities of the product are named too; it refuses symbolic links. */
function readGrantCommand(): string {
  const node = realpathSync(process.execPath);
  const quoted = /[^\w@%+=:,./-]/.test(node) ? `'${node}'` : node;
  return `sudo setcap cap_net_raw,cap_net_bind_service,cap_sys_nice+ep ${quoted}`;
}

function describeFailure(errno: number | null, port: string): string | null {
  if (errno === null) return null;
  const name = getSystemErrorName(-errno);
  if (name === 'ENODEV') return `port ${port} vanished; start the reflector again when it is back`;
  return `the kernel refused to receive (${name})`;
}
