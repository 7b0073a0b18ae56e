// Reports that the analysis server takes in from who examined by himself: kept as its own, and nothing that is none.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { History } from '../../../src/history/history.js';
import type { Report } from '../../../src/model/report.js';
import { startAnalysisServer } from '../../../src/server/server.js';
import { HEALTHY_REPORT } from '../../unit/cli/sample-reports.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { makeFolder } from './simulated-parts.js';

const buildReport = (changes: object = {}): object => ({
  ...HEALTHY_REPORT,
  startedAt: new Date().toISOString(),
  ...changes,
});

test('a report that was made here by somebody else is kept, told and listed; what is none is refused', async (context) => {
  const folder = makeFolder();
  const history = await History.open(join(folder, 'history'));
  const told: string[] = [];
  const server = await startAnalysisServer({
    port: 0,
    socketPath: join(folder, 'tps.sock'),
    localSocketPath: join(folder, 'as.sock'),
    accessPath: join(folder, 'access.json'),
    history,
    loadExamination: () => Promise.resolve(startExamination),
    onReport: ({ id }) => told.push(id),
    onDefect: (error) => assert.fail(String(error)),
  });
  context.after(async () => {
    await server.close();
    await history.close();
  });
  const post = async (body: object): Promise<{ status: number; detail?: string }> => {
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(`${server.url}/api/v1/reports`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: reply.status, ...((await reply.json()) as { detail?: string }) };
  };

  assert.equal((await post(buildReport())).status, 201);
  const days = 24 * 3_600_000;
  const refused: readonly (readonly [object, number, RegExp])[] = [
    [{}, 400, /required/],
    [buildReport({ id: '7K3Q' }), 400, /body\/id must be new/],
    [buildReport({ id: 'A1', verdict: 'fine' }), 400, /body\/(id|verdict)/],
    [buildReport({ id: 'AAAA', cost: { packets: 'many', bytes: 1 } }), 400, /body\/cost\/packets must be/],
    [buildReport({ id: 'AAAA', extra: 1 }), 400, /additional/],
    [buildReport({ id: 'AAAA', target: { address: 'healthy', via: 'simulated' } }), 400, /simulated/],
    [buildReport({ id: 'AAAA', startedAt: new Date(Date.now() + 3 * days).toISOString() }), 400, /startedAt/],
    [buildReport({ id: 'AAAA', startedAt: 'yesterday' }), 400, /startedAt/],
    [buildReport({ id: 'AAAA', summary: '\u001b[2J' }), 400, /control characters/],
    [buildReport({ id: 'AAAA', summary: 'x'.repeat(300_000) }), 413, /too large/],
  ];
  for (const [body, status, why] of refused) {
    const answer = await post(body);
    assert.equal(answer.status, status, JSON.stringify(answer));
    assert.match(answer.detail ?? '', why);
  }
  assert.deepEqual(told, ['7K3Q']);
  const { stdout } = await runProgram(['reports', '--json', '--state-dir', folder]);
  assert.deepEqual(
    (JSON.parse(stdout) as { reports: Report[] }).reports.map(({ id, summary }) => ({ id, summary })),
    [{ id: '7K3Q', summary: HEALTHY_REPORT.summary }],
  );
});
