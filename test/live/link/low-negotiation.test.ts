// Proves that a port which negotiated less than both ends offer is named, from the kernel's own link settings to the verdict.
// The link is user space (tap-link.c): it answers ethtool as a PHY would, but does not slow down as one.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import type { Report } from '../../../src/model/report.js';
import { buildProgram, startProgram, type RunningProgram } from '../c-program.js';
import { APPARENET, liveSkip } from '../test-path.js';

const NEAR = `antl-${process.pid}n`;
const FAR = `antl-${process.pid}f`;

describe('a link negotiated below its ability', { skip: liveSkip }, () => {
  let link: RunningProgram | null = null;

  before(async () => {
    const program = buildProgram(['link/tap-link.c', 'emulator/tap.c']);
    for (const namespace of [NEAR, FAR]) execFileSync('ip', ['netns', 'add', namespace]);
    link = await startProgram(program, [NEAR, FAR]);
    for (const [namespace, address] of [
      [NEAR, '10.67.0.1/24'],
      [FAR, '10.67.0.2/24'],
    ] as const) {
      execFileSync('ip', ['-n', namespace, 'address', 'add', address, 'dev', 'tap0']);
      execFileSync('ip', ['-n', namespace, 'link', 'set', 'tap0', 'up']);
    }
  });
  after(() => {
    link?.stop();
    for (const namespace of [NEAR, FAR]) spawnSync('ip', ['netns', 'del', namespace]);
  });

  test('is a warning with the modes of both ends as evidence', () => {
    const { status, stdout, stderr } = spawnSync(
      'ip',
      ['netns', 'exec', NEAR, process.execPath, APPARENET, 'diagnose', '10.67.0.2', '--quick', '--json'],
      { encoding: 'utf8' },
    );
    assert.equal(status, 1, stderr);
    const report = JSON.parse(stdout) as Report;
    const finding = report.findings[0];
    assert.equal(report.port.speedBitsPerSec, 100e6);
    assert.equal(finding?.condition, 'low-negotiation');
    assert.equal(finding.where.kind, 'probe');
    assert.ok(finding.probability > 0.9, `probability ${finding.probability}`);
    assert.match(finding.evidence.map(({ text }) => text).join(' '), /100 Mb\/s.*1 Gb\/s/);
  });
});
