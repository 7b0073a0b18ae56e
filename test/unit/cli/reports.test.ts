// `reports` on a store as the analysis server writes it: the list, one of them again, and what is said where there is none.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { History } from '../../../src/history/history.js';
import type { EvidencePattern } from '../../../src/model/evidence-pattern.js';
import type { Report } from '../../../src/model/report.js';
import { runProgram } from './run-program.js';
import { HEALTHY_REPORT, SAMPLE_REPORTS } from './sample-reports.js';

const IN_UTC = { env: { TZ: 'UTC' } } as const;
const HEALTHY: Report = {
  ...HEALTHY_REPORT,
  id: '7K3QA',
  startedAt: '2026-03-02T03:04:05.000Z',
  target: { ...HEALTHY_REPORT.target, name: 'office.example' },
};
const PATTERN: EvidencePattern = {
  title: 'Share of packets lost, by their size',
  x: { label: 'IP length', unit: 'bytes' },
  y: { label: 'lost', unit: 'ratio' },
  series: [{ name: 'lost', mark: 'bars', x: [92, 1500], y: [0, 1] }],
};
const MISMATCH = SAMPLE_REPORTS['duplex-mismatch'] ?? HEALTHY_REPORT;
const BAD: Report = {
  ...MISMATCH,
  id: '9XYZB',
  startedAt: '2026-03-02T04:00:00.000Z',
  findings: MISMATCH.findings.map((finding, i) => (i === 0 ? { ...finding, pattern: PATTERN } : finding)),
};

describe('reports', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'apparenet-reports-'));
  const ask = (...words: string[]) => runProgram([...words, '--state-dir', stateDir], IN_UTC);
  before(async () => {
    const history = await History.open(join(stateDir, 'history'));
    for (const report of [HEALTHY, BAD]) await history.addReport(report);
    await history.close();
  });
  after(() => rmSync(stateDir, { recursive: true }));

  test('are listed, the newest first, with what was found', async () => {
    const { stdout, exitCode } = await ask('reports');
    assert.equal(exitCode, 0);
    assert.match(
      stdout,
      /^id +begun +target +verdict +leading finding\n9XYZB +2026-03-02 04:00 +plc\.example \(10\.20\.0\.9\) +critical +duplex mismatch, .*\n7K3QA +2026-03-02 03:04 +office\.example \(10\.20\.0\.9\) +ok +No fault found: .*\nTimes are those of UTC\.\n$/,
    );
    const { reports } = JSON.parse((await ask('reports', '--limit', '1', '--json')).stdout) as { reports: Report[] };
    assert.deepEqual(reports, [BAD]);
  });

  test('one again, as diagnose printed it, with its picture; its verdict is the exit status', async () => {
    const file = join(stateDir, 'why.svg');
    const { stdout, stderr, exitCode } = await ask('report', '9xyzb', '--plot', file);
    assert.equal(exitCode, 2, stderr);
    assert.match(stdout, /duplex mismatch[^]*Let both ends of that link auto-negotiate/i);
    assert.match(readFileSync(file, 'utf8'), /^<svg/);
    const whole = await ask('report', '7K3QA', '--json');
    assert.equal(whole.exitCode, 0);
    assert.deepEqual(JSON.parse(whole.stdout), HEALTHY);
  });

  test('an id that is not kept is refused with the nearest one, a picture of all of them with the reason', async () => {
    const near = await ask('report', '7K3QB');
    assert.equal(near.exitCode, 64);
    assert.match(near.stderr, /no report "7K3QB" is kept: did you mean 7K3QA\?/);
    const far = await ask('report', 'AAAA');
    assert.match(far.stderr, /no report "AAAA" is kept: "apparenet reports" lists/);
    const all = await ask('reports', '--plot', join(stateDir, 'all.svg'));
    assert.equal(all.exitCode, 64);
    assert.match(all.stderr, /--plot draws one report/);
  });

  test('where nothing is kept and no server runs that is said, with what would help', async () => {
    const none = await runProgram(['reports', '--state-dir', join(stateDir, 'none')]);
    assert.deepEqual(
      [none.exitCode, none.stdout.trim()],
      [
        0,
        'No report is kept here, and no analysis server runs: start one with "apparenet run" or "systemctl start apparenet-as".',
      ],
    );
    const one = await runProgram(['report', '7K3QA', '--state-dir', join(stateDir, 'none')]);
    assert.equal(one.exitCode, 64);
    assert.match(one.stderr, /no report "7K3QA" is kept\. No report is kept here, and no analysis server runs/);
  });
});
