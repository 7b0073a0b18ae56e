// Calibrates a port of this machine and keeps the result: for the command, and for the sequencer when it starts.
import { AbilitiesStore } from '../../box/abilities-store.js';
import type { CalibratedPort } from '../../cli/services.js';
import { StoreError } from '../../model/errors.js';
import type { PathRequest, PortAbilities } from '../../model/path.js';
import { calibrate } from '../../prober/calibrate.js';
import { openNative } from '../../prober/native/open-native.js';

/** This machine without its cards: what its processor and kernel can do. */
export const MACHINE_ITSELF: PathRequest = { target: '127.0.0.1', via: 'icmp' };

/**
 * Through a card the machine still receives at least what it receives through loopback: a slow path is not a slow probe.
 * @throws what opening and calibrating throw.
 */
export async function calibratePort(request: PathRequest, signal: AbortSignal): Promise<CalibratedPort> {
  const { path, abilities: measured, cost } = await calibrate(await openNative(request, signal), signal);
  const port = path.port.name;
  const store = new AbilitiesStore();
  const known = { port, target: path.target.address, cost, notes: path.notes };
  if (measured === null) return { ...known, abilities: null, storedIn: null };
  const itself = port === 'lo' ? null : store.read('lo');
  const abilities: PortAbilities = {
    ...measured,
    receivePacketsPerSec: Math.max(measured.receivePacketsPerSec, itself?.receivePacketsPerSec ?? 0),
    receiveBitsPerSec: Math.max(measured.receiveBitsPerSec, itself?.receiveBitsPerSec ?? 0),
    measuredAt: new Date().toISOString(),
  };
  return { ...known, abilities, ...keep(store, port, abilities, path.notes) };
}

function keep(
  store: AbilitiesStore,
  port: string,
  abilities: PortAbilities,
  notes: readonly string[],
): Pick<CalibratedPort, 'storedIn' | 'notes'> {
  try {
    store.write(port, abilities);
    return { storedIn: store.path, notes };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { storedIn: null, notes: [...notes, error.message] };
  }
}
