// What a measurement costs: told before the first packet, and held to, by the counters of the port.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { APPARENET, liveSkip } from '../test-path.js';
import { createMeasuredPath, type MeasuredPath } from './measured-path.js';

/** What the kernel sends beside the measurement: neighbour discovery, and control segments towards the reflector. */
const OTHER_BYTES = 20_000;

describe('the costs of a measurement', { skip: liveSkip }, () => {
  let path: MeasuredPath;
  before(async () => {
    path = await createMeasuredPath('link rate=50M delay=2m overhead=0');
  });
  after(() => path.remove());

  test('are planned, and shown on a terminal before it begins', async () => {
    const began = path.countSent('near').packets;
    const command = [...path.emulated.before, process.execPath, APPARENET, 'measure', path.emulated.farAddress, 'loss'];
    // util-linux: the command sees a terminal.
    const child = spawn('script', ['--quiet', '--return', '--command', command.join(' '), '/dev/null'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    const sentWhenPlanned: number[] = [];
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes('plan: ')) sentWhenPlanned.push(path.countSent('near').packets - began);
    });
    const [exitCode] = (await once(child, 'close')) as [number | null];
    assert.equal(exitCode, 0, printed);
    assert.match(printed, /plan: at most 5 MB and 15 s; likely [\d.]+ kB in \d+ packets and [\d.]+ s/);
    assert.ok((sentWhenPlanned[0] ?? Infinity) < 100, `${sentWhenPlanned[0]} packets had left by then`);
    assert.ok(path.countSent('near').packets - began > 300);
  });

  for (const [quantity, kilobytes] of [
    ['capacity', 200],
    ['maximum', 2_000],
  ] as const) {
    test(`stay below --max-bytes in ${quantity}, the far end's trains included`, async () => {
      const began = { near: path.countSent('near').bytes, far: path.countSent('far').bytes };
      const report = await path.measure(quantity, '--max-bytes', `${kilobytes}k`);
      const near = path.countSent('near').bytes - began.near;
      const far = path.countSent('far').bytes - began.far;
      assert.ok(report.cost.bytes <= kilobytes * 1e3, `${report.cost.bytes} bytes reported`);
      assert.ok(near <= kilobytes * 1e3 + OTHER_BYTES, `${near} bytes left our port`);
      assert.ok(near <= report.cost.bytes + OTHER_BYTES, `${near} bytes left, ${report.cost.bytes} reported`);
      assert.ok(far <= kilobytes * 1e3 + OTHER_BYTES, `${far} bytes left the far end`);
    });
  }

  test('end with --max-seconds', async () => {
    const began = path.countSent('near').packets;
    await path.measure('jitter', '--max-seconds', '2');
    const sent = path.countSent('near').packets - began;
    // One each 8 ms, beside three of each kind to find out what answers; without the bound there are 320.
    assert.ok(sent < 2_000 / 8 + 20, `${sent} packets`);
  });
});
