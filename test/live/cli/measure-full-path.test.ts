// What fills a path, through a router that shapes: the maximum and the delay under load of links whose rate and buffer are known.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { LoadedDelay } from '../../../src/model/estimates.js';
import type { Report } from '../../../src/model/report.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { createRoutedPath, type RoutedPath } from '../routed-path.js';
import { APPARENET, liveSkip, startReady } from '../test-path.js';

/** Of a link whose qdisc counts Ethernet frames: what is left for IP packets of 1500 bytes. */
const IP_SHARE = 1500 / 1514;

describe('measuring a full path', { skip: liveSkip }, () => {
  let routed: RoutedPath;
  let stopReflector: () => Promise<void>;
  const shaped: string[] = [];

  before(async () => {
    routed = createRoutedPath();
    const reflector = [
      'ip',
      'netns',
      'exec',
      routed.beyond,
      process.execPath,
      APPARENET,
      'reflect',
      '--udp-port',
      '3237',
    ];
    stopReflector = await startReady(routed.path, 'far', reflector, /reflecting on udp\/3237/);
  });
  after(async () => {
    await stopReflector();
    routed.remove();
  });
  afterEach(() => {
    for (const port of shaped.splice(0)) routed.path.exec('far', 'tc', 'qdisc', 'del', 'dev', port, 'root');
  });

  /** `rp` leads to the far end, `fp` back. */
  function shape(port: 'rp' | 'fp', ...words: string[]): void {
    routed.path.exec('far', 'tc', 'qdisc', 'add', 'dev', port, 'root', 'tbf', ...words);
    shaped.push(port);
  }

  async function measure(quantity: string, ...options: string[]): Promise<{ report: Report; notes: string }> {
    const words = ['measure', routed.beyondAddress, quantity, '--json', ...options];
    const { stdout, stderr } = await runProgram(words, { before: ['ip', 'netns', 'exec', routed.path.near] });
    return { report: JSON.parse(stdout) as Report, notes: stderr };
  }

  test('the maximum is within 1 % of each direction, and who measures it is told what it costs', async () => {
    shape('rp', 'rate', '20mbit', 'burst', '16k', 'latency', '50ms');
    shape('fp', 'rate', '50mbit', 'burst', '16k', 'latency', '50ms');
    const { report, notes } = await measure('maximum');
    const { forward, reverse } = report.estimates.maximum;
    assert.ok(forward && reverse, report.limits.join('; '));
    assert.ok(Math.abs(forward.value / (20e6 * IP_SHARE) - 1) < 0.01, JSON.stringify(forward));
    assert.ok(Math.abs(reverse.value / (50e6 * IP_SHARE) - 1) < 0.01, JSON.stringify(reverse));
    assert.match(notes, /fills the path: up to 350 MB in 6 s/);
  });

  test('an echo gives that of the narrower direction', async () => {
    shape('fp', 'rate', '30mbit', 'burst', '16k', 'latency', '50ms');
    const { maximum } = (await measure('maximum', '--via', 'icmp')).report.estimates;
    assert.ok(maximum.forward && Math.abs(maximum.forward.value / (30e6 * IP_SHARE) - 1) < 0.01);
    assert.equal(maximum.reverse, null);
  });

  test('where no link is full the maximum is a lower bound', async () => {
    const { report } = await measure('maximum', '--via', 'icmp', '--max-bytes', '60M');
    assert.equal(report.estimates.maximum.forward?.limitedBy, 'probe', JSON.stringify(report.estimates.maximum));
    assert.match(report.limits.join('; '), /the maximum is at least that/);
  });

  test('delay under load is the buffer of the direction that is loaded', async () => {
    shape('rp', 'rate', '20mbit', 'burst', '5k', 'latency', '200ms');
    shape('fp', 'rate', '50mbit', 'burst', '10k', 'latency', '100ms');
    const { report } = await measure('responsiveness');
    const { loaded } = report.estimates;
    const check = (name: string, delay: LoadedDelay | null | undefined, wantedMs: number): void => {
      assert.ok(delay, `${name}: ${report.limits.join('; ')}`);
      assert.ok(Math.abs(delay.increaseNs / (wantedMs * 1e6) - 1) < 0.1, `${name}: ${JSON.stringify(delay)}`);
    };
    check('up', loaded?.up, 200);
    check('down', loaded?.down, 100);
    check('both', loaded?.both, 300);
    assert.ok((loaded?.idle.p95Ns ?? Infinity) < 20e6, JSON.stringify(loaded?.idle));
  });
});
