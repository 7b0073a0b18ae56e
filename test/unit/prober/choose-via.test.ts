// The choice of the way to a target, over tries that are scripted: real kinds of probe, no packets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceError, UsageError } from '../../../src/model/errors.js';
import type { ViaChoice } from '../../../src/model/path.js';
import { TRACE_FLAG, type Trace } from '../../../src/model/trace.js';
import { createBlankTrace } from '../../../src/prober/native/blank-trace.js';
import { chooseKind, fallbackKind, type TryKind } from '../../../src/prober/native/choose-via.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import { createHop } from './far-end.js';

const HOP = createHop(4);
const STAMPS = ['STAMP on udp/3237', 'STAMP on udp/862'];
const SYN = 'TCP SYN to port 443';
const CLOSED_PORT = 'UDP to the closed port 33434';

type Behaviour = 'answers' | 'silent' | 'fails';

/** Tries that behave as told by label; every kind's end and every stopped try is written down. */
class ScriptedTries {
  readonly tried: string[] = [];
  readonly closed: string[] = [];
  readonly stopped: string[] = [];
  constructor(private readonly behaviour: Readonly<Record<string, Behaviour>>) {}

  readonly tryKind: TryKind = async (kind, sequence, { signal, budget }) => {
    const { label } = kind;
    const close = kind.close.bind(kind);
    this.tried.push(label);
    Object.assign(kind, {
      close: () => {
        this.closed.push(label);
        close();
      },
    });
    const schedule = planSchedule(sequence);
    assert.ok(schedule.count <= budget.maxPackets);
    const does = this.behaviour[label] ?? 'silent';
    // The silent end with their linger, or when they are stopped.
    if (does !== 'answers') await new Promise((resolve) => setTimeout(resolve, 20));
    if (signal.aborted) this.stopped.push(label);
    if (does === 'fails') throw new DeviceError('device.gone', 'port np went away');
    const trace = createBlankTrace(sequence.id, schedule, 0n);
    trace.flags.fill(TRACE_FLAG.sent | (does === 'answers' ? TRACE_FLAG.answered : 0));
    return { ...trace, cost: { packets: 3, bytes: 300 } } satisfies Trace;
  };

  async choose(via: ViaChoice, signal = new AbortController().signal): ReturnType<typeof chooseKind> {
    return chooseKind(via, HOP, this.tryKind, signal);
  }
}

test('the best that answers is taken; the others are stopped, closed and paid for', async () => {
  const tries = new ScriptedTries({ 'STAMP on udp/3237': 'answers', 'ICMP echo': 'answers' });
  const { kind, trace, cost, silent } = await tries.choose('auto');
  assert.equal(kind.label, 'STAMP on udp/3237');
  assert.equal(trace?.count, 3);
  assert.deepEqual(cost, { packets: 9, bytes: 900 });
  assert.deepEqual(silent, []);
  assert.deepEqual(tries.closed, ['STAMP on udp/862', 'ICMP echo']);
  assert.ok(tries.stopped.includes('STAMP on udp/862'));
  kind.close();
});

test('echo stands in for STAMP, and no SYN is sent to a host that echoes', async () => {
  const tries = new ScriptedTries({ 'ICMP echo': 'answers' });
  const { kind, silent } = await tries.choose('auto');
  assert.equal(kind.via, 'icmp');
  assert.deepEqual(silent, STAMPS);
  assert.deepEqual(tries.tried, [...STAMPS, 'ICMP echo']);
});

test('where echo is filtered the SYN goes before the closed port, which answers seldom', async () => {
  const tries = new ScriptedTries({ [SYN]: 'answers', [CLOSED_PORT]: 'answers' });
  const { kind, silent, cost } = await tries.choose('auto');
  assert.equal(kind.via, 'tcp');
  assert.deepEqual(silent, [...STAMPS, 'ICMP echo']);
  assert.equal(cost.packets, 15);
  const closedPortOnly = await new ScriptedTries({ [CLOSED_PORT]: 'answers' }).choose('auto');
  assert.equal(closedPortOnly.kind.via, 'udp');
  closedPortOnly.kind.close();
});

test('where nothing answers echo stands, and everything tried is told', async () => {
  const tries = new ScriptedTries({});
  const { kind, trace, silent } = await tries.choose('auto');
  assert.equal(kind.via, 'icmp');
  assert.equal(trace, null);
  assert.deepEqual(silent, [...STAMPS, 'ICMP echo', SYN, CLOSED_PORT]);
  assert.deepEqual(tries.closed.toSorted(), silent.toSorted());
});

test('a named way is the only one tried, and stands without an answer', async () => {
  for (const via of ['icmp', 'udp', 'tcp', 'stamp'] as const) {
    const tries = new ScriptedTries({});
    const { kind } = await tries.choose(via);
    assert.equal(kind.via, via);
    assert.equal(tries.tried.length, via === 'stamp' ? 2 : 1);
    kind.close();
  }
});

test('a port that fails under the tries is one error; no try is left running, no kind open', async () => {
  const tries = new ScriptedTries({ [STAMPS[0] ?? '']: 'fails', [STAMPS[1] ?? '']: 'fails', 'ICMP echo': 'fails' });
  // A rejection that nobody hears would end this process.
  await assert.rejects(tries.choose('auto'), DeviceError);
  assert.deepEqual(tries.closed, [...STAMPS, 'ICMP echo']);
});

test('a try that fails after a better one has answered changes nothing', async () => {
  const { kind, cost } = await new ScriptedTries({ 'STAMP on udp/3237': 'answers', 'ICMP echo': 'fails' }).choose(
    'auto',
  );
  assert.equal(kind.label, 'STAMP on udp/3237');
  assert.deepEqual(cost, { packets: 6, bytes: 600 });
  kind.close();
});

test('tps is refused with the ways that there are', async () => {
  await assert.rejects(new ScriptedTries({}).choose('tps'), (error: Error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /auto, stamp, icmp, udp, tcp/);
    return true;
  });
});

test('what is used without a try is what was named, or echo', () => {
  for (const via of ['auto', 'icmp', 'udp', 'tcp', 'stamp'] as const) {
    const kind = fallbackKind(via, HOP);
    assert.equal(kind.via, via === 'auto' ? 'icmp' : via);
    kind.close();
  }
});
