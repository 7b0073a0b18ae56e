// Gives the calendar what it needs of this machine: its clocks, its history, the desk that takes its orders.
import { uptime } from 'node:os';
import { readClockState } from '../../box/clock-state.js';
import { HostFiles } from '../../box/host-files.js';
import { readClockDiscipline } from '../../box/native-host.js';
import type { History } from '../../history/history.js';
import { readWeekReport, summariseWeek } from '../../history/week-report.js';
import type { Configuration } from '../../model/configuration.js';
import { StoreError } from '../../model/errors.js';
import type { BoxEvent } from '../../model/incident.js';
import { computeCalendarPath } from '../../model/parts.js';
import { Calendar } from '../../server/calendar/calendar.js';
import type { CalendarOptions, OwnJob } from '../../server/calendar/calendar.js';
import { HISTORY_REPAIR, WEEK_REPORT } from '../../server/calendar/own-jobs.js';
import { examineAtDesk } from '../../server/calendar/examine-at-desk.js';
import type { ExaminationDesk } from '../../server/examination-desk.js';

export interface CalendarPlace extends Pick<CalendarOptions, 'tell' | 'takeReport' | 'onDefect'> {
  readonly configuration: Configuration;
  readonly stateFolder: string;
  readonly history: History | null;
  readonly desk: ExaminationDesk;
  readonly onStoreError: (error: StoreError) => void;
}

/** Not started yet. */
export function createCalendar({ stateFolder, history, desk, onStoreError, tell, ...rest }: CalendarPlace): Calendar {
  const files = new HostFiles();
  /** Who hears of it finds it in the diary. */
  const keepAndTell = async (event: BoxEvent): Promise<void> => {
    await history?.addEvent(event).catch((error: unknown) => {
      if (!(error instanceof StoreError)) throw error;
      onStoreError(error);
    });
    tell(event);
  };
  return new Calendar({
    ...rest,
    path: computeCalendarPath(stateFolder),
    examine: examineAtDesk(desk),
    ownJobs: history === null ? [] : [composeRepair(history), composeWeek(history)],
    tell: (event) => void keepAndTell(event).catch(rest.onDefect),
    readClock: () => ({ wallMs: Date.now(), steadyMs: performance.now() }),
    readTrust: () => ({
      synchronized: readClockState(files, readClockDiscipline).synchronized,
      sinceBootSec: uptime(),
    }),
    onProblem: onStoreError,
  });
}

function composeRepair(history: History): OwnJob {
  return {
    ...HISTORY_REPAIR,
    run: async () => {
      const repaired = await history.repair();
      await history.compact();
      return repaired === 0 ? 'All files are sound.' : `${repaired} damaged files were written anew.`;
    },
  };
}

function composeWeek(history: History): OwnJob {
  return {
    ...WEEK_REPORT,
    told: 'week-summed',
    run: async (atMs) => summariseWeek(await readWeekReport(history, atMs)),
  };
}
