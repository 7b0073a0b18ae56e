// The calendar's lines in the diary of the box; what cannot run is told once a day for each reason, not each minute.
import { composeId } from '../../analysis/baseline/incident-text.js';
import type { BoxEvent } from '../../model/incident.js';
import type { CalendarMemory } from './calendar-memory.js';
import { formatLocalDay } from './local-time.js';

export type Said = Pick<BoxEvent, 'kind' | 'severity' | 'text'> & Partial<Pick<BoxEvent, 'target' | 'incidentId'>>;

export interface DayBookOptions {
  readonly memory: CalendarMemory;
  /** Keeps it and tells it to whoever listens. */
  readonly tell: (event: BoxEvent) => void;
  /** Unix ms. */
  readonly readClockMs: () => number;
}

export class DayBook {
  constructor(private readonly options: DayBookOptions) {}

  write({ kind, severity, text, target = null, incidentId = null }: Said): void {
    const { memory, tell, readClockMs } = this.options;
    const atMs = readClockMs();
    const serial = memory.record.serial + 1;
    memory.change({ serial });
    tell({ id: composeId(atMs, ['calendar', kind], serial), atMs, kind, severity, target, incidentId, text });
  }

  /** Nothing where the same `reason` was told on this local day already. */
  writeOnceADay(reason: string, timeZone: string, said: Said): void {
    const { memory, readClockMs } = this.options;
    const today = formatLocalDay(readClockMs(), timeZone);
    if (memory.record.told[reason] === today) return;
    const ofToday = Object.entries(memory.record.told).filter(([, day]) => day === today);
    memory.change({ told: Object.fromEntries([...ofToday, [reason, today]]) });
    this.write(said);
  }
}
