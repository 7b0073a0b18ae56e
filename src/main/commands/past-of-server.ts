// What was kept, asked of the analysis server of this machine. The shapes of its answers are trusted: it is the same program.
import type { Past, PastAnswer } from '../../cli/services.js';
import type { WeekReport } from '../../history/week-report.js';
import { UsageError } from '../../model/errors.js';
import type { Incident } from '../../model/incident.js';
import type { Report } from '../../model/report.js';
import { askLocalApi, streamLocalApi, type LocalApiPlace } from './ask-local-api.js';

/** The most that a page of incidents holds. */
const PAGE = 200;
/** And of reports, which are long. */
const REPORTS_PAGE = 100;

type Words = Readonly<Record<string, string | number | undefined>>;

export function askForPast(place: LocalApiPlace): Past {
  const ask = (way: string, words: Words = {}) => askLocalApi(place, { method: 'GET', path: composePath(way, words) });
  const findOne = async <Kept>(way: string): Promise<Kept | null> => {
    try {
      return (await ask(way)) as Kept;
    } catch (error) {
      // Not there, or no id at all.
      if (error instanceof UsageError) return null;
      throw error;
    }
  };
  return {
    isOfServer: true,
    listTargets: async () => ((await ask('history')) as { readonly targets: string[] }).targets,
    querySummaries: async ({ target, fromMs: from, toMs: to, leastPoints: points, period }) =>
      (await ask(`targets/${encodeURIComponent(target)}/summaries`, { from, to, points, period })) as PastAnswer,
    listIncidents: ({ limit, target, state }) =>
      gatherPages(limit, PAGE, async (words) => {
        const page = await ask('incidents', { ...words, target, state });
        const { incidents: rows, next } = page as { incidents: readonly Incident[]; next: string | null };
        return { rows, next };
      }),
    readIncident: (id) => findOne<Incident>(`incidents/${encodeURIComponent(id)}`),
    listReports: (limit) =>
      gatherPages(limit, REPORTS_PAGE, async (words) => {
        const { reports: rows, next } = (await ask('reports', words)) as {
          reports: readonly Report[];
          next: string | null;
        };
        return { rows, next };
      }),
    readReport: (id) => findOne<Report>(`reports/${encodeURIComponent(id)}`),
    readWeek: async (to) => (await ask('week', { to })) as WeekReport,
    exportSummaries: async function* ({ targets = [undefined], fromMs: from, toMs: to, period }, format) {
      for (const [i, target] of targets.entries()) {
        const path = composePath('export', { from, to, period, format, target });
        const text = streamLocalApi(place, { method: 'GET', path });
        yield* format === 'csv' && i > 0 ? withoutFirstLine(text) : text;
      }
    },
  };
}

interface Page<Row> {
  readonly rows: readonly Row[];
  /** The cursor of the next one; null for the last. */
  readonly next: string | null;
}

/** Ends with the last page, or with as many rows as were asked for. */
async function gatherPages<Row>(
  limit: number,
  largestPage: number,
  ask: (words: Words) => Promise<Page<Row>>,
): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (let cursor: string | undefined; ;) {
    const { rows, next } = await ask({ limit: Math.min(largestPage, limit - found.length), cursor });
    found.push(...rows);
    if (next === null || found.length >= limit) return found;
    cursor = next;
  }
}

function composePath(way: string, words: Words): string {
  const said = Object.entries(words).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  );
  return `/api/v1/${way}${said.length === 0 ? '' : `?${said.join('&')}`}`;
}

/** The head of a table that has begun already. */
async function* withoutFirstLine(text: AsyncIterable<string>): AsyncGenerator<string, void> {
  let isBehind = false;
  for await (const piece of text) {
    if (isBehind) yield piece;
    else if (piece.includes('\n')) {
      isBehind = true;
      yield piece.slice(piece.indexOf('\n') + 1);
    }
  }
}
