// When the box does what nobody planned. What it does then is in main/parts/start-calendar.
import type { CalendarJob } from './plan-dues.js';

/** At night: it reads everything that is kept. */
export const HISTORY_REPAIR: CalendarJob = { name: 'history repair', at: '17 4 * * *' };
/** On Monday morning, when somebody reads it. */
export const WEEK_REPORT: CalendarJob = { name: 'week report', at: '5 6 * * mon' };

/** All of a box that keeps a history. */
export const OWN_JOBS: readonly CalendarJob[] = [HISTORY_REPAIR, WEEK_REPORT];
