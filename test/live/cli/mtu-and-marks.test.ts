// Path MTU and traffic classes on real routers: limits that are announced or silent, going or coming back, and marks that a
// router changes, over IPv4 and IPv6. The reflector stands behind the router.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';
import type { ClassTreatment, MtuEstimate } from '../../../src/model/estimates.js';
import type { Report } from '../../../src/model/report.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { createRoutedPath, type RoutedPath } from '../routed-path.js';
import { APPARENET, createTestPath, liveSkip, startReady } from '../test-path.js';

const nftSkip = liveSkip !== false ? liveSkip : spawnSync('nft', ['--version']).status === 0 ? false : 'needs nftables';

/** A router's silence: no "fragmentation needed", no "packet too big". */
const QUIET = `table inet quiet {
  chain output {
    type filter hook output priority 0
    icmp type destination-unreachable drop
    icmpv6 type packet-too-big drop
  }
}`;

/** EF becomes CS0 going, CS1 becomes AF11 coming back. */
const MARKS = `table inet marks {
  chain forward {
    type filter hook forward priority 0
    iifname "fp" ip dscp ef ip dscp set cs0
    iifname "fp" ip6 dscp ef ip6 dscp set cs0
    iifname "rp" ip dscp cs1 ip dscp set af11
    iifname "rp" ip6 dscp cs1 ip6 dscp set af11
  }
}`;

async function makePath(context: TestContext): Promise<RoutedPath> {
  const routed = createRoutedPath();
  context.after(() => routed.remove());
  const command = ['netns', 'exec', routed.beyond, 'node', APPARENET, 'reflect', '--port', 'bp'];
  const reflector = spawn('ip', command, { stdio: ['ignore', 'ignore', 'pipe'] });
  context.after(async () => {
    reflector.kill('SIGTERM');
    await once(reflector, 'exit');
  });
  await once(reflector.stderr, 'data');
  return routed;
}

function loadRules({ path }: RoutedPath, rules: string): void {
  execFileSync('ip', ['netns', 'exec', path.far, 'nft', '-f', '-'], { input: rules });
}

/** The router passes nothing larger on through `port`, although the link would carry it. */
function limitRoutes({ path }: RoutedPath, port: 'rp' | 'fp', mtuBytes: number): void {
  const [net, net6] = port === 'rp' ? ['10.67.0.0/24', 'fd67::/64'] : ['10.66.0.0/24', 'fd66::/64'];
  const limit = ['mtu', 'lock', String(mtuBytes)];
  path.exec('far', 'ip', 'route', 'change', net, 'dev', port, ...limit);
  path.exec('far', 'ip', '-6', 'route', 'replace', net6, 'dev', port, 'metric', '10', ...limit);
}

async function measure(near: string, ...words: string[]): Promise<Report> {
  const before = ['ip', 'netns', 'exec', near];
  const { stdout, stderr } = await runProgram(['measure', ...words, '--json'], { before });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as Report;
}

async function measureMtu(routed: RoutedPath, target: string, ...options: string[]): Promise<MtuEstimate> {
  const { estimates } = await measure(routed.path.near, target, 'mtu', ...options);
  return estimates.mtu ?? assert.fail('no MTU');
}

describe('path MTU on real routers', { skip: nftSkip }, () => {
  test('where all sizes pass is that of the port, also with jumbo frames', async (context) => {
    const path = createTestPath();
    context.after(() => path.remove());
    for (const [where, port] of [
      ['near', 'np'],
      ['far', 'fp'],
    ] as const) {
      path.exec(where, 'ip', 'link', 'set', port, 'mtu', '9000');
    }
    context.after(await startReady(path, 'far', ['node', APPARENET, 'reflect', '--port', 'fp'], /reflecting/));
    const { estimates } = await measure(path.near, path.farAddress, 'mtu');
    assert.deepEqual([estimates.mtu?.forwardBytes, estimates.mtu?.reverseBytes], [9000, 9000]);
    assert.equal(estimates.mtu?.failedBytes.forward, null);
  });

  test('that a router announces is known with its name, again and again', async (context) => {
    const routed = await makePath(context);
    limitRoutes(routed, 'rp', 1473);
    // The second time the kernel's own route already holds what the router said.
    for (const again of [1, 2]) {
      const mtu = await measureMtu(routed, routed.beyondAddress);
      const announcement = { from: routed.path.farAddress, mtuBytes: 1473 };
      assert.deepEqual([mtu.forwardBytes, mtu.reverseBytes], [1473, 1500], `time ${again}`);
      assert.deepEqual([mtu.isAnnounced, mtu.announcement, mtu.fragmentsPass], [true, announcement, true]);
      const mtu6 = await measureMtu(routed, routed.beyondAddress6);
      assert.deepEqual([mtu6.forwardBytes, mtu6.isAnnounced], [1473, true]);
      assert.equal(mtu6.announcement?.from, routed.path.farAddress6);
      assert.deepEqual([mtu6.reverseBytes, mtu6.fragmentsPass], [null, null], 'no router of IPv6 fragments');
    }
  });

  test('that nobody announces is found to the byte, whatever answers', async (context) => {
    const routed = await makePath(context);
    limitRoutes(routed, 'rp', 1473);
    loadRules(routed, QUIET);
    for (const [target, via] of [
      [routed.beyondAddress, 'stamp'],
      [routed.beyondAddress6, 'stamp'],
      [routed.beyondAddress, 'icmp'],
      [routed.beyondAddress, 'tcp'],
    ] as const) {
      const mtu = await measureMtu(routed, target, '--via', via);
      assert.deepEqual([mtu.forwardBytes, mtu.failedBytes.forward], [1473, 1474], `${target} by ${via}`);
      assert.deepEqual([mtu.isAnnounced, mtu.announcement], [false, null]);
    }
  });

  test('of the way back is told from that of the way there', async (context) => {
    const routed = await makePath(context);
    limitRoutes(routed, 'fp', 1450);
    loadRules(routed, QUIET);
    for (const target of [routed.beyondAddress, routed.beyondAddress6]) {
      const mtu = await measureMtu(routed, target);
      assert.deepEqual([mtu.forwardBytes, mtu.reverseBytes], [1500, 1450], target);
      assert.deepEqual(mtu.failedBytes, { forward: null, reverse: 1451 });
    }
  });

  test('of both ways is told where they differ, and below what IPv6 demands', async (context) => {
    const routed = await makePath(context);
    limitRoutes(routed, 'rp', 1300);
    limitRoutes(routed, 'fp', 1400);
    loadRules(routed, QUIET);
    const both = await measureMtu(routed, routed.beyondAddress);
    assert.deepEqual([both.forwardBytes, both.reverseBytes], [1300, 1400]);
    routed.path.exec('far', 'ip', 'route', 'change', '10.67.0.0/24', 'dev', 'rp', 'mtu', 'lock', '700');
    const small = await measureMtu(routed, routed.beyondAddress);
    assert.deepEqual([small.forwardBytes, small.failedBytes.forward], [700, 701]);
  });
});

describe('marks on real routers', { skip: nftSkip }, () => {
  const EF = 184;
  const CS1 = 32;
  const find = (treatments: readonly ClassTreatment[], sent: number): ClassTreatment =>
    treatments.find((treatment) => treatment.sent === sent) ?? assert.fail(`class ${sent}`);

  test('are kept by a router that leaves them alone, ECN included', async (context) => {
    const routed = await makePath(context);
    for (const target of [routed.beyondAddress, routed.beyondAddress6]) {
      const { estimates } = await measure(routed.path.near, target, 'dscp');
      assert.equal(estimates.dscp?.length, 10);
      for (const { sent, forward, reverse, loss } of estimates.dscp) {
        assert.equal(forward, sent, target);
        assert.equal(reverse, (sent & 3) === 0 ? sent : null);
        assert.equal(loss.value, 0);
      }
    }
  });

  test('that it changes are told by direction; an echo tells the round trip', async (context) => {
    const routed = await makePath(context);
    loadRules(routed, MARKS);
    for (const target of [routed.beyondAddress, routed.beyondAddress6]) {
      const dscp = (await measure(routed.path.near, target, 'dscp')).estimates.dscp ?? [];
      assert.deepEqual([find(dscp, EF).forward, find(dscp, EF).reverse], [0, EF], target);
      assert.deepEqual([find(dscp, CS1).forward, find(dscp, CS1).reverse], [CS1, 40], target);
      const echoed = (await measure(routed.path.near, target, 'dscp', '--via', 'icmp')).estimates.dscp ?? [];
      assert.deepEqual([find(echoed, EF).forward, find(echoed, EF).reverse], [null, 0], target);
      assert.deepEqual([find(echoed, CS1).forward, find(echoed, CS1).reverse], [null, 40], target);
    }
  });
});
