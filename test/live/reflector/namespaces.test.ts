// The reflector behind a veth pair: addresses, hop limits, sizes, source ports it must not answer, a port that vanishes, and
// what an ordinary user may do. Needs root to make the namespaces.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseStampReflector, type StampReflectorPacket } from '../../../src/packet/stamp.js';
import type { ReflectorCounters, StartReflectorOptions } from '../../../src/sequencer/reflector/adapter.js';
import { AS_NOBODY, createTestPath, liveSkip, ordinaryUserSkip, type TestPath } from '../test-path.js';
import type { ClientAnswer, ClientOrder } from './stamp-client-process.js';

const CLIENT = fileURLToPath(new URL('stamp-client-process.js', import.meta.url));
const REFLECTOR = fileURLToPath(new URL('reflector-process.js', import.meta.url));
const SECOND_ADDRESS = '10.66.0.77';

interface Started {
  readonly udpPorts: readonly number[];
  readonly notes: readonly string[];
  readonly code?: string;
  readonly message?: string;
  readonly remedy?: string;
}

interface Told {
  readonly counters: ReflectorCounters;
  readonly problem: string | null;
}

/** The reflector in `far`, spoken to line by line. */
class FarReflector {
  readonly #lines: AsyncIterator<string>;

  private constructor(
    readonly process: ChildProcess,
    lines: AsyncIterable<string>,
  ) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  static async start(
    t: TestContext,
    options: StartReflectorOptions,
    user: readonly string[] = [],
  ): Promise<{ reflector: FarReflector; started: Started }> {
    const command = [...user, process.execPath, REFLECTOR, JSON.stringify(options)];
    const child = path.start('far', command, { stdio: ['pipe', 'pipe', 'inherit'] });
    assert.ok(child.stdout && child.stdin);
    const ended = once(child, 'exit');
    const reflector = new FarReflector(child, createInterface(child.stdout));
    t.after(async () => {
      child.stdin?.end();
      await ended;
    });
    return { reflector, started: (await reflector.#readLine()) as Started };
  }

  async #readLine(): Promise<unknown> {
    const line = await this.#lines.next();
    if (line.done) return assert.fail('the reflector process ended');
    return JSON.parse(line.value);
  }

  async ask(): Promise<Told> {
    this.process.stdin?.write('now\n');
    return (await this.#readLine()) as Told;
  }

  /** Resolves when `isTrue` of what it tells, or after 10 s; either way with the last it told. */
  async waitUntil(isTrue: (told: Told) => boolean): Promise<Told> {
    let told = await this.ask();
    for (let waits = 0; !isTrue(told) && waits < 200; waits++) {
      await sleep(50);
      told = await this.ask();
    }
    return told;
  }
}

let path: TestPath;

before(() => {
  if (liveSkip) return;
  path = createTestPath();
  path.exec('far', 'ip', 'address', 'add', `${SECOND_ADDRESS}/24`, 'dev', 'fp');
  path.exec('near', 'ip', 'address', 'add', 'fe80::66:1/64', 'dev', 'np', 'nodad');
  path.exec('far', 'ip', 'address', 'add', 'fe80::66:2/64', 'dev', 'fp', 'nodad');
});

after(() => {
  if (!liveSkip) path.remove();
});

function runClient(order: ClientOrder): ClientAnswer[] {
  return JSON.parse(path.exec('near', process.execPath, CLIENT, JSON.stringify(order))) as ClientAnswer[];
}

const read = (answer: ClientAnswer | undefined): StampReflectorPacket =>
  parseStampReflector(Buffer.from(answer?.hex ?? '', 'hex'));

test('an IPv4 host with two addresses answers from the one that was asked', { skip: liveSkip }, async (t) => {
  await FarReflector.start(t, {});
  for (const to of [path.farAddress, SECOND_ADDRESS]) {
    const answers = runClient({ from: path.nearAddress, to, port: 862, lengths: [44, 44] });
    assert.deepEqual(
      answers.map((answer) => [answer.from, read(answer).sequence, read(answer).senderTtl]),
      [
        [to, 0, 64],
        [to, 1, 64],
      ],
    );
  }
});

test('IPv6 is answered, a link-local address on its own link too', { skip: liveSkip }, async (t) => {
  await FarReflector.start(t, {});
  const [answer] = runClient({ from: path.nearAddress6, to: path.farAddress6, port: 3237, lengths: [100] });
  assert.equal(answer?.from, path.farAddress6);
  const [local] = runClient({ from: 'fe80::66:1%np', to: 'fe80::66:2%np', port: 3237, lengths: [100] });
  assert.equal(local?.from, 'fe80::66:2%np');
  const [mixed] = runClient({ from: path.nearAddress6, to: 'fe80::66:2%np', port: 3237, lengths: [100] });
  assert.equal(mixed?.from, 'fe80::66:2%np', 'asked from an address that is no link-local one');
});

test('a full-size request comes back whole, a larger one fails and is counted', { skip: liveSkip }, async (t) => {
  const { reflector } = await FarReflector.start(t, {});
  const [answer] = runClient({ from: path.nearAddress, to: path.farAddress, port: 3237, lengths: [1472] });
  assert.equal(answer?.hex.length, 2 * 1472);
  runClient({ from: path.nearAddress, to: path.farAddress, port: 3237, lengths: [3000], unanswered: true });
  const { counters } = await reflector.waitUntil((told) => told.counters.sendFailures > 0);
  assert.deepEqual([counters.received, counters.reflected, counters.sendFailures], [2, 1, 1]);
});

test('a packet from the port of a reflector or of a service is not answered', { skip: liveSkip }, async (t) => {
  const { reflector, started } = await FarReflector.start(t, { udpPorts: [3237, 862, 40404] });
  assert.deepEqual(started.udpPorts, [3237, 862, 40404]);
  const sources = [3237, 862, 40404, 19, 1023];
  const order = { from: path.nearAddress, to: path.farAddress, port: 3237, lengths: [44] };
  for (const fromPort of sources) runClient({ ...order, fromPort, unanswered: true });
  assert.equal(runClient({ ...order, fromPort: 1024 }).length, 1);
  const { counters } = await reflector.waitUntil((told) => told.counters.received > sources.length);
  assert.deepEqual([counters.foreign, counters.reflected], [sources.length, 1]);
});

test('what is sent to a broadcast address is not answered', { skip: liveSkip }, async (t) => {
  const { reflector } = await FarReflector.start(t, {});
  path.exec('near', 'ip', 'route', 'add', '10.66.9.9/32', 'dev', 'np');
  path.exec('near', 'ip', 'neighbour', 'add', '10.66.9.9', 'lladdr', 'ff:ff:ff:ff:ff:ff', 'dev', 'np');
  path.exec('far', 'ip', 'address', 'add', '10.66.9.8/31', 'broadcast', '10.66.9.9', 'dev', 'fp');
  runClient({ from: path.nearAddress, to: '10.66.9.9', port: 3237, lengths: [44], unanswered: true });
  const { counters } = await reflector.waitUntil((told) => told.counters.received > 0);
  assert.deepEqual([counters.received, counters.foreign, counters.reflected], [1, 1, 0]);
});

test('without the capability it goes on with 3237 and says how to get 862', { skip: ordinaryUserSkip }, async (t) => {
  const { started } = await FarReflector.start(t, {}, AS_NOBODY);
  assert.deepEqual(started.udpPorts, [3237]);
  assert.match(started.notes.join(), /udp\/862 needs the capability CAP_NET_BIND_SERVICE.*sudo setcap .*\+ep \/.*node/);
  const answers = runClient({ from: path.nearAddress, to: path.farAddress, port: 3237, lengths: [44] });
  assert.equal(answers.length, 1);
});

test('asked for 862 alone it says which command grants it', { skip: ordinaryUserSkip }, async (t) => {
  const { started } = await FarReflector.start(t, { udpPorts: [862] }, AS_NOBODY);
  assert.equal(started.code, 'permission.socket');
  assert.match(started.message ?? '', /udp\/862/);
  assert.match(started.remedy ?? '', /^sudo setcap cap_net_raw,cap_net_bind_service,cap_sys_nice\+ep \//);
});

test('a port that vanishes ends the reflector with a reason', { skip: liveSkip }, async (t) => {
  path.exec('far', 'ip', 'link', 'add', 'gone', 'type', 'veth', 'peer', 'name', 'gone-peer');
  const { reflector } = await FarReflector.start(t, { port: 'gone' });
  assert.equal((await reflector.ask()).problem, null);
  path.exec('far', 'ip', 'link', 'delete', 'gone');
  const { problem } = await reflector.waitUntil((told) => told.problem !== null);
  assert.match(problem ?? '', /port gone vanished/);
});
