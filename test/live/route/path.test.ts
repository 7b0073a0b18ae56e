// `apparenet path` through real routers: chains of namespaces with one thing changed in each.
import assert from 'node:assert/strict';
import { spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { HopNote, RouteReport } from '../../../src/model/route.js';
import { assertValidRoute } from '../../unit/route/route-schema.js';
import { createRouterChain, type RouterChain } from '../router-chain.js';
import { APPARENET, AS_NOBODY, CHECKOUT, liveSkip, ordinaryUserSkip } from '../test-path.js';

const skip =
  liveSkip !== false ? liveSkip : hasRawSocket() ? false : 'needs the package raw-socket, built for this Node.js';

function hasRawSocket(): boolean {
  try {
    createRequire(import.meta.url)('raw-socket');
    return true;
  } catch {
    return false;
  }
}

const hasNft = spawnSync('nft', ['--version']).status === 0;
const nftSkip = skip !== false ? skip : hasNft ? false : 'needs nft';

interface Seen {
  readonly report: RouteReport;
  readonly status: number | null;
}

/** Runs the command in the first namespace. Everything it prints as JSON follows the schema. */
function trace(chain: RouterChain, ...words: string[]): Seen {
  const command = [process.execPath, APPARENET, 'path', ...words, '--json'];
  const ran = spawnSync('ip', ['netns', 'exec', chain.nodes[0] ?? '', ...command], { encoding: 'utf8' });
  assert.notEqual(ran.stdout, '', ran.stderr);
  const report = JSON.parse(ran.stdout) as RouteReport;
  assertValidRoute(report);
  return { report, status: ran.status };
}

const addressesOf = ({ hops }: RouteReport) => hops.map(({ addresses }) => addresses[0]?.address ?? null);
const kindsAt = ({ hops }: RouteReport, ttl: number): HopNote['kind'][] =>
  hops[ttl - 1]?.notes.map(({ kind }) => kind) ?? [];

/** A chain of four routers for one group of tests. */
function useChain(routers = 4): { get(): RouterChain } {
  let chain: RouterChain | null = null;
  before(() => void (chain = createRouterChain(routers)));
  after(() => chain?.remove());
  return {
    get() {
      assert.ok(chain);
      return chain;
    },
  };
}

const SHORT = ['--max-seconds', '6'];

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
    setTimeout(() => child.kill('SIGINT'), 3_000);
    await once(child, 'close');
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
    assert.ok(loss.value > 0.15 && loss.value < 0.6, report.summary);
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

describe('a slow line between the second and the third router', { skip }, () => {
  const use = useChain();
  let folder = '';
  let line: ChildProcess | null = null;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'slow-link-'));
    const program = join(folder, 'slow-link');
    const source = join(CHECKOUT, 'test/live/route/slow-link.c');
    const built = spawnSync('cc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source], { encoding: 'utf8' });
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
