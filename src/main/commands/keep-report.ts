// Gives a report that a command made by itself to the analysis server of this machine, as any program with an admin's token could.
import type { Report } from '../../model/report.js';
import { askLocalApi } from './ask-local-api.js';
import { findLocalServer } from './find-local-server.js';

/** The person has the report already and is not to wait for long. */
const MOST_MS = 5_000;

/** Nothing where no server runs. @throws as Services.keepReport */
export async function keepReport(report: Report): Promise<void> {
  const server = await findLocalServer(undefined);
  if (server === null) return;
  const signal = AbortSignal.timeout(MOST_MS);
  await askLocalApi(server, { method: 'POST', path: '/api/v1/reports', body: report, signal });
}
