// docs/route.schema.json as a check that any test can apply to a report of a path.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { RouteReport } from '../../../src/model/route.js';

const ROOT = new URL(import.meta.url.includes('/dist/') ? '../../../../' : '../../../', import.meta.url);

export const ROUTE_JSON_SCHEMA = JSON.parse(readFileSync(new URL('docs/route.schema.json', ROOT), 'utf8')) as Record<
  string,
  unknown
>;

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: { 'date-time': true } });
const validate = ajv.compile(ROUTE_JSON_SCHEMA);

/** The report as a reader of its JSON gets it: NaN would turn into null there. */
export function assertValidRoute(report: RouteReport, context = ''): void {
  const asRead: unknown = JSON.parse(JSON.stringify(report));
  assert.ok(validate(asRead), `${context} ${JSON.stringify(validate.errors?.slice(0, 3))} ${JSON.stringify(asRead)}`);
}
