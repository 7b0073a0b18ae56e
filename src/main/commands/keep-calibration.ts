// What a calibration of a port found is kept, whoever sent its packets.
import type { AbilitiesStore } from '../../box/abilities-store.js';
import type { CalibratedPort } from '../../cli/services.js';
import { StoreError } from '../../model/errors.js';
import type { PortAbilities } from '../../model/path.js';
import type { Calibration } from '../../prober/calibrate.js';

/** Through a card the machine still receives at least what it receives through loopback: a slow path is not a slow probe. */
export function keepCalibration(
  { path, abilities: measured, cost }: Calibration,
  store: AbilitiesStore,
): CalibratedPort {
  const port = path.port.name;
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
