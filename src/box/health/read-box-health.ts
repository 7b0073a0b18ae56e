// The box's own health from /proc and /sys: no program is started and nothing waits, so that it may be read each minute.
import type { BoxHealth } from '../../model/box-health.js';
import { readClockState, type ReadDiscipline } from '../clock-state.js';
import { HostFiles } from '../host-files.js';
import { readClockDiscipline } from '../native-host.js';
import { judgeHealth } from './judge-health.js';
import { readLoad, readMemory } from './read-load.js';
import { readStorage } from './read-storage.js';
import { readTemperatures } from './read-temperatures.js';

/** `stateDir` is the folder whose storage matters; it need not exist yet. */
export function readBoxHealth(
  stateDir: string,
  files = new HostFiles(),
  readDiscipline: ReadDiscipline = readClockDiscipline,
): BoxHealth {
  const figures = {
    temperatures: readTemperatures(files),
    memory: readMemory(files),
    storage: readStorage(stateDir, files),
    load: readLoad(files),
    clock: readClockState(files, readDiscipline),
  };
  return { ...figures, concerns: judgeHealth(figures) };
}
