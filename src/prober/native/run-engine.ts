// One run of the engine for a caller that may cancel it and wants to hear how far it is.
import type { NativePort, RunOptions as EngineRun, RunResult } from '../../../device/nic/native-port.js';
import { toDeviceError } from './raw-port.js';

const PROGRESS_INTERVAL_MS = 100;

export interface EngineCall {
  readonly signal: AbortSignal;
  readonly portName: string;
  /** Hears how many have left; null where nobody asks. */
  readonly onSent: ((sent: number) => void) | null;
  /** Told of the run as soon as it ends; absent or null where nobody keeps its frames. */
  readonly record?: RecordRun | null;
}

export type RecordRun = (run: EngineRun, result: RunResult) => void;

/** Ends early when the signal aborts; what is known then is the result. @throws DeviceError */
export async function runEngine(port: NativePort, run: EngineRun, call: EngineCall): Promise<RunResult> {
  const { signal, portName, onSent, record } = call;
  const cancel = (): void => port.cancel();
  const timer = onSent === null ? undefined : setInterval(() => onSent(port.progress()), PROGRESS_INTERVAL_MS);
  signal.addEventListener('abort', cancel);
  try {
    const result = port.run(run);
    if (signal.aborted) cancel();
    const columns = await result;
    onSent?.(columns.counters.sent);
    record?.(run, columns);
    return columns;
  } catch (cause) {
    throw toDeviceError('device.io', cause, portName);
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', cancel);
  }
}
