// Proves that the native prober keeps the prober contract with real packets between two namespaces, over IPv4 and IPv6, by echo,
// SYN and STAMP, and on loopback. Cannot prove hardware stamps: a veth pair has none.
// By a closed UDP port the kernel answers once a second, so that way has a test of its own in diagnose-path.test.ts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { APPARENET, createTestPath, liveSkip, startReady, type TestPath } from '../test-path.js';

const SUITE = fileURLToPath(new URL('./native-contract.js', import.meta.url));

describe('native prober', { skip: liveSkip }, () => {
  let path: TestPath;
  let stopReflector: () => Promise<void>;
  before(async () => {
    path = createTestPath();
    stopReflector = await startReady(path, 'far', ['node', APPARENET, 'reflect'], /3237/);
  });
  after(async () => {
    await stopReflector();
    path.remove();
  });

  for (const [via, answering, silent] of [
    ['icmp', '10.66.0.2', '10.66.0.77'],
    ['icmp', 'fd66::2', 'fd66::77'],
    ['icmp', '127.0.0.1', '10.66.0.77'],
    ['icmp', '::1', 'fd66::77'],
    ['tcp', '10.66.0.2', '10.66.0.77'],
    ['tcp', 'fd66::2', 'fd66::77'],
    ['stamp', '10.66.0.2', '10.66.0.77'],
    ['stamp', 'fd66::2', 'fd66::77'],
  ] as const) {
    test(`keeps the contract by ${via} to ${answering}`, () => {
      const { status, stdout, stderr } = spawnSync(
        'ip',
        ['netns', 'exec', path.near, process.execPath, SUITE, via, answering, silent],
        // Without this the child would report to the runner above instead of to us.
        { encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: '' } },
      );
      assert.equal(status, 0, `${stdout}\n${stderr}`);
      assert.match(stdout, /pass 14\b/);
    });
  }
});
