// Which stretch of time a question about the past means. The present is an argument.
import { UsageError } from '../model/errors.js';

export interface HistorySpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface SpanWords {
  readonly last?: string;
  readonly from?: string;
  readonly to?: string;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};
const USUAL = '24h';

/** The last day unless told. @throws UsageError `usage.argument` */
export function parseSpan({ last, from, to }: SpanWords, nowMs: number): HistorySpan {
  if (last !== undefined && from !== undefined) {
    throw new UsageError('usage.argument', '--last and --from do not go together: give one of them');
  }
  const toMs = to === undefined ? nowMs : parseInstant('--to', to);
  const fromMs = from === undefined ? toMs - parseLength(last ?? USUAL) : parseInstant('--from', from);
  if (fromMs >= toMs) throw new UsageError('usage.argument', '--from must be earlier than --to, and not in the future');
  return { fromMs, toMs };
}

function parseLength(text: string): number {
  const [, count, unit = ''] = /^(\d{1,4}) ?(min|h|d|w)$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS_MS[unit] ?? NaN);
  if (ms > 0) return ms;
  throw new UsageError(
    'usage.argument',
    `--last cannot be "${text}": give a number with min, h, d or w, such as 90min, 24h or 7d`,
  );
}

function parseInstant(option: string, text: string): number {
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new UsageError(
    'usage.argument',
    `${option} cannot be "${text}": give a date or an instant of ISO 8601, such as 2026-11-23 or 2026-11-23T18:00`,
  );
}
