// A queue that `tc` set up on a port of either end: what waits or is dropped in it waits or is lost on the path, and the report says
// where that queue stands. Stamps of the driver are taken behind it and would show none of it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Report } from '../../../src/model/report.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { APPARENET, createTestPath, liveSkip, startReady, type TestPath } from '../test-path.js';

const RATE_BITS_PER_SEC = 20e6;
const SLOW_WITH_A_LONG_QUEUE = ['root', 'tbf', 'rate', '20mbit', 'burst', '10kb', 'limit', '1mb'];

describe('20 Mb/s with a queue of 1 MB on the port', { skip: liveSkip }, () => {
  let path: TestPath;
  let endReflector: () => Promise<void>;
  before(async () => {
    path = createTestPath();
    endReflector = await startReady(path, 'far', [process.execPath, APPARENET, 'reflect'], /^reflecting/m);
  });
  after(async () => {
    await endReflector();
    path.remove();
  });

  const ask = async (...words: string[]): Promise<Report> => {
    const { stdout, stderr } = await runProgram([...words, '--json'], { before: ['ip', 'netns', 'exec', path.near] });
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout) as Report;
  };
  const hasBufferbloat = ({ findings }: Report, direction: string): boolean =>
    findings.some((finding) => finding.condition === 'bufferbloat' && finding.direction === direction);

  test('of the probe: its delay is found, and the port named', async () => {
    path.exec('near', 'tc', 'qdisc', 'add', 'dev', path.port, ...SLOW_WITH_A_LONG_QUEUE);
    try {
      const report = await ask('diagnose', path.farAddress);
      assert.ok(hasBufferbloat(report, 'forward'), JSON.stringify(report.findings));
      const rate = report.estimates.capacity.forward?.value ?? NaN;
      assert.ok(Math.abs(rate / RATE_BITS_PER_SEC - 1) < 0.03, `${rate}`);
      assert.equal(report.port.stamps.tx, 'user');
      assert.match(report.limits.join('\n'), /holds back what it sends \(tbf, see tc qdisc show dev np\)/);
    } finally {
      path.exec('near', 'tc', 'qdisc', 'del', 'dev', path.port, 'root');
    }
  });

  test('of the far end: its delay is found on the way back', async () => {
    path.exec('far', 'tc', 'qdisc', 'add', 'dev', 'fp', ...SLOW_WITH_A_LONG_QUEUE);
    try {
      const report = await ask('diagnose', path.farAddress);
      assert.ok(hasBufferbloat(report, 'reverse'), JSON.stringify(report.findings));
      assert.equal(report.port.stamps.tx, 'kernel');
    } finally {
      path.exec('far', 'tc', 'qdisc', 'del', 'dev', 'fp', 'root');
    }
  });
});
