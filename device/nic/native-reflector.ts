// What the native engine keeps open beside runs: listeners, reflectors and reserved UDP ports.

export interface ListenerOptions {
  readonly port: string;
  /** As in `OpenOptions`. */
  readonly filter: Uint8Array;
  /** Multicast link addresses to take in, 6 bytes each, at most 16. */
  readonly groups: Uint8Array;
}

/** Hears frames without a run; the kernel keeps about a hundred small ones until they are read and drops what comes then. */
export interface NativeListener {
  /** At most 256 frames that wait, from their Ethernet header on, tags included. @throws NativeFailure ENETDOWN … */
  read(): Uint8Array[];
  /** Safe to call twice. */
  close(): void;
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

/** A UDP port held so that the kernel does not answer replies to raw probes; whatever comes to it is swallowed. */
export interface ReservedPort {
  readonly udpPort: number;
  close(): void;
}
