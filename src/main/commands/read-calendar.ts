// How the calendar stands, for the commands: as the server that runs goes by it, else by the files.
import { readConfiguration } from '../../box/config/configuration-file.js';
import type { CalendarPlace } from '../../cli/services.js';
import type { CalendarStanding } from '../../model/calendar.js';
import { computeCalendarPath, CONFIG_PATH } from '../../model/parts.js';
import { readCalendarRecord } from '../../server/calendar/calendar-memory.js';
import { computeStanding } from '../../server/calendar/standing.js';
import { askLocalApi } from './ask-local-api.js';
import { findLocalServer } from './find-local-server.js';
import { checkReadable, findKeptFolder } from './kept-folder.js';

/** @throws PermissionError, ConfigError; StoreError for a file that cannot be read */
export async function readCalendar({ stateDir, configPath }: CalendarPlace): Promise<CalendarStanding> {
  const server = configPath === undefined ? await findLocalServer(stateDir) : null;
  // Its shape is trusted: it is the same program.
  if (server !== null)
    return (await askLocalApi(server, { method: 'GET', path: '/api/v1/calendar' })) as CalendarStanding;
  const configuration = readConfiguration(configPath ?? CONFIG_PATH, configPath !== undefined);
  const path = computeCalendarPath(findKeptFolder(stateDir));
  await checkReadable(path);
  return computeStanding(configuration, readCalendarRecord(path) ?? { spending: {}, results: {} }, Date.now());
}
