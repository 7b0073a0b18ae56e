// What became of each traffic class, as a table. Which of it is a fault is the diagnosis' business.
import type { ClassTreatment } from '../model/estimates.js';
import { nameTrafficClass } from '../model/traffic-class.js';
import { formatEstimate, formatFigure, RATIO, TIME } from '../model/figures.js';
import { alignRows } from './layout.js';

const HEADER = ['class', 'arrives as', 'comes back as', 'loss', 'median'] as const;

/** A line a class, in columns, below a header. */
export function renderClasses(treatments: readonly ClassTreatment[]): string[] {
  const rows = treatments.map(({ sent, forward, reverse, loss, medianRttNs }) => [
    nameTrafficClass(sent),
    describeMark(forward, sent),
    describeMark(reverse, sent),
    formatEstimate(loss, RATIO),
    medianRttNs === null ? '-' : formatFigure(medianRttNs, TIME),
  ]);
  return alignRows([HEADER, ...rows]);
}

function describeMark(mark: number | null, sent: number): string {
  if (mark === null) return 'unknown';
  return mark === sent ? 'as sent' : nameTrafficClass(mark);
}

/** For the numbers of a report, in one cell; empty where no mark was seen at either end. */
export function describeMarks(treatments: readonly ClassTreatment[]): string {
  const told = treatments.filter(({ forward, reverse }) => forward !== null || reverse !== null);
  if (told.length === 0) return '';
  const isChanged = (mark: number | null, sent: number): boolean => mark !== null && mark !== sent;
  const changed = told.filter(({ sent, forward, reverse }) => isChanged(forward, sent) || isChanged(reverse, sent));
  if (changed.length === 0) return 'DSCP marks kept';
  return `DSCP marks changed: ${changed.map(({ sent }) => nameTrafficClass(sent)).join(', ')}`;
}
