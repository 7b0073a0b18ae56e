// What the kernel and a port's driver tell of link, stamps, settings, counters and routes, as the native engine hands it over.

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

/** Counters of the kernel's own table (rtnl_link_stats64); those of errors are 0 also where the driver does not count. */
export interface NativeKernelCounters {
  /** How often the link came or went. */
  readonly carrierChanges: number;
  readonly txBytes: number;
  readonly rxBytes: number;
  readonly collisions: number;
  readonly rxLengthErrors: number;
  readonly rxOverErrors: number;
  readonly rxCrcErrors: number;
  readonly rxFrameErrors: number;
  readonly rxFifoErrors: number;
  readonly rxMissedErrors: number;
  readonly txAbortedErrors: number;
  readonly txCarrierErrors: number;
  readonly txWindowErrors: number;
}

/** Counters of IEEE 802.3 clause 30 and RMON by ethtool netlink (ETHTOOL_MSG_STATS_GET); absent where the driver does not tell. */
export interface NativeStandardCounters {
  readonly symbolErrors?: number;
  readonly singleCollisions?: number;
  readonly multipleCollisions?: number;
  readonly fcsErrors?: number;
  readonly alignmentErrors?: number;
  readonly lateCollisions?: number;
  readonly excessiveCollisions?: number;
  readonly carrierSenseErrors?: number;
  readonly internalReceiveErrors?: number;
  readonly fragments?: number;
}

/** ETHTOOL_MSG_LINKSTATE_GET; −1 where not told. */
export interface NativeLinkState {
  readonly signalQuality: number;
  readonly bestSignalQuality: number;
  /** Why the link is down, by enum ethtool_link_ext_state. */
  readonly downReason: number;
}

/** The wall clock by adjtimex(2). */
export interface NativeClockDiscipline {
  /** Some service keeps the clock. */
  readonly synchronized: boolean;
  /** Still to be slewed away. */
  readonly offsetNs: number;
  /** Bound of the error; grows by 500 us a second between two updates of the service. */
  readonly maxErrorNs: number;
  readonly estErrorNs: number;
  /** Correction of the oscillator. */
  readonly frequencyPpm: number;
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
