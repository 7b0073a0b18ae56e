// What was kept, for the commands that look back: from the server that runs, since its files are for its own user alone, else from the
// files.
import { constants } from 'node:fs/promises';
import type { Past } from '../../cli/services.js';
import { exportSummaries } from '../../history/export.js';
import { openForReading } from '../../history/history.js';
import { describeLoss } from '../../history/losses.js';
import { readWeekReport } from '../../history/week-report.js';
import { computeHistoryFolder } from '../../model/parts.js';
import { findLocalServer } from './find-local-server.js';
import { checkReadable, findKeptFolder } from './kept-folder.js';
import { askForPast } from './past-of-server.js';

/** `onLoss` hears what of the files cannot be read; a server tells that itself. @throws PermissionError; StoreError `store.newer` */
export async function openPast(stateDir: string | undefined, onLoss: (sentence: string) => void): Promise<Past> {
  const server = await findLocalServer(stateDir);
  if (server !== null) return askForPast(server);
  const folder = computeHistoryFolder(findKeptFolder(stateDir));
  await checkReadable(folder, constants.R_OK | constants.X_OK);
  const reader = await openForReading(folder, { onLoss: (loss) => onLoss(describeLoss(loss)) });
  return {
    isOfServer: false,
    listTargets: () => reader.listTargets(),
    querySummaries: async (query) => ({
      firstMs: await reader.findFirstMs(query.target),
      ...(await reader.querySummaries(query)),
    }),
    listIncidents: (query) => reader.listIncidents(query),
    readIncident: (id) => reader.readIncident(id),
    listReports: (limit) => reader.listReports({ limit }),
    readReport: (id) => reader.readReport(id),
    readWeek: (toMs) => readWeekReport(reader, toMs),
    exportSummaries: (range, format) => exportSummaries(reader, range, format),
  };
}
