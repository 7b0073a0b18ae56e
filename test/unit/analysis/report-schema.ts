// docs/report.schema.json as a check that any test can apply to a report.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Report } from '../../../src/model/report.js';

const ROOT = new URL(import.meta.url.includes('/dist/') ? '../../../../' : '../../../', import.meta.url);

export const REPORT_JSON_SCHEMA = JSON.parse(readFileSync(new URL('docs/report.schema.json', ROOT), 'utf8')) as Record<
  string,
  unknown
>;

const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(REPORT_JSON_SCHEMA);

/** The report as a reader of its JSON gets it: NaN would turn into null there. */
export function assertValidReport(report: Report, context = ''): void {
  const asRead: unknown = JSON.parse(JSON.stringify(report));
  assert.ok(validate(asRead), `${context} ${JSON.stringify(validate.errors?.slice(0, 3))} ${JSON.stringify(asRead)}`);
  for (const estimate of listEstimates(report)) {
    const { low, value, high } = estimate;
    assert.ok(low <= value && value <= high, `${context}: ${low} ≤ ${value} ≤ ${high} does not hold`);
  }
}

function listEstimates({ estimates }: Report) {
  const { capacity, loss, propagation, serialisation, reordering, duplication } = estimates;
  const all = [
    capacity.forward,
    capacity.reverse,
    loss.roundTrip,
    loss.forward,
    loss.reverse,
    propagation,
    serialisation,
    reordering,
    duplication,
  ];
  return all.filter((estimate) => estimate !== null);
}
