// Requests over MQTT: what is one, what is refused in which words, that each is begun once, and what is answered - over restarts, too.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parseConfiguration } from '../../../src/box/config/parse-configuration.js';
import { CanceledError, DeviceError, UsageError } from '../../../src/model/errors.js';
import type { MqttRequest } from '../../../src/model/mqtt-request.js';
import type { RequestSettings } from '../../../src/model/mqtt-request.js';
import { computeTopics } from '../../../src/mqtt/message.js';
import type { Incoming, Message } from '../../../src/mqtt/message.js';
import { AnswerQueue } from '../../../src/mqtt/requests/answer-queue.js';
import { parseRequest } from '../../../src/mqtt/requests/parse-request.js';
import { checkReplyTopic } from '../../../src/mqtt/requests/reply-topic.js';
import { RequestDesk } from '../../../src/mqtt/requests/request-desk.js';
import type { RequestWork } from '../../../src/mqtt/requests/request-desk.js';
import { RequestJournal } from '../../../src/mqtt/requests/request-journal.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'apparenet-requests-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));
const NOW_MS = Date.parse('2026-11-23T12:00:00Z');
const SETTINGS = parseConfiguration('').mqtt;

interface Begun {
  readonly request: MqttRequest;
  readonly tell: Parameters<RequestWork['begin']>[1];
  readonly finish: (fields: object) => void;
  readonly fail: (error: Error) => void;
}

/** A desk whose work ends when the test says so. `path` names what it remembers. */
function openDesk(path: string, requests: Partial<RequestSettings> = {}, refuse: Error | null = null) {
  const begun: Begun[] = [];
  const troubles: string[] = [];
  const answers = new AnswerQueue(() => undefined);
  const work: RequestWork = {
    begin: (request, tell) => {
      if (refuse !== null) throw refuse;
      let finish: Begun['finish'] = () => undefined;
      let fail: Begun['fail'] = () => undefined;
      const result = new Promise<object>((resolve, reject) => {
        finish = resolve;
        fail = reject;
      });
      begun.push({ request, tell, finish, fail });
      return { known: { report: 'ABCDE' }, result, cancel: () => fail(new CanceledError()) };
    },
  };
  const settings = { ...SETTINGS, requests: { ...SETTINGS.requests, ...requests } };
  const desk = new RequestDesk({
    ...{ settings, answers, work, topics: computeTopics(settings, 'hall') },
    journal: new RequestJournal(join(FOLDER, path), (error) => assert.fail(error.message)),
    readClockMs: () => NOW_MS,
    onTrouble: (text) => troubles.push(text),
    onDefect: (error) => assert.fail(String(error)),
  });
  const ask = (verb: string, payload: unknown, more: Partial<Incoming> = {}): boolean => {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return desk.take({
      topic: `apparenet/hall/request/${verb}`,
      payload: Buffer.from(text),
      isRetained: false,
      ...more,
    });
  };
  return { desk, begun, troubles, ask, takeAnswers: () => takeAnswers(answers) };
}

/** As the broker does it: each is acknowledged. */
function takeAnswers(
  answers: AnswerQueue,
): { readonly topic: string; readonly told: Record<string, unknown>; readonly message: Message }[] {
  const taken = [];
  for (let next = answers.findNext(); next !== null; next = answers.findNext()) {
    const { message } = next;
    void next.done();
    taken.push({ topic: message.topic, told: JSON.parse(message.payload) as Record<string, unknown>, message });
  }
  return taken;
}

/** Everything that has ended is told. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const ONE = { transaction: 't1', target: 'office' };

describe('a request', () => {
  test('is what it says', () => {
    const { request, transaction, expiresMs } = parseRequest(
      'diagnose',
      Buffer.from(JSON.stringify({ ...ONE, depth: 'deep', expires: '2026-11-23T12:00:00.5+00:00' })),
    );
    assert.deepEqual(request, { verb: 'diagnose', target: 'office', depth: 'deep' });
    assert.deepEqual([transaction, expiresMs], ['t1', NOW_MS + 500]);
  });

  const WRONG: readonly (readonly [verb: Parameters<typeof parseRequest>[0], payload: unknown, reason: RegExp])[] = [
    ['diagnose', 'office', /JSON object/],
    ['diagnose', [], /JSON object/],
    ['diagnose', 'null', /JSON object/],
    ['diagnose', {}, /^transaction is missing/],
    ['diagnose', { transaction: 't' }, /^target is missing/],
    ['diagnose', { transaction: 7, target: 'office' }, /^transaction must be a text/],
    ['diagnose', { transaction: 't'.repeat(129), target: 'office' }, /^transaction must be a text of 1 to 128/],
    ['diagnose', { ...ONE, target: 'of fice' }, /^target must be the name/],
    ['diagnose', { ...ONE, depth: 'deeper' }, /^depth must be one of quick, normal, deep/],
    ['diagnose', { ...ONE, port: 'eth0' }, /no "port" in this request/],
    ['diagnose', { ...ONE, maxBytes: 0 }, /^maxBytes must be 1 to/],
    ['diagnose', { ...ONE, expires: 'soon' }, /^expires must be a time/],
    ['diagnose', { ...ONE, target: 'x'.repeat(5000) }, /4096 bytes/],
    ['measure', ONE, /^quantity is missing/],
    ['measure', { ...ONE, quantity: 'speed' }, /^quantity must be one of capacity/],
    ['profile', { ...ONE, profile: 'light' }, /^profile must be one of/],
    ['bundle', ONE, /no "target"/],
  ];
  for (const [verb, payload, reason] of WRONG) {
    test(`${verb} ${JSON.stringify(payload).slice(0, 60)} is none`, () => {
      const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
      assert.throws(() => parseRequest(verb, bytes), { message: reason, code: 'usage.argument' });
    });
  }

  test('is answered where it asks to be, but not where others listen to boxes or to Home Assistant', () => {
    for (const good of ['replies/me', 'apparenet/hall/response/diagnose', 'apparenet-x/y', 'homeassistants'])
      assert.equal(checkReplyTopic(good, SETTINGS), good);
    const bad = ['', '$SYS/x', 'a/#', 'a/+/b', 'apparenet', 'apparenet/hall/status', 'apparenet/attic/request/profile'];
    for (const topic of [...bad, 'homeassistant/status', 'apparenet/a/response/', 'a\u0000', 'x'.repeat(257)])
      assert.throws(() => checkReplyTopic(topic, SETTINGS), UsageError, topic);
  });
});

describe('the desk of requests', () => {
  test('accepts, tells progress, and says what came of it, with the id of the report', async () => {
    const { ask, begun, takeAnswers: take } = openDesk('whole.json');
    ask('diagnose', ONE);
    begun[0]?.tell({ phase: 'delay', ahead: 0 });
    begun[0]?.tell({ phase: 'delay', ahead: 0 });
    begun[0]?.tell({ phase: 'capacity', ahead: 0 });
    const first = take();
    assert.deepEqual(
      first.map(({ topic, told, message }) => [topic, told['status'], told['phase'], message.qos]),
      [
        ['apparenet/hall/response/diagnose', 'accepted', undefined, 1],
        // Of progress that nobody has heard only the newest.
        ['apparenet/hall/response/diagnose', 'progress', 'capacity', 0],
      ],
    );
    assert.deepEqual(first[0]?.told, {
      ...{ schema: 'apparenet.response/1', transaction: 't1', verb: 'diagnose', status: 'accepted' },
      ...{ at: '2026-11-23T12:00:00.000Z', report: 'ABCDE' },
    });
    begun[0]?.finish({ report: 'ABCDE', verdict: 'ok' });
    await settle();
    assert.deepEqual(
      take().map(({ told }) => [told['status'], told['verdict']]),
      [['done', 'ok']],
    );
  });

  test('runs what comes twice once, and gives the last answer again, also after a restart', async () => {
    const { ask, begun, takeAnswers: take } = openDesk('twice.json');
    ask('diagnose', ONE);
    ask('diagnose', ONE);
    assert.equal(begun.length, 1);
    assert.deepEqual(
      take().map(({ told }) => told['status']),
      ['accepted', 'accepted'],
    );
    begun[0]?.finish({ verdict: 'ok' });
    await settle();
    take();
    const later = openDesk('twice.json');
    later.desk.resume();
    assert.deepEqual(later.takeAnswers(), [], 'all has been told');
    later.ask('diagnose', ONE);
    assert.equal(later.begun.length, 0);
    assert.deepEqual(
      later.takeAnswers().map(({ told }) => [told['status'], told['verdict']]),
      [['done', 'ok']],
    );
    // The same transaction of another verb is another request.
    later.ask('measure', { ...ONE, quantity: 'loss' });
    assert.equal(later.begun.length, 1);
  });

  test('what a restart cuts off is answered after it, and what the broker did not take is told again', async () => {
    const first = openDesk('cut.json');
    first.ask('diagnose', ONE);
    first.ask('diagnose', { ...ONE, transaction: 't2' });
    first.begun[1]?.finish({ verdict: 'ok' });
    await settle();
    const second = openDesk('cut.json');
    second.desk.resume();
    const told = second.takeAnswers().map(({ told: { transaction, status, code } }) => [transaction, status, code]);
    assert.deepEqual(told, [
      ['t1', 'failed', 'canceled'],
      ['t2', 'done', undefined],
    ]);
    assert.equal(second.begun.length, 0);
    const third = openDesk('cut.json');
    third.desk.resume();
    assert.deepEqual(third.takeAnswers(), []);
  });

  test('what is under way when the box parts is canceled and answered', async () => {
    const { desk, ask, takeAnswers: take } = openDesk('part.json');
    ask('diagnose', ONE);
    await desk.close();
    assert.equal(take().at(-1)?.told['status'], 'failed');
  });

  const REFUSED: readonly (readonly [
    what: string,
    ask: readonly [string, object, Partial<Incoming>?],
    code: string,
  ])[] = [
    ['a verb that is not allowed', ['profile', { ...ONE, profile: 'deep' }], 'access.request'],
    ['a verb that there is not', ['reboot', ONE], 'usage.unsupported'],
    ['what is no request', ['diagnose', { transaction: 't1' }], 'usage.argument'],
    ['what has expired', ['diagnose', { ...ONE, expires: '2026-11-23T11:59:59Z' }], 'usage.argument'],
    [
      'a response topic of other boxes',
      ['diagnose', ONE, { responseTopic: 'apparenet/attic/status' }],
      'usage.argument',
    ],
  ];
  for (const [what, [verb, payload, more], code] of REFUSED) {
    test(`refuses ${what}, and says so to who asked`, () => {
      const { ask, begun, takeAnswers: take } = openDesk('refused.json');
      assert.equal(ask(verb, payload, more), true);
      assert.equal(begun.length, 0);
      const [answer, ...others] = take();
      assert.deepEqual(others, []);
      assert.equal(answer?.topic, `apparenet/hall/response/${verb}`);
      const { transaction, status, code: told, reason } = answer.told;
      assert.deepEqual([transaction, status, told], ['t1', 'refused', code]);
      assert.ok(typeof reason === 'string' && reason.length > 10);
    });
  }

  test('refuses what cannot be begun, and tells what failed', async () => {
    const busy = openDesk('busy.json', {}, new DeviceError('device.busy', '12 examinations wait already'));
    busy.ask('diagnose', ONE);
    assert.deepEqual(
      busy.takeAnswers().map(({ told }) => [told['status'], told['code']]),
      [['refused', 'device.busy']],
    );
    const { ask, begun, takeAnswers: take } = openDesk('failed.json');
    ask('diagnose', ONE);
    begun[0]?.fail(new DeviceError('device.route', 'no route'));
    await settle();
    assert.deepEqual(take().at(-1)?.told['code'], 'device.route');
  });

  test('ignores what is retained, says so once, and leaves alone what is no request', () => {
    const { desk, ask, begun, troubles, takeAnswers: take } = openDesk('retained.json');
    ask('diagnose', ONE, { isRetained: true });
    ask('diagnose', ONE, { isRetained: true });
    assert.deepEqual([begun.length, take().length, troubles.length], [0, 0, 1]);
    const payload = Buffer.from(JSON.stringify(ONE));
    for (const topic of [
      'homeassistant/status',
      'apparenet/attic/request/diagnose',
      'apparenet/hall/request/DIAGNOSE ',
    ])
      assert.equal(desk.take({ topic, payload, isRetained: false }), false, topic);
    assert.deepEqual([begun.length, take().length], [0, 0]);
  });

  test('answers on the response topic of MQTT 5, with its correlation data, as often as it is asked', () => {
    const { ask, takeAnswers: take } = openDesk('five.json');
    const correlation = Buffer.from([0, 255, 7]);
    ask('diagnose', ONE, { responseTopic: 'replies/me', correlation });
    ask('diagnose', ONE);
    const [first, second] = take();
    assert.deepEqual([first?.topic, first?.message.correlation], ['replies/me', correlation]);
    assert.deepEqual([second?.topic, second?.message.correlation], ['apparenet/hall/response/diagnose', undefined]);
  });

  test('what nobody fetches does not grow for ever', () => {
    const { ask, takeAnswers: take } = openDesk('flood.json');
    for (let i = 0; i < 2000; i += 1) ask('diagnose', { transaction: `t${i}` });
    assert.equal(take().length, 256);
  });
});
