// Which report somebody else made is taken in: one of the published shape, of a path, of today. It is kept beside our own and counts
// like them in the week and in the health of the box.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv';
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import { UsageError } from '../../model/errors.js';
import type { Report } from '../../model/report.js';

/** Twelve times the longest that was seen. */
export const REPORT_LIMIT_BYTES = 256 * 1024;
/** Between its begin and now, either way: longer than any examination, and no clock that is set by hours is in the way. */
const MOST_AGE_MS = 24 * 3_600_000;
/** Nothing of this network, or of no network at all. */
const OF_NO_PATH: readonly Report['target']['via'][] = ['capture', 'simulated'];
/** C0 without the line feed, DEL, C1: what a terminal would act upon. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

const SCHEMA_PLACE = new URL('../../../../docs/report.schema.json', import.meta.url);

/** For one route: the whole shape, which the API document only names. It is read and compiled when the first report comes. */
export function checkReportBody(app: FastifyInstance): FastifySchemaCompiler<unknown> {
  let fits: ValidateFunction | null = null;
  return (route) => {
    if (route.httpPart !== 'body' && app.validatorCompiler) return app.validatorCompiler(route);
    return (body: unknown) => {
      fits ??= new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(SCHEMA_PLACE, 'utf8')) as object);
      if (fits(body)) return { value: body };
      const [first] = fits.errors ?? [];
      return { error: new Error(`body${first?.instancePath ?? ''} ${first?.message ?? 'is no report'}`) };
    };
  };
}

/** @throws UsageError for a report that no examination here can have ended with. */
export function checkPlausible(report: Report, nowMs: number): void {
  if (OF_NO_PATH.includes(report.target.via))
    throw new UsageError('usage.argument', `body/target/via is ${report.target.via}: only reports of a path are kept`);
  // Also where it is no date at all.
  if (!(Math.abs(nowMs - Date.parse(report.startedAt)) <= MOST_AGE_MS))
    throw new UsageError('usage.argument', 'body/startedAt must be within a day of the clock of this box');
  if (holdsControl(report))
    throw new UsageError('usage.argument', 'body holds control characters, which no report needs');
}

/** Ends with the last value: a document of JSON has no cycles, and its shape bounds how deep it lies. */
function holdsControl(value: unknown): boolean {
  if (typeof value === 'string') return CONTROL.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => CONTROL.test(key) || holdsControl(inner));
}
