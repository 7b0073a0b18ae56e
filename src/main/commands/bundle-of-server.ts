// The support bundle as the analysis server makes it of itself; the newest few stay in its state folder.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { History } from '../../history/history.js';
import type { MadeBundle } from '../../model/bundle.js';
import type { CalendarStanding } from '../../model/calendar.js';
import { StoreError } from '../../model/errors.js';
import { computeLocalSocketPath } from '../../model/parts.js';
import type { ServerHealth } from '../../model/server-health.js';
import { askLocalApi } from './ask-local-api.js';
import { composeBundle } from './compose-bundle.js';

export interface ServerBundlePlace {
  readonly stateFolder: string;
  readonly configPath: string;
  /** The sequencer's control socket. */
  readonly socketPath: string;
  /** null where none is kept. */
  readonly history: History | null;
}

const MOST_KEPT = 3;

/** @throws StoreError */
export async function bundleOfServer({
  stateFolder,
  configPath,
  socketPath,
  history,
}: ServerBundlePlace): Promise<MadeBundle> {
  const folder = join(stateFolder, 'bundles');
  // As its administrator, whoever has a password; its shape is its own.
  const own = { port: 0, asSocketPath: computeLocalSocketPath(socketPath) };
  const ask = (path: string, signal?: AbortSignal): Promise<unknown> =>
    askLocalApi(own, { method: 'GET', path, ...(signal === undefined ? {} : { signal }) });
  const made = await composeBundle(
    {
      ...{ stateFolder, configPath, socketPath, isConfigNamed: false },
      readServerHealth: async (signal) =>
        (await ask('/api/v1/health', signal).catch(() => null)) as ServerHealth | null,
      listReports: (limit) => requireHistory(history).listReports({ limit }),
      listIncidents: (limit) => requireHistory(history).listIncidents({ limit }),
      readCalendar: async () => (await ask('/api/v1/calendar')) as CalendarStanding,
    },
    (id, time) => join(folder, `apparenet-${id}-${time}.tar.gz`),
  );
  // Named after their time; those of another id of the box are its own, too.
  const kept = readdirSync(folder).sort((a, b) => (a.slice(-24) < b.slice(-24) ? -1 : 1));
  for (const name of kept.slice(0, -MOST_KEPT)) rmSync(join(folder, name), { force: true });
  return made;
}

function requireHistory(history: History | null): History {
  if (history === null) throw new StoreError('store.busy', 'no history is kept');
  return history;
}
