// Calibrates a port of this machine and keeps the result: for the command, and for the sequencer when it starts.
import { AbilitiesStore } from '../../box/abilities-store.js';
import type { CalibratedPort } from '../../cli/services.js';
import type { PathRequest } from '../../model/path.js';
import { calibrate } from '../../prober/calibrate.js';
import { openNative } from '../../prober/native/open-native.js';
import { keepCalibration } from './keep-calibration.js';

/** This machine without its cards: what its processor and kernel can do. */
export const MACHINE_ITSELF: PathRequest = { target: '127.0.0.1', via: 'icmp' };

/** @throws what opening and calibrating throw. */
export async function calibratePort(request: PathRequest, signal: AbortSignal): Promise<CalibratedPort> {
  return keepCalibration(await calibrate(await openNative(request, signal), signal), new AbilitiesStore());
}
