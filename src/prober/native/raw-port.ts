// Opens a port of the engine and turns its failures into the project's errors. The only place that calls `openPort`.
import { isNativeFailure, loadEngine, type NativePort, type OpenOptions } from '../../../device/nic/nic.js';
import { createRawPacketError } from '../../box/capabilities.js';
import { DeviceError, UsageError } from '../../model/errors.js';

/** Headers, STAMP with every TLV we ask for, or the quote of an error message: nothing longer is looked at. */
const SNAP_BYTES = 256;

export interface RawPortOptions extends Pick<OpenOptions, 'port' | 'sendLayer' | 'filter'> {
  /** Frames that may come back in one run; what exceeds it is counted, not kept. */
  readonly ringFrames: number;
}

/** @throws PermissionError without CAP_NET_RAW; UsageError for a port that does not exist; DeviceError otherwise. */
export function openRawPort(options: RawPortOptions): NativePort {
  try {
    return loadEngine().openPort({ ...options, snapBytes: SNAP_BYTES, hardwareStamps: true });
  } catch (cause) {
    if (!isNativeFailure(cause)) throw cause;
    if (cause.errno === 'EPERM' || cause.errno === 'EACCES') throw createRawPacketError(cause);
    if (cause.errno === 'ENODEV' || cause.errno === 'ENXIO') {
      throw new UsageError('usage.port', `there is no port "${options.port}" here`, { cause });
    }
    throw toDeviceError('device.open', cause, options.port);
  }
}

/** What the engine threw, as an error that names the call and the port. Errors of other origin pass through. */
export function toDeviceError(code: 'device.open' | 'device.io', cause: unknown, port: string): unknown {
  if (!isNativeFailure(cause)) return cause;
  const { errno, syscall } = cause;
  return new DeviceError(code, `port ${port}: ${cause.message}`, { errno, syscall, port }, { cause });
}
