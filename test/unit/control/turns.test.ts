import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CanceledError } from '../../../src/model/errors.js';
import { Turns } from '../../../src/sequencer/control/turns.js';

const NEVER = new AbortController().signal;
const ignore = () => undefined;

test('one at a time, first come first served, and each waiter hears how many come before', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const take = async (name: string) => {
    const end = await turns.take('eth0', NEVER, (ahead) => log.push(`${name} behind ${ahead}`));
    log.push(`${name} has it`);
    return end;
  };
  const endA = await take('a');
  const [b, c] = [take('b'), take('c')];
  assert.equal(turns.countWaiting('eth0'), 2);
  endA();
  (await b)();
  (await c)();
  assert.deepEqual(log, ['a has it', 'b behind 1', 'c behind 2', 'c behind 1', 'b has it', 'c has it']);
  assert.equal(turns.countWaiting('eth0'), 0);
});

test('each waiter hears who has the turn', async () => {
  const turns = new Turns();
  const heard: unknown[] = [];
  const endA = await turns.take('eth0', NEVER, ignore, '192.0.2.1');
  const b = turns.take('eth0', NEVER, ignore);
  const c = turns.take('eth0', NEVER, (...said) => heard.push(said), '192.0.2.3');
  endA();
  (await b)();
  (await c)();
  assert.deepEqual(heard, [
    [2, '192.0.2.1'],
    [1, null],
  ]);
});

test('ports do not wait for each other', async () => {
  const turns = new Turns();
  await turns.take('eth0', NEVER, ignore);
  await turns.take('eth1', NEVER, () => assert.fail('eth1 was free'));
});

test('two who queue again and again alternate', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const work = async (name: string) => {
    for (let round = 0; round < 3; round += 1) {
      const end = await turns.take('eth0', NEVER, ignore);
      order.push(name);
      await Promise.resolve();
      end();
    }
  };
  await Promise.all([work('a'), work('b')]);
  assert.equal(order.join(''), 'ababab');
});

test('who stops waiting leaves the line, and those behind move up', async () => {
  const turns = new Turns();
  const end = await turns.take('eth0', NEVER, ignore);
  const controller = new AbortController();
  const leaving = turns.take('eth0', controller.signal, ignore);
  const heard: number[] = [];
  const staying = turns.take('eth0', NEVER, (ahead) => heard.push(ahead));
  controller.abort();
  await assert.rejects(leaving, CanceledError);
  end();
  await staying;
  assert.deepEqual(heard, [2, 1]);
  await assert.rejects(turns.take('eth1', AbortSignal.abort(), ignore), CanceledError);
});

test('ending a turn twice does not end that of the next one', async () => {
  const turns = new Turns();
  const endA = await turns.take('eth0', NEVER, ignore);
  const b = turns.take('eth0', NEVER, ignore);
  endA();
  await b;
  endA();
  let thirdHasIt = false;
  void turns.take('eth0', NEVER, ignore).then(() => (thirdHasIt = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(thirdHasIt, false);
});
