// The typed face of the native engine. Only marshalling is done here; what the engine does stands in the C files.
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeviceError } from '../../src/model/errors.js';

/**
 * How packets leave. `link`: whole frames through AF_PACKET. `network4`/`network6`: IP packets through a raw IP socket and the
 * kernel's own route, for ports without Ethernet headers (tun, ppp) and for loopback, which drops foreign frames as martians.
 */
export type SendLayer = 'link' | 'network4' | 'network6';

export interface OpenOptions {
  readonly port: string;
  readonly sendLayer: SendLayer;
  /** Classic BPF program, 8 bytes an instruction (u16 code, u8 jt, u8 jf, u32 k, host order); decides what `run` receives. */
  readonly filter: Uint8Array;
  /** Bytes kept of each received frame, 64-65535. */
  readonly snapBytes: number;
  /** Received frames kept in one run; more are counted as `ringOverflows`. 1-16,777,216 */
  readonly ringFrames: number;
  /** Ask the NIC for hardware stamps where its driver has them switched on. */
  readonly hardwareStamps: boolean;
}

/** Which frames get a transmit stamp from the kernel or NIC. */
export type TxStamping = 'all' | 'flagged' | 'none';

export interface RunOptions {
  /** Frames (or IP packets) one after the other. */
  readonly arena: Uint8Array;
  /** Start and length of each *distinct* frame in the arena. */
  readonly frameOffset: Uint32Array;
  readonly frameLength: Uint32Array;
  /** Which distinct frame each scheduled packet is; length is the number of packets. */
  readonly frameIndex: Uint32Array;
  /** When each packet leaves, ns after the start; never decreasing. Equal values leave in one sendmmsg. */
  readonly offsetNs: Float64Array;
  readonly txStamping: TxStamping;
  /** With `flagged`: 1 for packets to stamp. */
  readonly stampFlag?: Uint8Array;
  /**
   * Patch the time of sending into each frame just before it leaves: 8 bytes NTP format at `timestampAt`, and correct the 16-bit
   * ones-complement checksum at `checksumAt` (RFC 1624) unless −1. `timestampAt` −1: no patch.
   */
  readonly timestampAt: number;
  readonly checksumAt: number;
  /** ns to go on receiving after the last packet left. */
  readonly lingerNs: number;
  /** End the linger `graceNs` after this many frames passed the filter; 0: always wait the whole linger. */
  readonly expectFrames: number;
  readonly graceNs: number;
  /** Lead time before the first packet, ns, for the threads to get ready. */
  readonly leadNs: number;
  /** Ask for SCHED_FIFO; whether it was granted is in the result. */
  readonly realTime: boolean;
}

/** What happened to each scheduled packet. */
export const TX_STATUS = { pending: 0, sent: 1, noBuffers: 2, failed: 3, canceled: 4 } as const;

export interface RunResult {
  /** CLOCK_REALTIME and CLOCK_MONOTONIC at the start, ns. Every kernel and user stamp below is after `baseWallNs`, NaN for none. */
  readonly baseWallNs: bigint;
  readonly baseMonoNs: bigint;
  /**
   * What `hardwareNs` counts from: `baseWallNs` while the NIC's clock is within a day of the wall clock, else the first hardware
   * stamp of the run, because offsets from a free-running clock would not fit a double exactly.
   */
  readonly baseHardwareNs: bigint;
  /** Change of (wall − mono) between start and end, ns: a stepped clock. Slewing moves both alike. */
  readonly clockStepNs: number;
  readonly tx: {
    readonly status: Uint8Array;
    /** When the engine handed it over, by the wall clock. */
    readonly userNs: Float64Array;
    readonly kernelNs: Float64Array;
    readonly hardwareNs: Float64Array;
    /** When the engine handed it over, ns after its planned instant. NaN if never. */
    readonly lateNs: Float64Array;
  };
  readonly rx: {
    readonly count: number;
    readonly kernelNs: Float64Array;
    readonly hardwareNs: Float64Array;
    /** When the engine read it, by the wall clock. */
    readonly userNs: Float64Array;
    /** Length on the wire; may exceed what was kept. */
    readonly length: Uint32Array;
    /** Where its kept bytes start in `bytes`; they end where the next one's start (`start` has count + 1 entries). */
    readonly start: Uint32Array;
    readonly bytes: Uint8Array;
  };
  readonly counters: {
    readonly sent: number;
    readonly noBuffers: number;
    readonly sendFailures: number;
    /** errno of the last failed send, 0 for none. */
    readonly lastSendErrno: number;
    /** Lost in the socket's buffer (PACKET_STATISTICS). */
    readonly socketDrops: number;
    /** Passed the filter but the ring was full. */
    readonly ringOverflows: number;
    readonly txStampsAsked: number;
    readonly txStampsKernel: number;
    readonly txStampsHardware: number;
    /**
     * What the kernel granted for frames that wait to be read; it charges about 800 bytes for a small one and 2,300 for a full one.
     * Without CAP_NET_ADMIN twice net.core.rmem_max at most (systemd/apparenet.sysctl).
     */
    readonly receiveBufferBytes: number;
  };
  readonly realTime: boolean;
  /** `complete`, `canceled` by cancel() or close(), `gone`: the port vanished or went down (errno in `stopErrno`). */
  readonly stop: 'complete' | 'canceled' | 'gone';
  readonly stopErrno: number;
}

export interface NativePort {
  readonly index: number;
  readonly mtu: number;
  /** ARPHRD_* of <linux/if_arp.h>: 1 Ethernet, 772 loopback, 65534 none. */
  readonly hardwareType: number;
  readonly mac: Uint8Array;
  /** One at a time. @throws an Error with `errno`, `syscall` and `port` for EPERM, EINVAL … before anything is sent. */
  run(options: RunOptions): Promise<RunResult>;
  /** Packets handed over so far in the running run. */
  progress(): number;
  /** Ends a running run; its promise resolves with what is known. Safe at any time. */
  cancel(): void;
  /** Cancels, waits for the threads, closes the sockets. Safe to call twice and while a run works. */
  close(): Promise<void>;
}

/** Link settings by ETHTOOL_GLINKSETTINGS; speeds in Mb/s as the kernel gives them, −1 unknown. */
export interface NativeLink {
  readonly speedMbps: number;
  /** 0 half, 1 full, 255 unknown. */
  readonly duplex: number;
  readonly autoNegotiation: boolean;
  /** Link mode bit maps, little-endian 32-bit words, by enum ethtool_link_mode_bit_indices. */
  readonly supported: Uint32Array;
  readonly advertising: Uint32Array;
  readonly partner: Uint32Array;
}

/** Stamping abilities by ETHTOOL_GET_TS_INFO. */
export interface NativeTimestamping {
  /** SOF_TIMESTAMPING_* bits. */
  readonly capabilities: number;
  /** Index of the PTP hardware clock, −1 for none. */
  readonly phcIndex: number;
  readonly txTypes: number;
  readonly rxFilters: number;
}

/**
 * Settings of a port that delay, merge or batch packets before they are stamped, by ethtool; on/off as 1 and 0, null where the
 * driver has no such thing.
 */
export interface NativePortSettings {
  readonly gro: number | null;
  readonly lro: number | null;
  readonly gso: number | null;
  readonly tso: number | null;
  /** us that a receive interrupt waits for company. */
  readonly rxUsecs: number | null;
  readonly rxAdaptive: number | null;
  /** A change takes the link down for seconds. */
  readonly eee: number | null;
}

export interface ReflectorOptions {
  readonly udpPorts: readonly number[];
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** Bind to this network port only; empty for all. */
  readonly port: string;
  /** Allowed source prefixes, 17 bytes each: 16 of address (IPv4 as ::ffff:a.b.c.d) and the prefix length (of 128). Shorter than 96: IPv6 only. */
  readonly allow: Uint8Array;
  /** Replies a second and burst, for each source address and for all together. 0 replies a second: no limit. */
  readonly sourceRate: number;
  readonly sourceBurst: number;
  readonly totalRate: number;
  readonly totalBurst: number;
  /** Send trains of its own to sources that prove to receive them; octets of Ethernet frames a second and at once, 0: no limit. */
  readonly trains: boolean;
  readonly trainSourceRate: number;
  readonly trainSourceBurst: number;
  readonly trainTotalRate: number;
  readonly trainTotalBurst: number;
  /** Sessions kept for stateful sequence numbers; the least recently used goes first. */
  readonly maxSessions: number;
  readonly realTime: boolean;
}

export interface ReflectorCounters {
  readonly received: number;
  readonly reflected: number;
  /** Not a test packet. */
  readonly foreign: number;
  readonly notAllowed: number;
  readonly rateLimited: number;
  readonly sendFailures: number;
  readonly sessions: number;
  readonly sessionsEvicted: number;
  /** Replies whose T2 is the kernel's stamp, and those whose T2 is the reading of a clock for want of one. */
  readonly stampsKernel: number;
  readonly stampsMissing: number;
  /** Packets the NIC stamped too; its clock runs free of the one that T3 is read from, so T2 stays the kernel's. */
  readonly stampsHardware: number;
  /** Lost because a socket's buffer was full; up to date once a second and after close. */
  readonly socketDrops: number;
  /** Trains sent, refused for want of a quota or because as many as may be were under way, and their packets. */
  readonly trains: number;
  readonly trainsRefused: number;
  readonly trainPackets: number;
}

export interface NativeReflector {
  /** UDP ports that are really bound (0 in the options: one chosen by the kernel). */
  readonly udpPorts: readonly number[];
  readonly realTime: boolean;
  counters(): ReflectorCounters;
  /** null while it works, else the errno that ended it. */
  failure(): number | null;
  close(): Promise<void>;
}

/** The kernel's answer to "which way to this address". Addresses are 4 or 16 bytes. */
export interface NativeRoute {
  readonly port: string;
  readonly index: number;
  /** RTN_*: 1 unicast, 2 local. */
  readonly type: number;
  readonly gateway: Uint8Array | null;
  readonly source: Uint8Array | null;
  /** MTU of the route, 0 where it sets none. */
  readonly mtu: number;
}

/** A row of the kernel's neighbour table; `state` is a set of NUD_* bits. */
export interface NativeNeighbour {
  readonly state: number;
  readonly mac: Uint8Array | null;
}

/** An interface of the process's own network namespace, whatever /sys shows. */
export interface NativeInterface {
  readonly index: number;
  readonly mtu: number;
  /** ARPHRD_* of <linux/if_arp.h>: 1 Ethernet, 772 loopback, 65534 none. */
  readonly hardwareType: number;
  /** Up, with a carrier. */
  readonly running: boolean;
}

/** A UDP port held so that the kernel does not answer replies to raw probes; whatever comes to it is swallowed. */
export interface ReservedPort {
  readonly udpPort: number;
  close(): void;
}

export interface NativeEngine {
  /** `index` 0: any port. @throws NativeFailure ENETUNREACH, EHOSTUNREACH … */
  lookupRoute(address: Uint8Array, index: number): NativeRoute;
  lookupNeighbour(address: Uint8Array, index: number): NativeNeighbour | null;
  /** null where there is no such interface. */
  readInterface(port: string): NativeInterface | null;
  reserveUdpPort(ipVersion: 4 | 6): ReservedPort;
  openPort(options: OpenOptions): NativePort;
  readLink(port: string): NativeLink | null;
  readTimestamping(port: string): NativeTimestamping | null;
  readPortSettings(port: string): NativePortSettings;
  /** @throws NativeFailure EPERM without CAP_NET_ADMIN, EOPNOTSUPP, ENODEV … */
  writePortSetting(port: string, setting: keyof NativePortSettings, value: number): void;
  openReflector(options: ReflectorOptions): NativeReflector;
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
