// The reflector on loopback, from kernel-chosen ports: sessions, limits, what it does not answer, follow-up stamps, its end.
// Needs no privilege: every address of 127.0.0.0/8 is this machine's.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, DeviceError, UsageError } from '../../../src/model/errors.js';
import { parseNtpTimestamp } from '../../../src/packet/stamp-timestamp.js';
import { STAMP_BYTES, TWAMP_REFLECTOR_BYTES, parseStampReflector } from '../../../src/packet/stamp.js';
import {
  DEFAULT_REFLECTOR_LIMITS,
  startReflector,
  type RunningReflector,
  type StartReflectorOptions,
} from '../../../src/sequencer/reflector/adapter.js';
import { FOLLOW_UP_REQUEST, StampClient, makeRequest } from './stamp-client.js';

const HOST = '127.0.0.1';

function start(t: TestContext, options: StartReflectorOptions = {}): { reflector: RunningReflector; port: number } {
  const reflector = startReflector({ udpPorts: [0], ...options });
  t.after(() => reflector.close());
  return { reflector, port: reflector.udpPorts[0] ?? 0 };
}

async function openClient(t: TestContext, address = HOST): Promise<StampClient> {
  const client = await StampClient.open(address);
  t.after(() => client.close());
  return client;
}

/** Resolves when the reflector has seen `count` packets. Ends after 10 s at the latest. */
async function waitForReceived(reflector: RunningReflector, count: number): Promise<void> {
  for (let waits = 0; reflector.counters().received < count && waits < 1000; waits++) await sleep(10);
  assert.equal(reflector.counters().received, count);
}

test('each session counts for itself: source port, SSID and address asked make one', async (t) => {
  const { port, reflector } = start(t);
  const first = await openClient(t);
  const second = await openClient(t);
  const ask = async (client: StampClient, ssid: number, address = HOST): Promise<number> =>
    (await client.askStamp(makeRequest({ sequence: 1000, ssid }), port, address)).sequence;
  assert.deepEqual([await ask(first, 0), await ask(first, 0), await ask(first, 0)], [0, 1, 2]);
  assert.deepEqual([await ask(first, 7), await ask(first, 7)], [0, 1]);
  assert.equal(await ask(second, 0), 0);
  assert.equal(await ask(first, 0, '127.0.0.9'), 0);
  assert.equal(await ask(first, 0), 3);
  assert.equal(reflector.counters().sessions, 4);
});

test('a reply comes from the address and port that were asked', async (t) => {
  const { port } = start(t);
  const client = await openClient(t);
  for (const address of ['127.0.0.1', '127.0.0.2', '127.3.2.1']) {
    const answer = await client.ask(makeRequest(), port, address);
    assert.deepEqual([answer.from, answer.port], [address, port]);
  }
});

test('a reply is as long as its request', async (t) => {
  const { port } = start(t);
  const client = await openClient(t);
  for (const paddingBytes of [0, 1, 4, 100, 1456, 9000]) {
    const answer = await client.ask(makeRequest({ paddingBytes }), port, HOST);
    assert.equal(answer.bytes.length, STAMP_BYTES + paddingBytes);
  }
  for (let length = TWAMP_REFLECTOR_BYTES; length < STAMP_BYTES; length++) {
    assert.equal((await client.ask(makeRequest().subarray(0, length), port, HOST)).bytes.length, length);
  }
});

test('IPv6 is answered like IPv4', async (t) => {
  const { port } = start(t);
  const client = await openClient(t, '::1');
  const reply = await client.askStamp(makeRequest({ sequence: 9 }), port, '::1');
  assert.deepEqual([reply.sequence, reply.senderSequence, reply.senderTtl], [0, 9, 64]);
  assert.equal(client.answers[0]?.from, '::1');
});

test('only the sources on the list are answered, the others are counted', async (t) => {
  const { port, reflector } = start(t, { allow: ['127.0.0.2'] });
  const stranger = await openClient(t, '127.0.0.1');
  const friend = await openClient(t, '127.0.0.2');
  await stranger.send(makeRequest(), port, HOST);
  await friend.ask(makeRequest(), port, HOST);
  assert.deepEqual(stranger.answers, []);
  const { received, reflected, notAllowed } = reflector.counters();
  assert.deepEqual({ received, reflected, notAllowed }, { received: 2, reflected: 1, notAllowed: 1 });
});

test('an empty list answers nobody', async (t) => {
  const { port, reflector } = start(t, { allow: [] });
  await (await openClient(t)).send(makeRequest(), port, HOST);
  await waitForReceived(reflector, 1);
  assert.equal(reflector.counters().notAllowed, 1);
});

// One new reply in a quarter of an hour: what is counted here does not depend on how fast the machine is.
const SLOW = { ...DEFAULT_REFLECTOR_LIMITS, sourceRate: 0.001, totalRate: 0.001 };

test('a source gets its burst, then its rate, and takes nothing from others', async (t) => {
  const { port, reflector } = start(t, { limits: { ...SLOW, sourceBurst: 5, totalBurst: 1000 } });
  const greedy = await openClient(t, '127.0.0.1');
  const modest = await openClient(t, '127.0.0.2');
  for (let i = 0; i < 50; i++) await greedy.send(makeRequest({ sequence: i }), port, HOST);
  await waitForReceived(reflector, 50);
  await modest.ask(makeRequest(), port, HOST);
  await greedy.waitFor(5);
  const { reflected, rateLimited } = reflector.counters();
  assert.deepEqual({ reflected, rateLimited }, { reflected: 6, rateLimited: 45 });
  assert.equal(greedy.answers.length, 5);
});

test('all sources together are limited too', async (t) => {
  const { port, reflector } = start(t, { limits: { ...SLOW, sourceBurst: 5, totalBurst: 7 } });
  for (const host of [1, 2, 3]) {
    const client = await openClient(t, `127.0.0.${host}`);
    for (let i = 0; i < 5; i++) await client.send(makeRequest(), port, HOST);
  }
  await waitForReceived(reflector, 15);
  const { reflected, rateLimited } = reflector.counters();
  assert.deepEqual({ reflected, rateLimited }, { reflected: 7, rateLimited: 8 });
});

test('what is no request is counted as foreign and not answered', async (t) => {
  const { port, reflector } = start(t);
  const client = await openClient(t);
  const rtp = Buffer.alloc(172, 0xd5);
  rtp[0] = 0x80;
  const authenticated = Buffer.alloc(112);
  authenticated.writeUInt32BE(0xea000000, 16);
  const foreign = [Buffer.alloc(0), Buffer.alloc(1000), makeRequest().subarray(0, 40), rtp, authenticated];
  for (const bytes of foreign) await client.send(bytes, port, HOST);
  await client.ask(makeRequest({ sequence: 1 }), port, HOST);
  assert.equal(client.answers.length, 1);
  const { foreign: counted, reflected, sessions } = reflector.counters();
  assert.deepEqual({ counted, reflected, sessions }, { counted: foreign.length, reflected: 1, sessions: 1 });
});

test('a reply that is sent back is not answered, so two reflectors cannot play tennis', async (t) => {
  const { port, reflector } = start(t);
  const client = await openClient(t);
  const { bytes } = await client.ask(makeRequest({ tlvs: [FOLLOW_UP_REQUEST] }), port, HOST);
  await client.send(bytes, port, HOST);
  await waitForReceived(reflector, 2);
  // From one reflector into another, as if its port were not known.
  const other = start(t);
  await client.send(bytes, other.port, HOST);
  await waitForReceived(other.reflector, 1);
  assert.deepEqual([reflector.counters().foreign, other.reflector.counters().foreign], [1, 1]);
  assert.equal(client.answers.length, 1);
});

test('the follow-up TLV brings the true transmit stamp of the reply before', async (t) => {
  const { port } = start(t);
  const client = await openClient(t);
  const request = makeRequest({ tlvs: [FOLLOW_UP_REQUEST] });
  let before = await client.askStamp(request, port, HOST);
  let lastStampNs = 0n;
  for (let i = 1; i < 50; i++) {
    const reply = await client.askStamp(request, port, HOST);
    const [followUp] = reply.tlvs;
    assert.ok(followUp?.kind === 'follow-up-telemetry');
    assert.equal(followUp.sequence, before.sequence);
    assert.equal(followUp.stampMethod, 2);
    const stampNs = parseNtpTimestamp(followUp.timestamp);
    assert.ok(before.timestampNs !== null && stampNs >= before.timestampNs, "T3' is not before T3");
    assert.ok(reply.receiveTimestampNs !== null && stampNs <= reply.receiveTimestampNs, "T3' is before the next T2");
    assert.ok(stampNs > lastStampNs, 'stamps increase');
    lastStampNs = stampNs;
    before = reply;
  }
});

test('in a burst, too, each follow-up TLV is of the reply right before, so that no stamp is missing', async (t) => {
  const { port } = start(t);
  const client = await openClient(t);
  const request = makeRequest({ tlvs: [FOLLOW_UP_REQUEST] });
  for (let i = 0; i < 200; i++) void client.send(request, port, HOST);
  await client.waitFor(200);
  await client.ask(request, port, HOST);
  client.answers.forEach(({ bytes }, sequence) => {
    const { tlvs, ...reply } = parseStampReflector(bytes);
    const [followUp] = tlvs;
    assert.equal(reply.sequence, sequence);
    assert.ok(followUp?.kind === 'follow-up-telemetry');
    assert.equal(followUp.timestamp === 0n, sequence === 0);
    if (sequence > 0) assert.equal(followUp.sequence, sequence - 1);
  });
});

test('the oldest session goes when a new one finds no room', async (t) => {
  const { port, reflector } = start(t);
  const client = await openClient(t);
  const sessions = 5000;
  await client.askStamp(makeRequest({ ssid: 1 }), port, HOST);
  for (let ssid = 2; ssid <= sessions; ssid++) await client.ask(makeRequest({ ssid }), port, HOST);
  assert.equal((await client.askStamp(makeRequest({ ssid: sessions }), port, HOST)).sequence, 1);
  assert.equal((await client.askStamp(makeRequest({ ssid: 1 }), port, HOST)).sequence, 0);
  const { sessions: kept, sessionsEvicted } = reflector.counters();
  assert.equal(kept + sessionsEvicted, sessions + 1);
  assert.ok(sessionsEvicted > 0);
});

test('its own port taken is an error that names it, another one taken is a note', (t) => {
  const { port } = start(t);
  assert.throws(
    () => startReflector({ udpPorts: [port] }),
    (error: unknown) =>
      error instanceof DeviceError && error.code === 'device.busy' && error.message.includes(`udp/${port}`),
  );
  const { reflector } = start(t, { udpPorts: [0, port] });
  assert.equal(reflector.udpPorts.length, 1);
  assert.equal(reflector.notes.length, 1);
  assert.match(reflector.notes[0] ?? '', new RegExp(`udp/${port} is in use`));
});

test('options that cannot be used end in errors of the one who gave them', () => {
  assert.throws(() => startReflector({ udpPorts: [0], port: 'no-such-port' }), UsageError);
  assert.throws(() => startReflector({ udpPorts: [0], allow: ['everybody'] }), ConfigError);
});

test('closing twice is one close, frees the port, and the counters stay readable', async (t) => {
  const { reflector, port } = start(t);
  const client = await openClient(t);
  await client.ask(makeRequest(), port, HOST);
  await Promise.all([reflector.close(), reflector.close()]);
  assert.equal(reflector.counters().reflected, 1);
  assert.equal(reflector.problem(), null);
  assert.deepEqual(start(t, { udpPorts: [port] }).reflector.udpPorts, [port]);
});
