// `apparenet path` on paths with a slow line, without an end, and with two ways.
import assert from 'node:assert/strict';
import { spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RouterChain } from '../router-chain.js';
import { CHECKOUT } from '../test-path.js';
import { addressesOf, kindsAt, SHORT, skip, trace, useChain } from './traced-chain.js';

describe('a slow line between the second and the third router', { skip }, () => {
  const use = useChain();
  let folder = '';
  let line: ChildProcess | null = null;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'slow-link-'));
    const program = join(folder, 'slow-link');
    const source = join(CHECKOUT, 'test/live/route/slow-link.c');
    const built = spawnSync(
      'cc',
      ['-std=c11', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source],
      { encoding: 'utf8' },
    );
    assert.equal(built.status, 0, built.stderr);
    const chain = use.get();
    line = chain.start(0, [program, chain.nodes[2] ?? '', chain.nodes[3] ?? '', '2000000', '20000']);
    if (line.stdout) await once(line.stdout, 'data');
    chain.useSlowLink(2);
  });
  after(async () => {
    if (line?.exitCode === null) {
      line.kill();
      await once(line, 'exit');
    }
    rmSync(folder, { recursive: true });
  });

  it('is where most of the delay is, and the slowest link if any is told', () => {
    const chain = use.get();
    const { report } = trace(chain, chain.target);
    const { delay, narrowLink } = report.onsets;
    assert.ok(delay !== null && delay.after <= 2 && delay.at >= 3 && delay.value > 40e6, report.summary);
    if (narrowLink !== null) assert.deepEqual([narrowLink.after, narrowLink.at], [2, 3]);
    const rate = report.hops[2]?.link?.rate;
    if (rate) assert.ok(rate.low <= 2e6 && 2e6 <= rate.high, JSON.stringify(rate));
  });
});

describe('paths that do not come to the target', { skip }, () => {
  const use = useChain();

  it('end at a router without a route, with its reason', () => {
    const chain = use.get();
    chain.exec(3, 'ip', '-6', 'route', 'del', 'default');
    const { report, status } = trace(chain, chain.target6, ...SHORT);
    assert.equal(status, 2);
    assert.deepEqual([report.end.kind, report.end.lastTtl], ['refused', 3]);
    assert.match(report.end.text, /has no route/);
  });

  it('end in a circle where two routers point at each other', () => {
    const chain = use.get();
    chain.exec(3, 'ip', 'route', 'replace', 'default', 'via', '10.70.2.1');
    const { report, status } = trace(chain, chain.target, ...SHORT);
    assert.equal(status, 2);
    assert.equal(report.end.kind, 'loop');
    assert.deepEqual(
      addressesOf(report),
      [1, 2, 3, 2].map((hop) => chain.address(hop)),
    );
  });

  it('end in silence behind the last hop that answers, by whatever way', () => {
    const chain = use.get();
    chain.exec(3, 'ip', 'route', 'replace', 'blackhole', `${chain.target}/32`);
    const { report, status } = trace(chain, chain.target);
    assert.equal(status, 2);
    assert.deepEqual(
      addressesOf(report).slice(0, 2),
      [1, 2].map((hop) => chain.address(hop)),
    );
    assert.notEqual(report.end.kind, 'target');
  });

  it('end here where the next hop is gone', () => {
    const chain = use.get();
    chain.exec(1, 'ip', 'address', 'del', `${chain.address(1)}/24`, 'dev', 'in0');
    chain.exec(0, 'ip', 'neigh', 'flush', 'all');
    const { report, status } = trace(chain, chain.target);
    assert.equal(status, 2);
    assert.equal(report.hops.length, 0);
    assert.match(report.summary, /next hop does not answer on the link/);
  });
});

describe('two routers side by side', { skip }, () => {
  const use = useChain(3);

  /** A second way from router 1 to router 3, past router 2. */
  const addTwin = (chain: RouterChain): void => {
    for (const node of [1, 3]) {
      const [port, host] = node === 1 ? ['twin0', 1] : ['twin1', 2];
      if (node === 1) {
        chain.exec(
          1,
          'ip',
          'link',
          'add',
          'twin0',
          'type',
          'veth',
          'peer',
          'name',
          'twin1',
          'netns',
          chain.nodes[3] ?? '',
        );
      }
      chain.exec(node, 'ip', 'address', 'add', `10.71.0.${host}/24`, 'dev', port);
      chain.exec(node, 'ip', 'link', 'set', port, 'up');
    }
    chain.exec(1, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/fib_multipath_hash_policy');
    const hops = ['nexthop', 'via', '10.70.1.2', 'nexthop', 'via', '10.71.0.2'];
    chain.exec(1, 'ip', 'route', 'replace', 'default', ...hops);
  };

  it('are seen with further flows, while one flow keeps to one way', () => {
    const chain = use.get();
    addTwin(chain);
    const { report } = trace(chain, chain.target, '--via', 'udp', '--multipath', '--max-seconds', '28');
    const second = report.hops[1]?.addresses.map(({ address }) => address) ?? [];
    assert.deepEqual(new Set(second).size, 2, JSON.stringify(second));
    assert.ok(kindsAt(report, 2).includes('several-routers'));
    const { report: single } = trace(chain, chain.target, '--via', 'udp', ...SHORT);
    for (const { addresses } of single.hops) assert.equal(addresses.length, 1);
  });
});
