// What was kept, asked of the analysis server of this machine. The shapes of its answers are trusted: it is the same program.
import type { Past, PastAnswer } from '../../cli/services.js';
import type { WeekReport } from '../../history/week-report.js';
import { UsageError } from '../../model/errors.js';
import type { Incident } from '../../model/incident.js';
import { askLocalApi, streamLocalApi, type LocalApiPlace } from './ask-local-api.js';

/** The most that a page of incidents holds. */
const PAGE = 200;

type Words = Readonly<Record<string, string | number | undefined>>;

export function askForPast(place: LocalApiPlace): Past {
  const ask = (way: string, words: Words = {}) => askLocalApi(place, { method: 'GET', path: composePath(way, words) });
  return {
    listTargets: async () => ((await ask('history')) as { readonly targets: string[] }).targets,
    querySummaries: async ({ target, fromMs: from, toMs: to, leastPoints: points, period }) =>
      (await ask(`targets/${encodeURIComponent(target)}/summaries`, { from, to, points, period })) as PastAnswer,
    listIncidents: async ({ limit, target, state }) => {
      const found: Incident[] = [];
      // Ends with the last page, or with as many as were asked for.
      for (let cursor: string | undefined; ;) {
        const words = { limit: Math.min(PAGE, limit - found.length), target, state, cursor };
        const page = (await ask('incidents', words)) as { incidents: readonly Incident[]; next: string | null };
        found.push(...page.incidents);
        if (page.next === null || found.length >= limit) return found;
        cursor = page.next;
      }
    },
    readIncident: async (id) => {
      try {
        return (await ask(`incidents/${encodeURIComponent(id)}`)) as Incident;
      } catch (error) {
        // Not there, or no id at all.
        if (error instanceof UsageError) return null;
        throw error;
      }
    },
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
