// What the routes ask of the history, and pages of it. The history itself is in src/history.
import { UsageError } from '../model/errors.js';
import type { DiaryQuery, HistoryReader } from '../history/history-reader.js';

export type HistorySource = HistoryReader;

/** The query for a page and one record more, which tells whether there is another page. @throws UsageError for a foreign cursor */
export function planPage({ limit, cursor, target }: { limit: number; cursor?: string; target?: string }): DiaryQuery {
  return {
    limit: limit + 1,
    ...(cursor === undefined ? {} : { beforeId: parseCursor(cursor) }),
    ...(target === undefined ? {} : { target }),
  };
}

/** `found` has been asked for with `planPage`. */
export function cutPage<Row extends { readonly id: string }>(
  found: readonly Row[],
  limit: number,
): { readonly rows: readonly Row[]; readonly next: string | null } {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { rows, next: found.length > limit && last ? Buffer.from(`before ${last.id}`).toString('base64url') : null };
}

/** Opaque to callers, so that what it holds can change. */
function parseCursor(cursor: string): string {
  const [, id] = /^before (.+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (id === undefined)
    throw new UsageError('usage.argument', 'querystring/cursor must be the `next` of a page of this list');
  return id;
}
