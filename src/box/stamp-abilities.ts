// What a port could stamp, decoded from the answer of ETHTOOL_GET_TS_INFO. What a run really stamped is in its trace.

/** Raw answer of the kernel; bit numbers are those of linux/net_tstamp.h. */
export interface TimestampingInfo {
  /** SOF_TIMESTAMPING_* bits. */
  readonly capabilities: number;
  /** Index of the PTP hardware clock, −1 for none. */
  readonly phcIndex: number;
  /** Bit per HWTSTAMP_TX_* value. */
  readonly txTypes: number;
  /** Bit per HWTSTAMP_FILTER_* value. */
  readonly rxFilters: number;
}

/** `hardware-ptp`: the NIC stamps only PTP event messages, so probes must be dressed as such to be stamped. */
export type StampAbility = 'hardware' | 'hardware-ptp' | 'kernel' | 'user';

export interface StampAbilities {
  readonly tx: StampAbility;
  readonly rx: StampAbility;
}

const SOF_TX_HARDWARE = 1 << 0;
const SOF_TX_SOFTWARE = 1 << 1;
const SOF_RX_HARDWARE = 1 << 2;
const SOF_RX_SOFTWARE = 1 << 3;
const SOF_RAW_HARDWARE = 1 << 6;
const TX_TYPE_ON = 1 << 1;
const FILTER_NONE = 1 << 0;
const FILTER_ALL = 1 << 1;

/** The kernel stamps received packets of any port, so `rx` is never worse than `kernel`; sending needs the driver's help. */
export function computeStampAbilities(info: TimestampingInfo | null): StampAbilities {
  if (info === null) return { tx: 'user', rx: 'kernel' };
  const has = (bits: number): boolean => (info.capabilities & bits) === bits;
  return { tx: txAbility(info, has), rx: rxAbility(info, has) };
}

function txAbility(info: TimestampingInfo, has: (bits: number) => boolean): StampAbility {
  const hardware = has(SOF_TX_HARDWARE | SOF_RAW_HARDWARE) && (info.txTypes & TX_TYPE_ON) !== 0;
  if (hardware) return 'hardware';
  return has(SOF_TX_SOFTWARE) ? 'kernel' : 'user';
}

function rxAbility(info: TimestampingInfo, has: (bits: number) => boolean): StampAbility {
  if (has(SOF_RX_HARDWARE | SOF_RAW_HARDWARE)) {
    if ((info.rxFilters & FILTER_ALL) !== 0) return 'hardware';
    if ((info.rxFilters & ~FILTER_NONE) !== 0) return 'hardware-ptp';
  }
  return has(SOF_RX_SOFTWARE) ? 'kernel' : 'user';
}
