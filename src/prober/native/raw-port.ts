// Opens what the engine offers to probes and turns its failures into the project's errors. The only place that calls `openPort`.
import type { NativePort, OpenOptions } from '../../../device/nic/native-port.js';
import type { ReservedPort } from '../../../device/nic/native-reflector.js';
import { isNativeFailure, loadEngine } from '../../../device/nic/nic.js';
import { createRawPacketError } from '../../box/capabilities.js';
import { DeviceError } from '../../model/errors.js';

/** Headers, STAMP with every TLV we ask for, or the quote of an error message: nothing longer is looked at. */
const SNAP_BYTES = 256;

export interface RawPortOptions extends Pick<OpenOptions, 'port' | 'sendLayer' | 'filter'> {
  /** Frames that may come back in one run; what exceeds it is counted, not kept. */
  readonly ringFrames: number;
}

/** Of a port that was there before. @throws PermissionError without CAP_NET_RAW; DeviceError otherwise. */
export function openRawPort(options: RawPortOptions): NativePort {
  try {
    return loadEngine().openPort({ ...options, snapBytes: SNAP_BYTES, hardwareStamps: true });
  } catch (cause) {
    if (isNativeFailure(cause) && (cause.errno === 'EPERM' || cause.errno === 'EACCES')) {
      throw createRawPacketError(cause);
    }
    throw toDeviceError('device.open', cause, options.port);
  }
}

/** A UDP port that answers to probes may come back to. @throws DeviceError where the kernel gives none. */
export function reserveSourcePort(ipVersion: 4 | 6): ReservedPort {
  try {
    return loadEngine().reserveUdpPort(ipVersion);
  } catch (cause) {
    if (!isNativeFailure(cause)) throw cause;
    const { errno, syscall, message } = cause;
    const details = { errno, syscall, port: null };
    throw new DeviceError('device.open', `no UDP port could be reserved for probes: ${message}`, details, { cause });
  }
}

/** A UDP port for each of the two flows a schedule may have. */
export interface FlowPorts {
  readonly udpPorts: readonly [number, number];
  portOf(flow: number): number;
  /** −1 for a port that is none of them. */
  flowOf(udpPort: number | null): number;
  close(): void;
}

/** @throws DeviceError where the kernel gives none. */
export function reserveFlowPorts(ipVersion: 4 | 6): FlowPorts {
  const first = reserveSourcePort(ipVersion);
  const second = reserveSourcePort(ipVersion);
  const udpPorts = [first.udpPort, second.udpPort] as const;
  return {
    udpPorts,
    portOf: (flow) => (flow === 0 ? first.udpPort : second.udpPort),
    flowOf: (udpPort) => (udpPort === null ? -1 : udpPorts.indexOf(udpPort)),
    close() {
      first.close();
      second.close();
    },
  };
}

/** What the engine threw, as an error that names the call and the port. Errors of other origin pass through. */
export function toDeviceError(code: 'device.open' | 'device.io', cause: unknown, port: string): unknown {
  if (!isNativeFailure(cause)) return cause;
  const { errno, syscall } = cause;
  if (GONE.has(errno)) return createGoneError(port, { errno, syscall }, cause);
  return new DeviceError(code, `port ${port}: ${cause.message}`, { errno, syscall, port }, { cause });
}

/** What the kernel says of a port that was removed, and of one that was switched off. */
const GONE: ReadonlySet<string> = new Set(['ENODEV', 'ENXIO', 'ENETDOWN']);

export function createGoneError(
  port: string,
  failed: { readonly errno: string; readonly syscall: string },
  cause?: unknown,
): DeviceError {
  return new DeviceError('device.gone', `port ${port} went away or went down`, { ...failed, port }, { cause });
}
