// The history on a real file system of two megabytes that fills up: the kernel's ENOSPC, and room that comes back.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { History, openForReading } from '../../../src/history/history.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import { createRandom } from '../../../src/model/random.js';
import { drawMinutes, drawTargets } from '../../unit/history/drawn-summaries.js';
import { liveSkip } from '../test-path.js';

const START_MS = Date.UTC(2026, 0, 1);
const TARGETS = drawTargets(createRandom(8), 5, 0.5);
const drawAt = (minute: number): PeriodSummary[] =>
  drawMinutes(createRandom(minute), TARGETS, START_MS + minute * 60_000, 100);

describe('a disk of two megabytes', { skip: liveSkip }, () => {
  const mount = mkdtempSync(join(tmpdir(), 'apparenet-small-'));
  const filler = join(mount, 'filler');

  before(() => execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mount]));
  after(() => {
    execFileSync('umount', [mount]);
    rmdirSync(mount);
  });

  const fillUp = (): void => {
    const { bavail, bsize } = statfsSync(mount);
    writeFileSync(filler, Buffer.alloc(bavail * bsize));
  };

  test('filled by others: minutes wait, nothing is lost, and all is kept when there is room', async () => {
    const folder = join(mount, 'history');
    const history = await History.open(folder);
    await history.append(drawAt(0));
    fillUp();
    let refused = 0;
    for (let minute = 1; minute < 400; minute += 1) {
      await history.append(drawAt(minute)).catch(() => {
        refused += 1;
      });
    }
    assert.ok(refused > 100, `${refused} refused`);
    assert.match(history.state().problem ?? '', /ENOSPC/);
    assert.equal(history.state().forgotten, 0);
    rmSync(filler);
    await history.append(drawAt(400));
    assert.deepEqual(history.state(), { problem: null, waiting: 0, forgotten: 0 });
    const reader = await openForReading(folder, { onLoss: (loss) => assert.fail(loss.file) });
    const range = { fromMs: START_MS, toMs: START_MS + 86_400_000 };
    const { summaries } = await reader.querySummaries({ ...range, target: 'target-3', period: 'minute' });
    assert.deepEqual(
      summaries,
      Array.from({ length: 401 }, (_, minute) => drawAt(minute)[3]),
    );
    await history.close();
  });
});
