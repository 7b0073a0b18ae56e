// `apparenet path` through real routers that work, limit their answers, lose packets or carry smaller ones.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { RouteReport } from '../../../src/model/route.js';
import { assertValidRoute } from '../../unit/route/route-schema.js';
import type { RouterChain } from '../router-chain.js';
import { APPARENET, AS_NOBODY, CHECKOUT, ordinaryUserSkip } from '../test-path.js';
import { addressesOf, kindsAt, nftSkip, SHORT, skip, trace, useChain } from './traced-chain.js';

describe('a plain path', { skip }, () => {
  const use = useChain();

  it('shows every router and the target, over IPv4 and IPv6, without loss and with the kernel as witness', () => {
    const chain = use.get();
    for (const [target, addressAt] of [
      [chain.target, chain.address],
      [chain.target6, chain.address6],
    ] as const) {
      const { report, status } = trace(chain, target);
      assert.equal(status, 0);
      assert.deepEqual(
        addressesOf(report),
        [1, 2, 3, 4, 5].map((hop) => addressAt(hop)),
      );
      assert.deepEqual(report.stamps, { tx: 'kernel', rx: 'kernel', far: null });
      assert.equal(report.onsets.loss, null);
      for (const { delay, mtu } of report.hops) {
        assert.ok(delay !== null && delay.minNs > 0 && delay.minNs <= delay.p95Ns);
        assert.deepEqual(mtu, { lowBytes: 1500, highBytes: 1500, how: 'passed' });
      }
    }
  });

  it('finds the same hops by UDP and by TCP', () => {
    const chain = use.get();
    for (const via of ['udp', 'tcp']) {
      const { report } = trace(chain, chain.target, '--via', via, ...SHORT);
      assert.equal(report.target.via, via);
      assert.deepEqual(
        addressesOf(report),
        [1, 2, 3, 4, 5].map((hop) => chain.address(hop)),
      );
      assert.equal(report.end.kind, 'target');
    }
  });

  it('stays within its bytes, and says that the target is further than it may look', () => {
    const chain = use.get();
    const { report, status } = trace(chain, chain.target, '--max-hops', '2', '--max-bytes', '5k');
    assert.ok(report.cost.bytes <= 5_000, `${report.cost.bytes}`);
    assert.equal(report.end.kind, 'max-hops');
    assert.equal(status, 3);
  });

  it('tells what it had when it is stopped', async () => {
    const chain = use.get();
    const child = chain.start(0, [process.execPath, APPARENET, 'path', chain.target, '--json']);
    let printed = '';
    child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const countSent = (): number => Number(chain.exec(0, 'cat', '/sys/class/net/out0/statistics/tx_packets'));
    const closed = once(child, 'close');
    await sleep(3_000);
    child.kill('SIGINT');
    await sleep(200);
    const soonAfter = countSent();
    await closed;
    assert.ok(countSent() - soonAfter <= 2, 'probes left after it was stopped');
    const report = JSON.parse(printed) as RouteReport;
    assertValidRoute(report);
    assert.deepEqual(
      addressesOf(report),
      [1, 2, 3, 4, 5].map((hop) => chain.address(hop)),
    );
    assert.ok(report.limits.some((limit) => limit.startsWith('Stopped on request')));
  });

  it('tells an ordinary user what to grant', { skip: ordinaryUserSkip }, () => {
    const chain = use.get();
    const command = [...AS_NOBODY, process.execPath, APPARENET, 'path', chain.target];
    const ran = spawnSync('ip', ['netns', 'exec', chain.nodes[0] ?? '', ...command], { encoding: 'utf8' });
    assert.equal(ran.status, 77);
    assert.match(ran.stderr, /setcap cap_net_raw/);
  });
});

describe('a raw socket', { skip }, () => {
  const use = useChain(0);

  it('is not collected while only its waiters know it', () => {
    const program = join(CHECKOUT, 'dist/test/live/route/held-socket-process.js');
    const command = [process.execPath, '--expose-gc', program];
    const ran = spawnSync('ip', ['netns', 'exec', use.get().nodes[0] ?? '', ...command], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    assert.equal(ran.stdout.trim(), 'heard', ran.stderr);
  });
});

describe('a router that limits its answers', { skip: nftSkip }, () => {
  const use = useChain();

  it('is told from a loss of the path', () => {
    const chain = use.get();
    chain.exec(2, 'nft', 'add table ip t; add chain ip t o { type filter hook output priority 0; }');
    chain.exec(2, 'nft', 'add rule ip t o icmp type time-exceeded limit rate over 10/minute burst 4 packets drop');
    const { report, status } = trace(chain, chain.target);
    assert.equal(status, 0);
    assert.ok((report.hops[1]?.loss?.value ?? 0) > 0.3);
    assert.ok(kindsAt(report, 2).includes('limits-answers'));
    assert.equal(report.onsets.loss, null);
  });
});

describe('a router that loses packets', { skip: nftSkip }, () => {
  const use = useChain();

  it('is enclosed by the place that is named', () => {
    const chain = use.get();
    chain.exec(2, 'nft', 'add table ip t; add chain ip t f { type filter hook forward priority 0; }');
    chain.exec(2, 'nft', 'add rule ip t f numgen random mod 100 < 20 drop');
    const { report, status } = trace(chain, chain.target);
    assert.equal(status, 2);
    const { loss } = report.onsets;
    assert.ok(loss !== null && loss.after <= 2 && loss.at >= 3, report.summary);
    // A fifth of the probes and a fifth of their answers; five standard deviations of as many as there was time for.
    const truth = 1 - 0.8 ** 2;
    const packets = report.hops.at(-1)?.loss?.samples ?? 0;
    assert.ok(Math.abs(loss.value - truth) < 5 * Math.sqrt((truth * (1 - truth)) / packets), report.summary);
  });
});

describe('a smaller MTU behind the second router', { skip: nftSkip }, () => {
  const use = useChain();
  const narrow = (chain: RouterChain): void => {
    chain.exec(2, 'ip', 'link', 'set', 'out0', 'mtu', '1400');
    chain.exec(3, 'ip', 'link', 'set', 'in0', 'mtu', '1400');
  };
  const mtus = ({ hops }: RouteReport) => hops.map(({ mtu }) => [mtu?.lowBytes, mtu?.highBytes]);
  const expected = [1500, 1500, 1400, 1400, 1400].map((mtu) => [mtu, mtu]);

  it('is known where the router says so, over IPv4 and IPv6', () => {
    const chain = use.get();
    narrow(chain);
    for (const target of [chain.target, chain.target6]) {
      const { report, status } = trace(chain, target, ...SHORT);
      assert.equal(status, 0);
      assert.deepEqual(mtus(report), expected);
      assert.deepEqual(kindsAt(report, 3), ['mtu']);
    }
  });

  it('is found to the byte and called a black hole where it does not, over IPv4 and IPv6', () => {
    const chain = use.get();
    chain.exec(2, 'nft', 'add table inet t; add chain inet t o { type filter hook output priority 0; }');
    chain.exec(2, 'nft', 'add rule inet t o icmp type destination-unreachable drop');
    chain.exec(2, 'nft', 'add rule inet t o icmpv6 type packet-too-big drop');
    for (const target of [chain.target, chain.target6]) {
      const { report, status } = trace(chain, target);
      assert.equal(status, 1);
      assert.deepEqual(mtus(report), expected);
      assert.ok(kindsAt(report, 3).includes('black-hole'), report.summary);
    }
  });
});
