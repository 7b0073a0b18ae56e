// An examination and the analysis of its own recording agree; other programs read the file; a file that is there stays as it is.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Report } from '../../../src/model/report.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { pcapSkip } from '../../unit/prober/capture/recording.js';
import { createRoutedPath, type RoutedPath } from '../routed-path.js';
import { createMeasuredPath } from '../measure/measured-path.js';
import { liveSkip } from '../test-path.js';

const tcpdumpSkip = spawnSync('tcpdump', ['--version']).status === 0 ? false : 'needs tcpdump';
const tsharkSkip = spawnSync('tshark', ['--version']).status === 0 ? false : 'needs tshark';

describe('a recorded examination', { skip: liveSkip === false ? pcapSkip : liveSkip }, () => {
  let routed: RoutedPath;
  let folder: string;
  let file: string;
  let live: Report;
  const diagnose = (path: string) =>
    runProgram(['diagnose', routed.beyondAddress, '--via', 'icmp', '--save-capture', path, '--json'], {
      before: ['ip', 'netns', 'exec', routed.path.near],
    });

  before(async () => {
    routed = createRoutedPath();
    const shape = ['root', 'tbf', 'rate', '20mbit', 'burst', '3000', 'limit', '60000'];
    routed.path.exec('far', 'tc', 'qdisc', 'add', 'dev', 'rp', ...shape);
    folder = mkdtempSync(join(tmpdir(), 'capture-'));
    file = join(folder, 'x.pcap');
    const outcome = await diagnose(file);
    assert.equal(outcome.exitCode, 0, outcome.stdout + outcome.stderr);
    live = JSON.parse(outcome.stdout) as Report;
  });
  after(() => {
    routed.remove();
    rmSync(folder, { recursive: true });
  });

  test('gives the same capacity within 1 %, the same loss and delay', async () => {
    const { stdout, stderr, exitCode } = await runProgram(['analyze', file, '--json']);
    assert.equal(exitCode, 0, stdout + stderr);
    const recorded = JSON.parse(stdout) as Report;
    const [seen, known] = [recorded.estimates, live.estimates];
    assert.ok(seen.capacity.forward && known.capacity.forward, stdout);
    assert.ok(Math.abs(seen.capacity.forward.value / known.capacity.forward.value - 1) < 0.01, stdout);
    assert.equal(seen.loss.roundTrip?.value, known.loss.roundTrip?.value);
    assert.equal(seen.rtt?.samples, known.rtt?.samples);
    // Two stamps in whole microseconds.
    assert.ok(Math.abs((seen.rtt?.p50Ns ?? 0) - (known.rtt?.p50Ns ?? 0)) <= 2_000, stdout);
    assert.deepEqual(seen.mtu?.forwardBytes, known.mtu?.forwardBytes);
    assert.deepEqual(
      seen.dscp?.map(({ sent, forward }) => [sent, forward]),
      known.dscp?.map(({ sent, forward }) => [sent, forward]),
    );
    assert.equal(recorded.target.via, 'capture');
    assert.equal(recorded.port.name, 'x.pcap');
  });

  test('tcpdump reads it', { skip: tcpdumpSkip }, () => {
    const lines = execFileSync('tcpdump', ['-n', '-r', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    assert.ok(lines.split('\n').filter((line) => line.includes('ICMP echo request')).length > 400);
  });

  test('is not written over', async () => {
    const held = readFileSync(file);
    const { exitCode, stderr } = await diagnose(file);
    assert.equal(exitCode, 64);
    assert.match(stderr, /name another/);
    assert.ok(held.equals(readFileSync(file)));
  });
});

describe('a recorded measurement towards a reflector', { skip: liveSkip === false ? pcapSkip : liveSkip }, () => {
  test('gives the same capacity and available bandwidth', async (context) => {
    const path = await createMeasuredPath('link rate=20M delay=2m overhead=0 load=0.2');
    const folder = mkdtempSync(join(tmpdir(), 'capture-'));
    context.after(async () => {
      await path.remove();
      rmSync(folder, { recursive: true });
    });
    const record = async (file: string) => {
      const { estimates: live } = await path.measure('available', '--save-capture', file);
      const { stdout, stderr } = await runProgram(['analyze', file, '--json']);
      const { estimates: recorded, target } = JSON.parse(stdout) as Report;
      assert.deepEqual(target, { address: path.emulated.farAddress, via: 'capture' }, stderr);
      return { live, recorded, stdout, file };
    };
    let made = await record(join(folder, '1.pcap'));
    // Where this machine stood still, too few streams come through whole, and the recording says so.
    for (let again = 2; again <= 4 && made.recorded.available.forward === null; again += 1)
      made = await record(join(folder, `${again}.pcap`));
    const { live, recorded, stdout, file } = made;
    const [known, seen] = [live.available.forward, recorded.available.forward];
    assert.ok(known && seen && live.capacity.forward && recorded.capacity.forward, stdout);
    assert.ok(Math.abs(recorded.capacity.forward.value / live.capacity.forward.value - 1) < 0.03, stdout);
    assert.ok(seen.low <= known.high && seen.high >= known.low, `${JSON.stringify(seen)} ${JSON.stringify(known)}`);
    await context.test('without a frame that Wireshark calls malformed', { skip: tsharkSkip }, () => {
      const wrong = ['-r', file, '-Y', '_ws.malformed || _ws.expert.severity == error'];
      assert.equal(execFileSync('tshark', wrong, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }), '');
    });
  });
});
