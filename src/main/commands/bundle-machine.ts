// The support bundle as a command makes it: what a running server keeps is asked of it, else its files are read.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BundleRequest } from '../../cli/services.js';
import type { MadeBundle } from '../../model/bundle.js';
import { UsageError } from '../../model/errors.js';
import { CONFIG_PATH } from '../../model/parts.js';
import { findControlSocketPath } from '../../prober/remote/find-control-socket.js';
import { composeBundle } from './compose-bundle.js';
import { findKeptFolder } from './kept-folder.js';
import { openPast } from './open-past.js';
import { readCalendar } from './read-calendar.js';
import { readServerHealth } from './read-server-health.js';

/** @throws UsageError for a file that is there; StoreError */
export async function bundleMachine({ output, stateDir, configPath }: BundleRequest): Promise<MadeBundle> {
  // Before anybody waits for it.
  if (output !== undefined && existsSync(output)) throw new UsageError('usage.argument', `${output} is there already`);
  const openKept = () => openPast(stateDir, () => undefined);
  const place = {
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(configPath === undefined ? {} : { configPath }),
  };
  return composeBundle(
    {
      stateFolder: findKeptFolder(stateDir),
      configPath: configPath ?? CONFIG_PATH,
      isConfigNamed: configPath !== undefined,
      socketPath: findControlSocketPath(),
      readServerHealth: (signal) => readServerHealth(stateDir, signal),
      listReports: async (limit) => (await openKept()).listReports(limit),
      listIncidents: async (limit) => (await openKept()).listIncidents({ limit }),
      readCalendar: () => readCalendar(place),
    },
    (id, time) => resolve(output ?? `apparenet-${id}-${time}.tar.gz`),
  );
}
