// The native prober on paths that are not as they should be: routers that refuse large packets, neighbours that change, replies
// that come late, twice or in disorder, hosts that filter. A sequencer in the near namespace sends, so that each step is ours.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DeviceError, UsageError } from '../../../src/model/errors.js';
import type { Prober, ViaChoice } from '../../../src/model/path.js';
import type { Pattern } from '../../../src/model/sequence.js';
import { countsAsSent, isAnswered, TRACE_FLAG, type Trace } from '../../../src/model/trace.js';
import { openRemote } from '../../../src/prober/remote/open-remote.js';
import { buildProgram, startProgram } from '../c-program.js';
import { createRoutedPath, type RoutedPath } from '../routed-path.js';
import { CHECKOUT, createTestPath, liveSkip, startReady, type TestPath } from '../test-path.js';

const TPS = join(CHECKOUT, 'dist/src/main/tps.js');
const ODD_REFLECTOR = fileURLToPath(new URL('odd-reflector.js', import.meta.url));
const STEADY = { kind: 'isochronous', count: 20, intervalNs: 5e6, sizeBytes: 120 } as const;

/** Opens paths from the near namespace; everything ends with the test. */
async function startNear(
  context: TestContext,
  path: TestPath,
): Promise<(target: string, via?: ViaChoice) => Promise<Prober>> {
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-odd-'));
  const socketPath = join(folder, 'tps.sock');
  const stop = await startReady(path, 'near', ['node', TPS, '--tps-socket', socketPath], /sequencer/);
  const opened: Prober[] = [];
  context.after(async () => {
    for (const prober of opened) await prober.close();
    await stop();
    rmSync(folder, { recursive: true });
  });
  return async (target, via = 'icmp') => {
    const prober = await openRemote(socketPath)({ target, via }, new AbortController().signal);
    opened.push(prober);
    return prober;
  };
}

function makePath(context: TestContext): TestPath {
  const path = createTestPath();
  context.after(() => path.remove());
  return path;
}

function makeRoutedPath(context: TestContext): RoutedPath {
  const routed = createRoutedPath();
  context.after(() => routed.remove());
  return routed;
}

function run(
  prober: Prober,
  pattern: Pattern = STEADY,
  { signal = new AbortController().signal, dontFragment = false } = {},
): Promise<Trace> {
  const sequence = { id: 'odd', pattern, dscp: 0, dontFragment, lingerNs: 500e6 };
  return prober.run(sequence, { signal, budget: { maxPackets: 10_000, maxBytes: 10_000_000 } });
}

const rows = (trace: Trace): number[] => Array.from({ length: trace.count }, (_, row) => row);
const countAnswered = (trace: Trace): number => rows(trace).filter((row) => isAnswered(trace, row)).length;
const countLost = (trace: Trace): number =>
  rows(trace).filter((row) => countsAsSent(trace, row) && !isAnswered(trace, row)).length;

async function startOddReflector(context: TestContext, path: TestPath, words: readonly number[]): Promise<void> {
  const command = [process.execPath, ODD_REFLECTOR, ...words.map(String)];
  context.after(await startReady(path, 'far', command, /ready/));
}

describe('odd paths', { skip: liveSkip }, () => {
  test('a link-local neighbour is named with its port', async (context) => {
    const path = makePath(context);
    const open = await startNear(context, path);
    const shown = path.exec('far', 'ip', '-6', 'address', 'show', 'dev', 'fp', 'scope', 'link');
    const address = /fe80[0-9a-f:]+/.exec(shown)?.[0] ?? assert.fail(shown);
    const prober = await open(`${address}%${path.port}`);
    assert.equal(prober.path.target.address, `${address}%${path.port}`);
    assert.equal(countAnswered(await run(prober)), STEADY.count);
    await assert.rejects(open(address), UsageError);
  });

  test('a target behind a router is reached through it, and the smallest MTU on the way is learned', async (context) => {
    const routed = makeRoutedPath(context);
    const open = await startNear(context, routed.path);
    routed.path.exec('far', 'ip', 'link', 'set', 'rp', 'mtu', '1400');
    routed.execBeyond('ip', 'link', 'set', 'bp', 'mtu', '1400');
    for (const [target, router] of [
      [routed.beyondAddress, routed.path.farAddress],
      [routed.beyondAddress6, routed.path.farAddress6],
    ] as const) {
      const prober = await open(target);
      assert.deepEqual(prober.path.nextHop, { address: router, resolved: true });
      assert.equal(prober.path.mtuBytes, 1_400, target);
      assert.match(prober.path.notes.join(), new RegExp(`${router} passes no packet above 1400 bytes`));
      assert.equal(countAnswered(await run(prober, { ...STEADY, sizeBytes: 1_400 })), STEADY.count);
      await assert.rejects(run(prober, { ...STEADY, sizeBytes: 1_401 }, { dontFragment: true }), UsageError);
    }
  });

  test('a router that starts to refuse a size says so in the trace', async (context) => {
    const routed = makeRoutedPath(context);
    const open = await startNear(context, routed.path);
    const prober = await open(routed.beyondAddress6);
    assert.equal(prober.path.mtuBytes, 1_500);
    routed.path.exec('far', 'ip', 'link', 'set', 'rp', 'mtu', '1400');
    const trace = await run(prober, {
      kind: 'train',
      trains: 1,
      packetsPerTrain: 3,
      gapNs: 0,
      spacingNs: 0,
      sizeBytes: 1_500,
    });
    assert.equal(countAnswered(trace), 0);
    const [message] = trace.messages;
    assert.deepEqual(
      [message?.kind, message?.from, message?.mtuBytes],
      ['packet-too-big', routed.path.farAddress6, 1_400],
    );
  });

  test('a gateway that vanishes is a trace of losses', async (context) => {
    const routed = makeRoutedPath(context);
    const open = await startNear(context, routed.path);
    const prober = await open(routed.beyondAddress);
    assert.equal(countLost(await run(prober)), 0);
    // It answers no question for its link address, and hears no frame to the one it had.
    routed.path.exec('far', 'ip', 'link', 'set', 'fp', 'arp', 'off', 'address', '02:00:00:00:77:77');
    for (const again of [1, 2]) {
      const trace = await run(prober);
      assert.equal(countLost(trace), STEADY.count, `run ${again}`);
      assert.equal(trace.interrupted, false);
    }
    routed.path.exec('far', 'ip', 'link', 'set', 'fp', 'arp', 'on');
    assert.equal(countLost(await run(prober)), 0);
  });

  test('a neighbour whose link address changes costs the run in which it does', async (context) => {
    const path = makePath(context);
    const open = await startNear(context, path);
    const prober = await open(path.farAddress);
    assert.equal(countLost(await run(prober)), 0);
    const running = run(prober, { ...STEADY, count: 200 });
    setTimeout(() => path.exec('far', 'ip', 'link', 'set', 'fp', 'address', '02:00:00:00:77:77'), 300);
    const trace = await running;
    assert.ok(countAnswered(trace) > 0 && countLost(trace) > 0);
    assert.equal(countLost(await run(prober)), 0);
  });

  test('a port that goes between two runs is an error that says so', async (context) => {
    const path = makePath(context);
    const open = await startNear(context, path);
    const prober = await open(path.farAddress);
    await run(prober);
    path.exec('near', 'ip', 'link', 'del', path.port);
    for (const count of [20, 2_000]) {
      await assert.rejects(run(prober, { ...STEADY, count }), (error: Error) => {
        assert.ok(error instanceof DeviceError, error.stack);
        assert.equal(error.code, 'device.gone');
        assert.match(error.message, /port np went away/);
        return true;
      });
    }
  });

  test('replies that come twice, 60 ms late, are duplicates and no loss', async (context) => {
    const path = makePath(context);
    await startOddReflector(context, path, [60, 2, 1]);
    const open = await startNear(context, path);
    const prober = await open(path.farAddress, 'stamp');
    const first = await run(prober);
    // The run ended by the number of frames when half of the rows were answered: the others are not known to be lost.
    assert.ok(first.flags.some((flags) => (flags & TRACE_FLAG.unheard) !== 0));
    const second = await run(prober);
    for (const trace of [first, second]) assert.equal(countLost(trace), 0);
    assert.equal(countAnswered(second), STEADY.count);
    assert.deepEqual(
      [...second.duplicates],
      rows(second).map(() => 1),
    );
  });

  test('replies in another order keep it', async (context) => {
    const path = makePath(context);
    await startOddReflector(context, path, [0, 1, 4]);
    const open = await startNear(context, path);
    const prober = await open(path.farAddress, 'stamp');
    const trace = await run(prober);
    assert.equal(countLost(trace), 0);
    assert.deepEqual([...trace.arrival].slice(0, 4), [3, 2, 1, 0]);
  });

  test('Ctrl-C does not make losses of what was on its way', async (context) => {
    const path = makePath(context);
    await startOddReflector(context, path, [100, 1, 1]);
    const open = await startNear(context, path);
    const prober = await open(path.farAddress, 'stamp');
    const controller = new AbortController();
    const running = run(prober, { ...STEADY, count: 2_000 }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 1_000);
    const trace = await running;
    assert.equal(trace.interrupted, true);
    assert.ok(countAnswered(trace) > 0);
    assert.equal(countLost(trace), 0);
  });

  test('a port too small for STAMP is probed by echo', async (context) => {
    const path = makePath(context);
    const open = await startNear(context, path);
    path.exec('near', 'ip', 'link', 'set', path.port, 'mtu', '80');
    const prober = await open(path.farAddress, 'auto');
    assert.deepEqual([prober.path.target.via, prober.path.mtuBytes], ['icmp', 80]);
    assert.equal(countAnswered(await run(prober, { ...STEADY, sizeBytes: 80 })), STEADY.count);
  });

  test('a host that does not echo is asked by SYN, and the report can say why', async (context) => {
    const path = makePath(context);
    path.exec('far', 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all');
    const open = await startNear(context, path);
    const prober = await open(path.farAddress, 'auto');
    assert.equal(prober.path.target.via, 'tcp');
    assert.match(
      prober.path.notes.join(),
      /^No answer by STAMP on udp\/3237 or udp\/862 or by ICMP echo: measured by TCP SYN/,
    );
    assert.equal(countLost(await run(prober, { ...STEADY, intervalNs: 10e6 })), 0);
  });

  test('a port without link headers carries probes of every kind', async (context) => {
    const path = makePath(context);
    const program = buildProgram(['link/tap-link.c', 'emulator/tap.c'], ['-DPORT_KIND=IFF_TUN']);
    const link = await startProgram(program, [path.near, path.far]);
    context.after(() => link.stop());
    for (const [where, host] of [
      ['near', 1],
      ['far', 2],
    ] as const) {
      path.exec(where, 'ip', 'address', 'add', `10.68.0.${host}/24`, 'dev', 'tap0');
      path.exec(where, 'ip', 'address', 'add', `fd68::${host}/64`, 'dev', 'tap0', 'nodad');
      path.exec(where, 'ip', 'link', 'set', 'tap0', 'up');
    }
    const open = await startNear(context, path);
    for (const target of ['10.68.0.2', 'fd68::2']) {
      for (const via of ['icmp', 'tcp'] as const) {
        const prober = await open(target, via);
        assert.deepEqual([prober.path.port.name, prober.path.nextHop.resolved], ['tap0', true]);
        const trace = await run(prober, { ...STEADY, intervalNs: 10e6 });
        assert.equal(countLost(trace), 0, `${via} to ${target}`);
      }
    }
  });
});
