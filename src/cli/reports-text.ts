// Kept reports for a person: one line each, what hurts most of each of them first.
import { nameCondition } from '../model/condition-name.js';
import { describeProbability } from '../model/figures.js';
import { orderForReading } from '../model/report.js';
import type { Report } from '../model/report.js';
import type { Ink } from './ink.js';
import { alignRows } from './layout.js';
import { VERDICT_TONE } from './report-text.js';

export interface ReportsView {
  readonly ink: Ink;
  /** IANA name. */
  readonly timeZone: string;
}

const HEAD = ['id', 'begun', 'target', 'verdict', 'leading finding'] as const;

/** Ends in a line break. */
export function renderReports(reports: readonly Report[], { ink, timeZone }: ReportsView): string {
  // The Swedish way of writing dates is that of ISO 8601.
  const clock = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone });
  const rows = reports.map((report) => [
    report.id,
    clock.format(Date.parse(report.startedAt)),
    nameTarget(report),
    report.verdict,
    nameLeading(report),
  ]);
  const [head = '', ...lines] = alignRows([HEAD, ...rows]);
  // Painted when the columns stand: escapes have no width.
  const painted = lines.map((line, i) => {
    const verdict = reports[i]?.verdict ?? 'unknown';
    const at = head.indexOf('verdict');
    return line.slice(0, at) + ink(VERDICT_TONE[verdict], verdict) + line.slice(at + verdict.length);
  });
  return `${[head, ...painted, `Times are those of ${timeZone}.`].join('\n')}\n`;
}

function nameTarget({ target: { name, address } }: Report): string {
  return name === undefined || name === address ? address : `${name} (${address})`;
}

/** Where nothing was found the summary says what was measured. */
function nameLeading({ findings, summary }: Report): string {
  const [leading] = orderForReading(findings);
  return leading === undefined
    ? summary
    : `${nameCondition(leading.condition)}, ${describeProbability(leading.probability)}`;
}
