// Scenarios that the engine's live tests run in processes of their own: node engine-scenarios.js NAME. Exit status 0 when the
// scenario went as it must; an assertion's text on stderr otherwise. Long, as it is a list: a scenario each, with what they share on top.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { TX_STATUS, type RunOptions, type RunResult } from '../../../device/nic/native-port.js';
import { isNativeFailure, loadEngine } from '../../../device/nic/nic.js';
import {
  assertFails,
  createVethPair,
  encodeFilter,
  ip,
  openAnyReflector,
  openLinkPort,
  planFrames,
  planListening,
  readNumbers,
  waitForProgress,
} from './veth-pair.js';

const THIS_FILE = fileURLToPath(import.meta.url);
const SECONDS_10 = 10e9;

const countDescriptors = (): number => readdirSync('/proc/self/fd').length;

/** The name of a thread of this process, or nothing when it ended since it was listed, which is what these scenarios wait for. */
function readThreadName(task: string): string {
  try {
    return readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}

const listEngineThreads = (): string[] =>
  readdirSync('/proc/self/task')
    .map(readThreadName)
    .filter((name) => name.startsWith('nic-'));

async function givesColumns(): Promise<void> {
  createVethPair();
  const [a, b] = [openLinkPort('va'), openLinkPort('vb')];
  assert.equal(a.hardwareType, 1);
  assert.equal(a.mtu, 1500);
  assert.equal(a.mac.length, 6);
  const before = BigInt(Date.now()) * 1_000_000n;
  const listening = b.run(planListening(200));
  const plan = planFrames(200, 100_000);
  const running = a.run(plan);
  // The engine works on its own copy.
  plan.arena.fill(0);
  const [sent, received] = await Promise.all([running, listening]);
  assert.deepEqual(
    readNumbers(received),
    Array.from({ length: 200 }, (_, i) => i),
  );
  assert.deepEqual([sent.stop, sent.stopErrno, sent.counters.sent, a.progress()], ['complete', 0, 200, 200]);
  assert.ok(sent.tx.status.every((status) => status === TX_STATUS.sent));
  assert.equal(sent.counters.txStampsKernel, 200);
  for (const column of [sent.tx.userNs, sent.tx.kernelNs, sent.tx.hardwareNs, sent.tx.lateNs]) {
    assert.equal(column.length, 200);
  }
  const shiftNs = Number(received.baseWallNs - sent.baseWallNs);
  for (let i = 0; i < 200; i++) {
    const [user = NaN, tx = NaN, rx = NaN] = [sent.tx.userNs[i], sent.tx.kernelNs[i], received.rx.kernelNs[i]];
    assert.ok(user <= tx && tx <= rx + shiftNs, `packet ${i}: ${user} ${tx} ${rx + shiftNs}`);
    assert.ok((sent.tx.lateNs[i] ?? NaN) >= 0);
  }
  assert.ok(sent.tx.hardwareNs.every(Number.isNaN), 'a veth pair has no hardware stamps');
  assert.equal(received.rx.start.length, 201);
  assert.ok(received.rx.length.every((bytes) => bytes === 60));
  assert.ok(sent.baseWallNs > before && sent.baseWallNs < before + 60_000_000_000n);
  assert.equal(received.tx.status.length, 0);
  await Promise.all([a.close(), b.close()]);
}

/** Of a hundred frames ten come; a linger of a quarter hour would not end before the test is given up. */
async function endsInSilence(): Promise<void> {
  createVethPair();
  const [a, b] = [openLinkPort('va'), openLinkPort('vb')];
  const listening = a.run(planFrames(1, 0, { lingerNs: 900e9, expectFrames: 100, quietNs: 400e6 }));
  await Promise.all([listening, b.run(planFrames(10, 20e6))]);
  const heard = await listening;
  assert.equal(heard.stop, 'complete');
  assert.deepEqual(
    readNumbers(heard),
    Array.from({ length: 10 }, (_, i) => i),
  );
  await Promise.all([a.close(), b.close()]);
}

async function closesWhileRunning(): Promise<void> {
  createVethPair();
  const port = openLinkPort('va');
  const running = port.run(planFrames(1000, 1e7));
  await waitForProgress(port, 3);
  const closing = port.close();
  assert.equal(port.close(), closing, 'the second close waits for the same end');
  const result = await running;
  await closing;
  assert.equal(result.stop, 'canceled');
  const { sent, canceled } = TX_STATUS;
  assert.ok(result.tx.status.every((status) => status === sent || status === canceled));
  assert.equal(result.tx.status.filter((status) => status === sent).length, result.counters.sent);
  await assertFails(port.run(planFrames(1, 0)), 'EBADF', /closed/);
  port.cancel();
  assert.equal(port.progress(), result.counters.sent);
  await port.close();
  assert.deepEqual(listEngineThreads(), []);
}

async function refusesASecondRun(): Promise<void> {
  createVethPair();
  const port = openLinkPort('va');
  port.cancel();
  const first = port.run(planFrames(20, 1e6));
  await assertFails(port.run(planFrames(1, 0)), 'EBUSY');
  assert.equal((await first).stop, 'complete');
  assert.equal((await port.run(planFrames(1, 0))).counters.sent, 1);
  const third = port.run(planFrames(1000, 1e7));
  port.cancel();
  assert.equal((await third).stop, 'canceled');
  await port.close();
}

async function refusesBadPlans(): Promise<void> {
  createVethPair();
  const port = openLinkPort('va');
  const good = planFrames(3, 1000);
  const throwing = Object.defineProperty({ ...good }, 'leadNs', {
    get: () => {
      throw new assert.AssertionError({ message: 'a getter of the caller' });
    },
  });
  const bad: readonly (readonly [object | null | undefined, RegExp])[] = [
    [undefined, /arena/],
    [null, /arena/],
    [{ ...good, arena: [1, 2, 3] }, /arena/],
    [{ ...good, arena: new Uint8Array(10) }, /outside the arena/],
    [{ ...good, frameIndex: Uint32Array.of(0, 1, 3) }, /frameIndex/],
    [{ ...good, frameIndex: Uint32Array.of(0) }, /equal length/],
    [{ ...good, frameLength: Uint32Array.of(60) }, /equal length/],
    [{ ...good, offsetNs: Float64Array.of(0, 2, 1) }, /offsetNs/],
    [{ ...good, offsetNs: Float64Array.of(NaN, 0, 1) }, /offsetNs/],
    [{ ...good, offsetNs: new Float32Array(3) }, /offsetNs/],
    [{ ...good, txStamping: 'some' }, /txStamping/],
    [{ ...good, txStamping: 'flagged' }, /stampFlag/],
    [{ ...good, txStamping: 'flagged', stampFlag: new Uint8Array(2) }, /equal length/],
    [{ ...good, timestampAt: 55 }, /timestamp/],
    [{ ...good, checksumAt: 1.5 }, /checksumAt/],
    [{ ...good, lingerNs: -1 }, /lingerNs/],
    [{ ...good, graceNs: Infinity }, /graceNs/],
    [{ ...good, quietNs: undefined }, /quietNs/],
    [{ ...good, expectFrames: '3' }, /expectFrames/],
    [{ ...good, realTime: 1 }, /realTime/],
    [throwing, /leadNs/],
  ];
  for (const [options, message] of bad) await assertFails(port.run(options as RunOptions), 'EINVAL', message);
  const large = { ...good, arena: new Uint8Array(2000), frameLength: Uint32Array.of(60, 1515, 60) };
  await assertFails(port.run(large), 'EMSGSIZE', /MTU/);
  assert.throws(() => port.run.call({} as never, good), isNativeFailure);
  assert.equal((await port.run(good)).counters.sent, 3);

  // What the options do while they are read counts.
  let inner: Promise<RunResult> | undefined;
  const running = Object.defineProperty({ ...good }, 'realTime', { get: () => ((inner = port.run(good)), false) });
  await assertFails(port.run(running), 'EBUSY');
  assert.equal((await inner)?.counters.sent, 3);
  const closing = Object.defineProperty({ ...good }, 'realTime', { get: () => (void port.close(), false) });
  await assertFails(port.run(closing), 'EBADF');
}

async function endsWhenThePortVanishes(): Promise<void> {
  createVethPair();
  const [a, b] = [openLinkPort('va'), openLinkPort('vb')];
  const listening = b.run(planListening(0));
  const running = a.run(planFrames(1000, 1e7));
  await waitForProgress(a, 2);
  ip('link', 'del', 'va');
  const [sent, received] = await Promise.all([running, listening]);
  assert.deepEqual([sent.stop, received.stop], ['gone', 'gone']);
  assert.ok(sent.stopErrno > 0 && received.stopErrno > 0);
  assert.ok(received.rx.count >= 2);
  await assertFails(a.run(planFrames(1, 0)), 'ENODEV');
  await Promise.all([a.close(), b.close()]);
  assert.throws(() => openLinkPort('va'), { errno: 'ENODEV', port: 'va' });
}

async function refusesAPortThatIsDown(): Promise<void> {
  createVethPair();
  const port = openLinkPort('va');
  ip('link', 'set', 'va', 'down');
  await assertFails(port.run(planFrames(1, 0)), 'ENETDOWN');
  assert.throws(() => openLinkPort('va'), { errno: 'ENETDOWN' });
  ip('link', 'set', 'va', 'up');
  assert.equal((await port.run(planFrames(1, 0))).counters.sent, 1);
  await port.close();
}

/** Ends the process in the middle of a run; nothing after it may crash. */
async function exitsWhileRunning(): Promise<void> {
  createVethPair();
  const port = openLinkPort('va');
  void port.run(planFrames(1_000, 1e7));
  await waitForProgress(port, 2);
  process.exit(0);
}

/** Ends at once although a port is open: an idle port keeps no process alive. */
function endsWithAnIdlePort(): Promise<void> {
  createVethPair();
  openLinkPort('va');
  return Promise.resolve();
}

async function survivesAWorkersEnd(): Promise<void> {
  createVethPair();
  openLinkPort('va');
  const before = countDescriptors();
  for (let turn = 0; turn < 3; turn++) {
    const worker = new Worker(THIS_FILE, { argv: ['run-in-worker'] });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    assert.ok(listEngineThreads().length > 0);
    await worker.terminate();
    assert.deepEqual(listEngineThreads(), []);
  }
  assert.ok(countDescriptors() <= before, 'a worker that ended left sockets open');
}

async function runInWorker(): Promise<void> {
  assert.ok(!isMainThread && parentPort);
  const port = openLinkPort('va');
  const running = port.run(planFrames(1_000, SECONDS_10));
  await waitForProgress(port, 1);
  parentPort.postMessage('running');
  await running;
}

const HURRIED_WORKERS = 100;

/**
 * Workers that open, run and close without pause, each terminated a little later than the one before: whatever call of the
 * engine the end meets, no thread or socket may stay behind. This thread does not load the engine: with the last worker its
 * code is unmapped, under any thread that was forgotten.
 */
async function survivesWorkersEndedAnywhere(): Promise<void> {
  ip('link', 'set', 'lo', 'up');
  let before = 0;
  for (let i = 0; i < HURRIED_WORKERS; i++) {
    const worker = new Worker(THIS_FILE, { argv: ['hurry-in-worker'] });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await sleep((i * 12) / HURRIED_WORKERS);
    await worker.terminate();
    assert.deepEqual(listEngineThreads(), []);
    if (i < 3) before = Math.max(before, countDescriptors());
  }
  assert.ok(countDescriptors() <= before, 'a worker that ended left sockets open');
}

async function hurryInWorker(): Promise<void> {
  assert.ok(!isMainThread && parentPort);
  parentPort.postMessage('ready');
  const packet = makeUdpPacket(4);
  const plan = planFrames(5, 0, { arena: packet, frameLength: new Uint32Array(5).fill(packet.length), lingerNs: 1e5 });
  for (let turn = 0; ; turn++) {
    const port = openLinkPort('lo', { sendLayer: 'network4' });
    const reflector = openAnyReflector();
    const running = port.run({ ...plan, frameOffset: new Uint32Array(5) });
    if (turn % 3 === 0) void port.close();
    const closing = reflector.close();
    if (turn % 2 === 0) await Promise.all([running, closing]);
    void port.close();
  }
}

async function collectGarbage(): Promise<void> {
  assert.ok(global.gc, 'needs --expose-gc');
  for (let turn = 0; turn < 5; turn++) {
    global.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function letsForgottenPortsGo(): Promise<void> {
  createVethPair();
  openLinkPort('va');
  await collectGarbage();
  const before = countDescriptors();
  for (let i = 0; i < 50; i++) openLinkPort('va');
  await collectGarbage();
  assert.ok(countDescriptors() <= before + 2, 'forgotten ports keep their sockets');

  // A running run is enough to keep its port.
  const running = openLinkPort('va').run(planFrames(20, 1e6));
  await collectGarbage();
  const result = await running;
  assert.equal(result.counters.sent, 20);

  // Columns outlive the port and the run.
  await collectGarbage();
  assert.ok(result.tx.status.every((status) => status === TX_STATUS.sent));
}

/** UDP from a loopback address to itself, discard port; header and checksum complete. */
function makeUdpPacket(version: 4 | 6): Buffer {
  const udp = Buffer.alloc(20);
  udp.writeUInt16BE(40_000, 0);
  udp.writeUInt16BE(9, 2);
  udp.writeUInt16BE(udp.length, 4);
  if (version === 4) {
    const header = Buffer.from('45000028000040004011000000000000000000000000'.slice(0, 40), 'hex');
    header.writeUInt32BE(0x7f000001, 12);
    header.writeUInt32BE(0x7f000001, 16);
    return Buffer.concat([header, udp]);
  }
  const header = Buffer.alloc(40);
  header.writeUInt32BE(0x60000000, 0);
  header.writeUInt16BE(udp.length, 4);
  header.writeUInt8(17, 6);
  header.writeUInt8(64, 7);
  header.writeUInt8(1, 23);
  header.writeUInt8(1, 39);
  return Buffer.concat([header, udp]);
}

async function sendsThroughTheNetworkLayer(): Promise<void> {
  ip('link', 'set', 'lo', 'up');
  for (const version of [4, 6] as const) {
    const packet = makeUdpPacket(version);
    // To UDP port 9, whatever the rest: it lies 2 bytes into the UDP header.
    const discard = encodeFilter([
      [0x28, 0, 0, 14 + packet.length - 18],
      [0x15, 0, 1, 9],
      [0x06, 0, 0, 0xffffffff],
      [0x06, 0, 0, 0],
    ]);
    const port = openLinkPort('lo', { sendLayer: version === 4 ? 'network4' : 'network6', filter: discard });
    assert.equal(port.hardwareType, 772);
    const result = await port.run({
      ...planFrames(50, 100_000),
      arena: packet,
      frameOffset: Uint32Array.of(0),
      frameLength: Uint32Array.of(packet.length),
      frameIndex: new Uint32Array(50),
    });
    assert.equal(result.counters.sent, 50, `IPv${version}: errno ${result.counters.lastSendErrno}`);
    assert.equal(result.counters.txStampsKernel, 50);
    assert.equal(result.rx.count, 50);
    assert.ok(result.rx.kernelNs.every((ns, i) => ns >= (result.tx.kernelNs[i] ?? NaN)));
    await port.close();
  }
}

/** As a user without capabilities. */
function isRefusedWithoutCapability(): Promise<void> {
  assert.throws(() => openLinkPort('lo'), { errno: 'EPERM', syscall: 'socket', port: 'lo' });
  return Promise.resolve();
}

/** As the sequencer's user: CAP_NET_RAW and nothing else. */
async function worksWithNetRawAlone(): Promise<void> {
  const port = openLinkPort('lo', { sendLayer: 'network4', ringFrames: 1 << 20 });
  const packet = makeUdpPacket(4);
  const result = await port.run({
    ...planFrames(10, 1000, { realTime: true }),
    arena: packet,
    frameLength: new Uint32Array(10).fill(packet.length),
    frameOffset: new Uint32Array(10),
  });
  assert.equal(result.counters.sent, 10);
  assert.equal(result.counters.txStampsKernel, 10);
  assert.equal(result.realTime, false);
  assert.ok(result.counters.receiveBufferBytes > 0);
  await port.close();
}

function readsFacts(): Promise<void> {
  createVethPair();
  const engine = loadEngine();
  assert.equal(engine.readLink('nosuch0'), null);
  assert.equal(engine.readTimestamping('nosuch0'), null);
  assert.equal(engine.readLink('va')?.speedMbps, 10_000);
  assert.equal(engine.readLink('va')?.duplex, 1);
  // SOF_TIMESTAMPING_RX_SOFTWARE (8) and SOFTWARE (16)
  assert.equal((engine.readTimestamping('va')?.capabilities ?? 0) & 24, 24);
  assert.equal(engine.readTimestamping('va')?.phcIndex, -1);
  return Promise.resolve();
}

const SCENARIOS: Readonly<Record<string, () => Promise<void>>> = {
  'gives-columns': givesColumns,
  'ends-in-silence': endsInSilence,
  'closes-while-running': closesWhileRunning,
  'refuses-a-second-run': refusesASecondRun,
  'refuses-bad-plans': refusesBadPlans,
  'ends-when-the-port-vanishes': endsWhenThePortVanishes,
  'refuses-a-port-that-is-down': refusesAPortThatIsDown,
  'exits-while-running': exitsWhileRunning,
  'ends-with-an-idle-port': endsWithAnIdlePort,
  'survives-a-workers-end': survivesAWorkersEnd,
  'run-in-worker': runInWorker,
  'survives-workers-ended-anywhere': survivesWorkersEndedAnywhere,
  'hurry-in-worker': hurryInWorker,
  'lets-forgotten-ports-go': letsForgottenPortsGo,
  'sends-through-the-network-layer': sendsThroughTheNetworkLayer,
  'is-refused-without-capability': isRefusedWithoutCapability,
  'works-with-net-raw-alone': worksWithNetRawAlone,
  'reads-facts': readsFacts,
};

const scenario = SCENARIOS[process.argv[2] ?? ''];
assert.ok(scenario, `no scenario "${process.argv[2] ?? ''}"`);
await scenario();
