// docs/report.schema.json and model/report.ts say the same.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { CONDITIONS, REPORT_SCHEMA } from '../../../src/model/report.js';
import type { Report } from '../../../src/model/report.js';
import { PATH, REQUEST } from './asked.js';
import { assertValidReport, REPORT_JSON_SCHEMA } from './report-schema.js';

interface ObjectSchema {
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly enum?: readonly unknown[];
}
const definitions = REPORT_JSON_SCHEMA['$defs'] as Readonly<Record<string, ObjectSchema>>;

/** Every key of the report's types; the compiler refuses a key too many or too few. */
const REPORT_KEYS: Readonly<Record<keyof Report, true>> = {
  schema: true,
  id: true,
  target: true,
  port: true,
  startedAt: true,
  durationMs: true,
  cost: true,
  verdict: true,
  summary: true,
  estimates: true,
  findings: true,
  alternatives: true,
  limits: true,
};
const ESTIMATE_KEYS: Readonly<Record<keyof Report['estimates'], true>> = {
  capacity: true,
  available: true,
  utilization: true,
  maximum: true,
  loss: true,
  lossRuns: true,
  lossEpisodes: true,
  lossTable: true,
  rtt: true,
  oneWay: true,
  queueing: true,
  propagation: true,
  serialisation: true,
  jitter: true,
  reordering: true,
  reorderingBySpacing: true,
  duplication: true,
  mtu: true,
  dscp: true,
  voice: true,
  loaded: true,
};

describe('report schema', () => {
  it('requires exactly the keys of the types', () => {
    const schema = REPORT_JSON_SCHEMA as ObjectSchema;
    assert.deepEqual([...(schema.required ?? [])].sort(), Object.keys(REPORT_KEYS).sort());
    assert.deepEqual(Object.keys(schema.properties ?? {}).sort(), Object.keys(REPORT_KEYS).sort());
    assert.deepEqual([...(definitions['estimates']?.required ?? [])].sort(), Object.keys(ESTIMATE_KEYS).sort());
  });

  it('knows the conditions of the model, in their order', () => {
    assert.deepEqual(definitions['condition']?.enum, [...CONDITIONS]);
  });

  it('accepts a report in which nothing was measured', () => {
    const report = startExamination(REQUEST, PATH, { packets: 0, bytes: 0 }).interrupt(5, 'asked to');
    assert.equal(report.schema, REPORT_SCHEMA);
    assertValidReport(report);
  });

  it('refuses a report with a missing or an unknown key', () => {
    const report = startExamination(REQUEST, PATH, { packets: 0, bytes: 0 }).interrupt(5, 'asked to');
    const without = Object.fromEntries(Object.entries(report).filter(([key]) => key !== 'limits'));
    assert.throws(() => assertValidReport(without as unknown as Report));
    assert.throws(() => assertValidReport({ ...report, extra: 1 } as Report));
  });
});
