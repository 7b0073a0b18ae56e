// Does what the configuration file asks for: watching, the calendar, what the history may keep; and anew when the file changes. A file
// that is not sound stops no analysis server: what counted before goes on, and that is said.
import { join } from 'node:path';
import { describeChange } from '../../box/config/describe-change.js';
import { followConfiguration } from '../../box/config/follow-configuration.js';
import { readConfiguration } from '../../box/config/configuration-file.js';
import { judgeConfiguration } from '../../box/config/judge-configuration.js';
import { parseConfiguration } from '../../box/config/parse-configuration.js';
import { computeLimits } from '../../history/retention.js';
import type { HealthConcern } from '../../model/box-health.js';
import type { CalendarStanding } from '../../model/calendar.js';
import type { Configuration } from '../../model/configuration.js';
import { ConfigError } from '../../model/errors.js';
import type { Incident } from '../../model/incident.js';
import { endSentence } from '../../model/sentence.js';
import type { Calendar } from '../../server/calendar/calendar.js';
import type { ExaminationDesk } from '../../server/examination-desk.js';
import { startWatching } from '../../server/watch.js';
import type { Watching, WatchingOptions } from '../../server/watch.js';
import { createCalendar } from './start-calendar.js';

export interface ActOptions extends Omit<WatchingOptions, 'configuration' | 'baselineFolder' | 'examine'> {
  /** Hears of the configuration that counts, now and whenever it changes. */
  readonly onConfigured: (configuration: Configuration) => void;
  /** Without it there are no targets. */
  readonly configPath: string;
  readonly stateFolder: string;
  readonly desk: ExaminationDesk;
  /** False: nothing by itself, whatever the file says. */
  readonly watches: boolean;
}

export interface Acting {
  /** What it has to do without, one sentence each. */
  readonly problems: readonly string[];
  /** What somebody should do about the file, as it was last looked at. */
  listConcerns(): readonly HealthConcern[];
  /** Looks whether the file has changed. */
  reload(): void;
  readStanding(): CalendarStanding;
  /** Oldest first. */
  listOpenIncidents(): readonly Incident[];
  close(): Promise<void>;
}

const NOTHING = parseConfiguration('');

export async function actAsConfigured(options: ActOptions): Promise<Acting> {
  const { configPath, stateFolder, watches, desk, onConfigured, ...rest } = options;
  const { configuration, refused } = watches ? readOrDoWithout(configPath) : { configuration: NOTHING, refused: null };
  let watching: Watching | null = null;
  const calendar = createCalendar({
    ...{ configuration, stateFolder, desk, history: rest.history },
    tell: (event) => rest.onTold(event, null),
    takeReport: (incidentId, report) => void watching?.takeReport(incidentId, report).catch(rest.onDefect),
    onStoreError: rest.onStoreError,
    onDefect: rest.onDefect,
  });
  const started = await startWatching({
    ...rest,
    configuration,
    baselineFolder: join(stateFolder, 'baseline'),
    examine: (wanted) => calendar.ask(wanted),
  });
  watching = started;
  rest.history?.setLimits(computeLimits(configuration.retention));
  const followed = watches
    ? follow({ configPath, configuration, refused, calendar, watching: started, onConfigured, ...rest })
    : null;
  if (watches) calendar.start();
  onConfigured(configuration);
  return {
    problems: refused === null ? [] : [`nothing is watched until ${configPath} is corrected: ${refused}`],
    listConcerns: () => judgeConfiguration(configPath, followed?.readRefusal() ?? null),
    reload: () => followed?.reload(),
    readStanding: () => calendar.readStanding(),
    listOpenIncidents: () => started.listOpenIncidents(),
    close: async () => {
      followed?.close();
      await calendar.close();
      await started.close();
    },
  };
}

interface FollowPlace extends Pick<ActOptions, 'configPath' | 'history' | 'onConfigured'> {
  readonly configuration: Configuration;
  readonly refused: string | null;
  readonly calendar: Calendar;
  readonly watching: Watching;
}

function follow({ configPath, configuration, refused, calendar, watching, history, onConfigured }: FollowPlace) {
  return followConfiguration({
    path: configPath,
    configuration,
    refused,
    onChange: (changed, before) => {
      calendar.reconfigure(changed);
      watching.reconfigure(changed);
      history?.setLimits(computeLimits(changed.retention));
      onConfigured(changed);
      const what = describeChange(before, changed) ?? 'nothing that counts';
      calendar.note({
        kind: 'configuration-changed',
        severity: 'info',
        text: `The configuration was changed: ${what}.`,
      });
    },
    onRefused: ({ message }) =>
      calendar.note({
        kind: 'configuration-refused',
        severity: 'warning',
        text: `${configPath} is not sound, and what counted before goes on: ${endSentence(message)}`,
      }),
  });
}

function readOrDoWithout(path: string): { readonly configuration: Configuration; readonly refused: string | null } {
  try {
    return { configuration: readConfiguration(path, false), refused: null };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { configuration: NOTHING, refused: error.message };
  }
}
