// The native engine through its typed face, one process and one network namespace a scenario, so that a crash or a hang is one
// failed test. Needs root.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AS_NOBODY, ordinaryUserSkip } from '../test-path.js';

const SCENARIOS = fileURLToPath(new URL('engine-scenarios.js', import.meta.url));
const NET_RAW_ONLY = [
  ...AS_NOBODY,
  '--inh-caps=-all,+net_raw',
  '--ambient-caps=-all,+net_raw',
  '--bounding-set=-all,+net_raw',
];

/** No scenario takes more than a few seconds: one that does hangs. */
const HANG_MS = 60_000;

const skip =
  process.getuid?.() === 0 ? false : 'needs root (CAP_NET_ADMIN): network namespaces and a veth pair are made';

function runScenario(name: string, user: readonly string[] = [], setUp = 'true'): void {
  const command = [...user, process.execPath, '--expose-gc', SCENARIOS, name];
  const result = spawnSync('unshare', ['--net', 'sh', '-c', `${setUp} && exec "$@"`, 'sh', ...command], {
    encoding: 'utf8',
    timeout: HANG_MS,
  });
  assert.equal(result.signal, null, `ended by ${String(result.signal)}: ${result.stderr}`);
  assert.equal(result.status, 0, result.stderr);
}

for (const [name, claim] of [
  ['gives-columns', 'a run gives columns: all packets arrive, stamps lie in order'],
  ['ends-in-silence', 'a run that nothing more comes to ends before its linger'],
  ['closes-while-running', 'close in the middle of a run ends it; afterwards the port is closed and says so'],
  ['refuses-a-second-run', 'one run at a time; the port works on after a refusal and a cancel'],
  ['refuses-bad-plans', 'every bad option is refused by name before anything is sent'],
  ['ends-when-the-port-vanishes', 'a port that vanishes ends both runs as gone'],
  ['refuses-a-port-that-is-down', 'a port that is down is refused, and works once it is up'],
  ['exits-while-running', 'process.exit in the middle of a run'],
  ['ends-with-an-idle-port', 'an idle open port keeps no process alive'],
  ['survives-a-workers-end', 'a terminated worker takes its threads and sockets along'],
  ['survives-workers-ended-anywhere', 'no thread or socket outlives a worker, wherever its end meets the engine'],
  ['lets-forgotten-ports-go', 'garbage collection closes forgotten ports, never running ones'],
  ['sends-through-the-network-layer', 'IPv4 and IPv6 packets over loopback by the network layer'],
  ['reads-facts', 'link settings and stamping abilities, null where there are none'],
] as const) {
  test(claim, { skip }, () => runScenario(name));
}

test('a user without capabilities is refused with EPERM', { skip: ordinaryUserSkip }, () => {
  runScenario('is-refused-without-capability', AS_NOBODY);
});

test('CAP_NET_RAW alone is enough, without real-time priority', { skip: ordinaryUserSkip }, () => {
  runScenario('works-with-net-raw-alone', NET_RAW_ONLY, 'ip link set lo up');
});
