// The control server against clients of every kind: many, rude, old, silent, and gone in the middle of a run.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CanceledError, DeviceError, ProtocolError, UsageError } from '../../../src/model/errors.js';
import type { Sequence } from '../../../src/model/sequence.js';
import { encodeControlFrame } from '../../../src/packet/control-frame.js';
import { openRemote } from '../../../src/prober/remote/open-remote.js';
import { readStatus } from '../../../src/prober/remote/read-status.js';
import { ControlChannel } from '../../../src/sequencer/control/channel.js';
import { CONTROL_LIMITS } from '../../../src/sequencer/control/messages.js';
import { startChild } from './child.js';
import { makeFolder, startSimulatedTps } from './simulated-parts.js';

const NEVER = new AbortController().signal;
const BUDGET = { maxPackets: 1000, maxBytes: 1_000_000 };
const SINGLE: Sequence = {
  id: 'single',
  pattern: { kind: 'single', sizeBytes: 100 },
  dscp: 0,
  dontFragment: true,
  lingerNs: 1e8,
};

async function startAt(context: TestContext) {
  const socketPath = join(makeFolder(), 'tps.sock');
  return { socketPath, server: await startSimulatedTps(context, socketPath) };
}

/** Sends bytes, returns the headers of all replies until the server closes. */
async function talkRaw(socketPath: string, bytes: readonly Uint8Array[]): Promise<Record<string, unknown>[]> {
  const socket: Socket = connect(socketPath);
  const channel = new ControlChannel(socket, CONTROL_LIMITS.replyBytes);
  for (const part of bytes) socket.write(part);
  const replies: Record<string, unknown>[] = [];
  try {
    for await (const frame of channel.frames()) replies.push(frame.header as Record<string, unknown>);
  } catch {
    // A connection that is cut off with bytes unread ends in a reset.
  }
  socket.destroy();
  return replies;
}

const HELLO = encodeControlFrame({ type: 'hello', protocol: 1, version: '0' });

test('the socket is for owner and group only, and goes away with the server', async (context) => {
  const { socketPath, server } = await startAt(context);
  assert.equal(statSync(socketPath).mode & 0o777, 0o660);
  await server.close();
  assert.equal(existsSync(socketPath), false);
});

test('a second sequencer is told that the first one is there, which goes on', async (context) => {
  const { socketPath } = await startAt(context);
  await assert.rejects(startSimulatedTps(context, socketPath), (error) => {
    assert.ok(error instanceof DeviceError);
    assert.equal(error.code, 'device.busy');
    assert.match(error.message, /tps\.sock/);
    return true;
  });
  assert.equal((await readStatus(socketPath)).protocol, 1);
});

test('the socket of a killed sequencer is replaced; a file that is none is left alone', async (context) => {
  const folder = makeFolder();
  const socketPath = join(folder, 'tps.sock');
  const child = startChild(context, './tps-process.js', [socketPath]);
  await child.waitForLine(/ready/);
  child.kill('SIGKILL');
  await child.ended;
  assert.ok(existsSync(socketPath));
  await startSimulatedTps(context, socketPath);
  assert.equal((await readStatus(socketPath)).connections, 1);
  const file = join(folder, 'file');
  writeFileSync(file, 'precious');
  await assert.rejects(startSimulatedTps(context, file), { code: 'device.busy' });
  assert.equal(statSync(file).size, 8);
});

test('bytes of every kind do no harm: who sends them is cut off, others are served', async (context) => {
  const { socketPath } = await startAt(context);
  const seed = randomBytes(8).toString('hex');
  const rude: Uint8Array[][] = [
    [Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')],
    [Buffer.from('ffffffff00000000', 'hex')],
    [Buffer.from('0000000800000100', 'hex'), Buffer.alloc(64)],
    [...HELLO, ...HELLO],
    [...HELLO, ...encodeControlFrame({ type: 'open', target: 7, via: 'auto' })],
    [...HELLO, ...encodeControlFrame({ type: 'open', target: 'healthy\n', via: 'auto' })],
    [...HELLO, ...encodeControlFrame({ type: 'open', target: 'healthy', via: 'carrier-pigeon' })],
    [...HELLO, ...encodeControlFrame({ type: 'run', sequence: SINGLE, budget: { maxPackets: -1, maxBytes: 1 } })],
    [...HELLO, ...encodeControlFrame({ type: 'status' }, [new Uint8Array(3)])],
    [...HELLO, ...encodeControlFrame({ type: 'nonsense' })],
    [...HELLO, ...encodeControlFrame({ type: 'status', padding: 'x'.repeat(CONTROL_LIMITS.requestBytes) })],
    [...encodeControlFrame({ type: 'status' })],
    ...Array.from({ length: 40 }, (_, index) => [randomBytes(8 + index * 40)]),
  ];
  for (const [index, bytes] of rude.entries()) {
    // Random bytes may announce a frame that never comes whole: closing our half ends the connection then.
    const talk = Promise.race([talkRaw(socketPath, bytes), sleep(500).then(() => [])]);
    const last = (await talk).at(-1);
    if (last && index < 12) assert.match(String(last['code']), /^protocol\./, `bytes ${index}, seed ${seed}`);
  }
  const { malformed, runs } = await readStatus(socketPath);
  assert.ok(malformed >= 12, `${malformed} counted as malformed`);
  assert.equal(runs.active, 0);
  const prober = await openRemote(socketPath)({ target: 'healthy', via: 'auto' }, NEVER);
  assert.equal((await prober.run(SINGLE, { signal: NEVER, budget: BUDGET })).count, 1);
  await prober.close();
});

test('a peer of another protocol version is told so', async (context) => {
  const { socketPath } = await startAt(context);
  const replies = await talkRaw(socketPath, [...encodeControlFrame({ type: 'hello', protocol: 2, version: '9' })]);
  assert.deepEqual(
    replies.map(({ type, code }) => [type, code]),
    [['error', 'protocol.version']],
  );
});

test('a refused request leaves the connection usable, and its error keeps its class', async (context) => {
  const { socketPath } = await startAt(context);
  await assert.rejects(openRemote(socketPath)({ target: 'no-such-scenario', via: 'auto' }, NEVER), UsageError);
  const prober = await openRemote(socketPath)({ target: 'healthy', via: 'auto' }, NEVER);
  const wrong = { ...SINGLE, dscp: 64 };
  await assert.rejects(prober.run(wrong, { signal: NEVER, budget: BUDGET }), ProtocolError);
  await assert.rejects(prober.run(SINGLE, { signal: NEVER, budget: { ...BUDGET, maxBytes: 1 } }), UsageError);
  assert.equal((await prober.run(SINGLE, { signal: NEVER, budget: BUDGET })).count, 1);
  await prober.close();
});

test('a run of 90,000 packets of two flows comes back whole', async (context) => {
  const { socketPath } = await startAt(context);
  const prober = await openRemote(socketPath)({ target: 'healthy', via: 'auto' }, NEVER);
  const load: Sequence = {
    ...SINGLE,
    pattern: {
      kind: 'probed-load',
      durationNs: 2e9,
      loadGapNs: 22_500,
      loadSizeBytes: 200,
      probeIntervalNs: 2e6,
      probeSizeBytes: 92,
    },
  };
  const trace = await prober.run(load, { signal: NEVER, budget: { maxPackets: 100_000, maxBytes: 1e8 } });
  assert.ok(trace.count >= 89_000, `${trace.count} packets`);
  assert.equal(trace.interrupted, false);
  for (const flow of [0, 1]) assert.ok(trace.flow.includes(flow), `flow ${flow}`);
  await prober.close();
});

test('runs on one port take turns, and who waits is told', async (context) => {
  const { socketPath } = await startAt(context);
  const order: string[] = [];
  const waits: (readonly [ahead: number, behind: string | null])[] = [];
  const openOne = openRemote(socketPath, { onWaiting: (...said) => waits.push(said) });
  const probers = await Promise.all(['a', 'b'].map(() => openOne({ target: 'slow-healthy', via: 'auto' }, NEVER)));
  await Promise.all(
    probers.map(async (prober, index) => {
      for (let round = 0; round < 2; round += 1) {
        await prober.run(SINGLE, { signal: NEVER, budget: BUDGET });
        order.push(String(index));
      }
    }),
  );
  assert.deepEqual(order, ['0', '1', '0', '1']);
  const target = probers[0]?.path.target.address;
  assert.ok(waits.length > 0 && waits.every(([ahead, behind]) => ahead === 1 && behind === target), waits.join());
  await Promise.all(probers.map((prober) => prober.close()));
});

test('a client that goes away in the middle of a run frees the port', async (context) => {
  const { socketPath } = await startAt(context);
  const leaving = connect(socketPath);
  for (const part of [...HELLO, ...encodeControlFrame({ type: 'open', target: 'slow-healthy', via: 'auto' })]) {
    leaving.write(part);
  }
  await sleep(50);
  for (const part of encodeControlFrame({ type: 'run', sequence: SINGLE, budget: BUDGET })) leaving.write(part);
  while ((await readStatus(socketPath)).runs.active === 0) await sleep(5);
  leaving.destroy();
  while ((await readStatus(socketPath)).runs.active > 0) await sleep(5);
  const { runs, connections } = await readStatus(socketPath);
  assert.equal(runs.interrupted, 1);
  assert.equal(connections, 1);
});

test('waiting can be canceled without sending anything', async (context) => {
  const { socketPath } = await startAt(context);
  const open = openRemote(socketPath);
  const [first, second] = await Promise.all([
    open({ target: 'slow-healthy', via: 'auto' }, NEVER),
    open({ target: 'slow-healthy', via: 'auto' }, NEVER),
  ]);
  const busy = first.run(SINGLE, { signal: NEVER, budget: BUDGET });
  const controller = new AbortController();
  const waiting = second.run(SINGLE, { signal: controller.signal, budget: BUDGET });
  while ((await readStatus(socketPath)).runs.waiting === 0) await sleep(5);
  controller.abort();
  const trace = await waiting;
  assert.equal(trace.interrupted, true);
  assert.equal(trace.cost.packets, 0);
  assert.equal((await busy).interrupted, false);
  await Promise.all([first.close(), second.close()]);
});

test('light packets run beside a heavy run, and are told how long it had the port', async (context) => {
  const { socketPath } = await startAt(context);
  const open = openRemote(socketPath);
  const [light, heavy] = await Promise.all([
    open({ target: 'slow-healthy', via: 'auto' }, NEVER),
    open({ target: 'slow-healthy', via: 'auto' }, NEVER),
  ]);
  const order: string[] = [];
  const busy = heavy.run(SINGLE, { signal: NEVER, budget: BUDGET }).then(() => order.push('heavy'));
  while ((await readStatus(socketPath)).runs.active === 0) await sleep(5);
  const pattern = { kind: 'isochronous', count: 5, intervalNs: 1e8, sizeBytes: 100 } as const;
  const watching = light.run({ ...SINGLE, pattern, runsBeside: true }, { signal: NEVER, budget: BUDGET });
  while ((await readStatus(socketPath)).runs.active === 1 && order.length === 0) await sleep(5);
  const { runs } = await readStatus(socketPath);
  assert.deepEqual([runs.waiting, order.length], [0, 0], 'the light run waited for the heavy one');
  const trace = await watching;
  await busy;
  assert.ok(trace.portTakenNs !== undefined && trace.portTakenNs > 0 && trace.portTakenNs < 1e10);
  const alone = await light.run({ ...SINGLE, pattern, runsBeside: true }, { signal: NEVER, budget: BUDGET });
  assert.equal(alone.portTakenNs, 0);
  await Promise.all([light.close(), heavy.close()]);
});

test('what is not light may not run beside others', async (context) => {
  const { socketPath } = await startAt(context);
  const prober = await openRemote(socketPath)({ target: 'healthy', via: 'auto' }, NEVER);
  const even = { kind: 'isochronous', count: 100, intervalNs: 1e8, sizeBytes: 100 } as const;
  for (const pattern of [
    { ...even, intervalNs: 0.99e8 },
    { ...even, sizeBytes: 129 },
    { kind: 'train', trains: 1, packetsPerTrain: 2, gapNs: 0, spacingNs: 0, sizeBytes: 100 } as const,
  ]) {
    const sequence: Sequence = { ...SINGLE, pattern, runsBeside: true };
    await assert.rejects(prober.run(sequence, { signal: NEVER, budget: BUDGET }), { code: 'usage.argument' });
  }
  await prober.close();
});

test('more clients than there is room for are told so', async (context) => {
  const { socketPath } = await startAt(context);
  const open = () => openRemote(socketPath)({ target: 'healthy', via: 'auto' }, new AbortController().signal);
  const probers = await Promise.all(Array.from({ length: CONTROL_LIMITS.connections }, open));
  await assert.rejects(open(), { code: 'device.busy' });
  await probers[0]?.close();
  let again = null;
  while (!again) again = await open().catch(() => null);
  await Promise.all([again, ...probers].map((prober) => prober.close()));
});

test('a client that asks and never reads is served in bounded memory', async (context) => {
  const { socketPath } = await startAt(context);
  const socket = connect(socketPath);
  socket.pause();
  const status = encodeControlFrame({ type: 'status' });
  for (const part of HELLO) socket.write(part);
  let refusedToTake = false;
  for (let asked = 0; asked < 200_000 && !refusedToTake; asked += 1) {
    for (const part of status) socket.write(part);
    if (asked % 1000 === 0) await sleep(1);
    // The server stopped reading, so what we send stays with us.
    refusedToTake = socket.writableLength > 2 * 1024 * 1024;
  }
  assert.ok(refusedToTake, 'the server read on although nobody took its answers');
  assert.ok((await readStatus(socketPath)).connections >= 1);
  socket.destroy();
});

test('a sequencer that is not there, or vanishes, is called unreachable', async (context) => {
  const socketPath = join(makeFolder(), 'tps.sock');
  await assert.rejects(openRemote(socketPath)({ target: 'healthy', via: 'auto' }, NEVER), { code: 'peer.unreachable' });
  const child = startChild(context, './tps-process.js', [socketPath]);
  await child.waitForLine(/ready/);
  const prober = await openRemote(socketPath)({ target: 'slow-healthy', via: 'auto' }, NEVER);
  const run = prober.run(SINGLE, { signal: NEVER, budget: BUDGET });
  child.kill('SIGKILL');
  await assert.rejects(run, { code: 'peer.unreachable' });
  await prober.close();
});

test('connecting to something else that listens there ends in an error, and can be canceled', async (context) => {
  const socketPath = join(makeFolder(), 'other.sock');
  const other = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('220 mail.example ESMTP\r\n');
  }).listen(socketPath);
  context.after(() => other.close());
  await assert.rejects(openRemote(socketPath)({ target: 'healthy', via: 'auto' }, NEVER), ProtocolError);
  const silent = createServer((socket) => socket.on('error', () => undefined)).listen(`${socketPath}2`);
  context.after(() => silent.close());
  const controller = new AbortController();
  const opening = openRemote(`${socketPath}2`)({ target: 'healthy', via: 'auto' }, controller.signal);
  controller.abort();
  await assert.rejects(opening, CanceledError);
});
