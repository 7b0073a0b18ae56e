// Ctrl-C in the middle of a measurement: sending stops at once, at the far end, too, and what was known is reported. Counted are
// the packets that leave either port later than 200 ms after the signal.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import type { Quantity } from '../../../src/model/examination.js';
import type { Report } from '../../../src/model/report.js';
import { liveSkip } from '../test-path.js';
import { createMeasuredPath, type MeasuredPath } from './measured-path.js';

/** Neighbour discovery and what tells the far end to stop; a load sends thousands a second. */
const MOST_LATER = 12;
const STOP_MS = 200;

interface Sent {
  readonly near: number;
  readonly far: number;
}

interface Interrupted {
  readonly report: Report;
  readonly exitCode: number | null;
  readonly soonAfter: Sent;
  readonly atEnd: Sent;
}

describe('Ctrl-C', { skip: liveSkip }, () => {
  let path: MeasuredPath;
  before(async () => {
    path = await createMeasuredPath('link rate=50M delay=2m overhead=0');
  });
  after(() => path.remove());

  const countSent = (): Sent => ({ near: path.countSent('near').packets, far: path.countSent('far').packets });

  /** `isTime` is told how many packets have left since the start. */
  async function interrupt(quantity: Quantity, isTime: (sent: Sent) => boolean): Promise<Interrupted> {
    const start = countSent();
    let watched: Promise<Sent | null> = Promise.resolve(null);
    const { stdout, stderr, exitCode } = await path.run(quantity, ['--json'], {
      onStart: (child) => {
        watched = signalInTime(child, ({ near, far }) => isTime({ near: near - start.near, far: far - start.far }));
      },
    });
    const soonAfter = await watched;
    assert.ok(soonAfter !== null, `it ended before its time: ${stdout}`);
    assert.match(stdout, /^\{/, stderr);
    return { report: JSON.parse(stdout) as Report, exitCode, soonAfter, atEnd: countSent() };
  }

  /** What had been sent 200 ms after the signal; null where the child ended before. */
  async function signalInTime(child: ChildProcess, isTime: (sent: Sent) => boolean): Promise<Sent | null> {
    while (child.exitCode === null) {
      await sleep(20);
      if (!isTime(countSent())) continue;
      child.kill('SIGINT');
      await sleep(STOP_MS);
      return countSent();
    }
    return null;
  }

  function assertStopped({ report, soonAfter, atEnd }: Interrupted): void {
    assert.ok(atEnd.near - soonAfter.near <= MOST_LATER, `${atEnd.near - soonAfter.near} packets of ours`);
    assert.ok(atEnd.far - soonAfter.far <= MOST_LATER, `${atEnd.far - soonAfter.far} packets of the far end`);
    assert.ok(
      report.limits.some((limit) => /stopped on request/i.test(limit)),
      report.limits.join('; '),
    );
    assert.equal(report.estimates.loss.roundTrip?.value ?? 0, 0, 'what was on its way is not lost');
  }

  for (const [quantity, isTime] of [
    ['capacity', ({ near }: Sent) => near > 60],
    ['delay', ({ near }: Sent) => near > 60],
    ['available', ({ near }: Sent) => near > 400],
    // Each direction was climbed by itself with less than that: now both are loaded.
    ['maximum', ({ near, far }: Sent) => near + far > 3_000],
    ['responsiveness', ({ near }: Sent) => near > 2_000],
  ] as const) {
    test(`in ${quantity} stops the sending and brings what is known`, async () => {
      const outcome = await interrupt(quantity, isTime);
      assertStopped(outcome);
      assert.ok(outcome.report.estimates.rtt !== null, JSON.stringify(outcome.report.estimates));
      assert.ok(outcome.exitCode === 0 || outcome.exitCode === 3, `exit status ${outcome.exitCode}`);
    });
  }
});
