// Columns of the engine and frames of the far end -> a trace: what is matched, what is not believed, and which stamps are used.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TX_STATUS, type RunResult } from '../../../device/nic/native-port.js';
import { countsAsSent, isAnswered, TRACE_FLAG, type Trace } from '../../../src/model/trace.js';
import { parseAddress } from '../../../src/packet/address.js';
import { STAMP_PORTS } from '../../../src/packet/stamp.js';
import { collectTrace } from '../../../src/prober/native/collect-trace.js';
import { createIcmpKind } from '../../../src/prober/native/icmp-kind.js';
import { judgeQueueKinds, NO_OWN_QUEUE } from '../../../src/prober/native/own-queue.js';
import type { ProbeKind } from '../../../src/prober/native/probe-kind.js';
import { createStampKind } from '../../../src/prober/native/stamp-kind.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import { answerEcho, answerStamp, complain, createHop, encodeRow } from './far-end.js';
import { BASE_HARDWARE_NS, BASE_WALL_NS, createResult, type CameFrame, type ResultShape } from './run-result.js';

const HOP = createHop(4);
const MS = 1e6;
const INTERVAL_NS = 10 * MS;
const UNREACHABLE = { type: 3, code: 1 };

/** A run of `count` probes, one each 10 ms; echoes unless another kind is given. */
class Run {
  constructor(
    readonly count: number,
    readonly kind: ProbeKind = createIcmpKind(HOP),
  ) {
    this.kind.beginRun(count);
  }

  /** The reply to `row`, `rttNs` after it was sent. */
  reply(row: number, rttNs = 2 * MS): CameFrame {
    return { bytes: answerEcho(encodeRow(this.kind, HOP, row)), atNs: row * INTERVAL_NS + rttNs };
  }

  error(row: number, message: Parameters<typeof complain>[1] = UNREACHABLE): CameFrame {
    return { bytes: complain(encodeRow(this.kind, HOP, row), message), atNs: row * INTERVAL_NS + MS };
  }

  sent(): { atNs: number }[] {
    return Array.from({ length: this.count }, (_, row) => ({ atNs: row * INTERVAL_NS }));
  }

  /** `result` of the engine as a trace; the engine was told to end after as many frames as packets. */
  collect(shape: Partial<ResultShape>, expectFrames = this.count): Trace {
    const result = createResult({ sent: this.sent(), came: [], ...shape });
    return this.collectResult(result, expectFrames);
  }

  collectResult(result: RunResult, expectFrames = this.count, ownQueue = NO_OWN_QUEUE): Trace {
    const pattern = { kind: 'isochronous', count: this.count, intervalNs: INTERVAL_NS, sizeBytes: 120 } as const;
    const sequence = { id: 'run', pattern, dscp: 0, dontFragment: true, lingerNs: 1000 * MS };
    return collectTrace({
      sequenceId: sequence.id,
      schedule: planSchedule(sequence),
      lingerNs: sequence.lingerNs,
      result,
      expectFrames,
      kind: this.kind,
      hasFarTrain: false,
      linkLayer: 'ethernet',
      stampPorts: STAMP_PORTS,
      resolutionCost: { packets: 1, bytes: 42 },
      ownQueue,
    });
  }
}

const rowsWith = (trace: Trace, flag: number): number[] =>
  [...trace.flags].flatMap((flags, row) => ((flags & flag) !== 0 ? [row] : []));
const answeredRows = (trace: Trace): number[] => rowsWith(trace, TRACE_FLAG.answered);
const lostRows = (trace: Trace): number[] =>
  Array.from({ length: trace.count }, (_, row) => row).filter(
    (row) => countsAsSent(trace, row) && !isAnswered(trace, row),
  );

describe('replies', () => {
  test('fill their rows, in order of arrival; the cost includes the question for the neighbour', () => {
    const run = new Run(3);
    const trace = run.collect({ came: [run.reply(1), run.reply(0, 15 * MS), run.reply(2)] });
    assert.deepEqual(answeredRows(trace), [0, 1, 2]);
    assert.deepEqual([...trace.arrival], [1, 0, 2]);
    assert.deepEqual([...trace.txOffsetNs], [1_000, INTERVAL_NS + 1_000, 2 * INTERVAL_NS + 1_000]);
    assert.equal(trace.rxOffsetNs[1], INTERVAL_NS + 2 * MS - 1_000);
    assert.deepEqual([...trace.replySizeBytes], [120, 120, 120]);
    assert.deepEqual([...trace.replyTtl], [60, 60, 60]);
    assert.deepEqual(trace.cost, { packets: 4, bytes: 42 + 3 * 134 });
    assert.deepEqual([trace.baseNs, trace.clock, trace.interrupted], [BASE_WALL_NS, 'wall', false]);
  });

  test('that come again are counted, and the first one stands', () => {
    const run = new Run(2);
    const trace = run.collect({ came: [run.reply(0), run.reply(0, 3 * MS), run.reply(1), run.reply(0, 20 * MS)] });
    assert.deepEqual([...trace.duplicates], [2, 0]);
    assert.equal(trace.rxOffsetNs[0], 2 * MS - 1_000);
    assert.deepEqual([...trace.arrival], [0, 1]);
  });

  test('to packets that were never sent are not believed', () => {
    const run = new Run(4);
    const statuses = [TX_STATUS.sent, TX_STATUS.noBuffers, TX_STATUS.failed, TX_STATUS.canceled];
    const sent = statuses.map((status, row) => ({ status, atNs: row * INTERVAL_NS }));
    const trace = run.collect({ sent, came: [0, 1, 2, 3].map((row) => run.reply(row)), stop: 'canceled' });
    assert.deepEqual(answeredRows(trace), [0]);
    assert.deepEqual(rowsWith(trace, TRACE_FLAG.localDrop), [1, 2]);
    assert.deepEqual(rowsWith(trace, TRACE_FLAG.canceled), [3]);
    assert.deepEqual(lostRows(trace), []);
    assert.equal(trace.cost.packets, 2);
    assert.equal(trace.interrupted, true);
  });

  test('that are malformed, of another run, or of nobody are passed over', () => {
    const other = new Run(2);
    const run = new Run(2);
    const broken = { bytes: run.reply(0).bytes.subarray(0, 30), atNs: MS };
    const trace = run.collect({ came: [broken, other.reply(0), { bytes: new Uint8Array(64), atNs: MS }] }, 0);
    assert.deepEqual(lostRows(trace), [0, 1]);
    assert.deepEqual(trace.messages, []);
  });
});

describe('a queue of this machine', () => {
  const MOST_STAMPED = { kernel: 1, hardware: 1 };

  test('that holds packets back is a part of the path: T1 is taken before it, what it drops is lost', () => {
    const run = new Run(3);
    const statuses = [TX_STATUS.sent, TX_STATUS.noBuffers, TX_STATUS.failed];
    const sent = statuses.map((status, row) => ({ status, atNs: row * INTERVAL_NS }));
    const result = createResult({ sent, came: [run.reply(0)], stamps: MOST_STAMPED });
    const trace = run.collectResult(result, 3, judgeQueueKinds(['tbf']));
    assert.deepEqual([trace.stamps.tx, trace.stamps.rx, trace.clock], ['user', 'kernel', 'wall']);
    assert.equal(trace.txOffsetNs[0], 0);
    assert.deepEqual(lostRows(trace), [1]);
    assert.deepEqual(rowsWith(trace, TRACE_FLAG.localDrop), [2]);
    assert.equal(trace.cost.packets, 2);
  });

  test('that only polices changes no stamp, and what it drops is lost', () => {
    const run = new Run(2);
    const sent = [{ atNs: 0 }, { atNs: INTERVAL_NS, status: TX_STATUS.noBuffers }];
    const result = createResult({ sent, came: [run.reply(0)] });
    const trace = run.collectResult(result, 2, judgeQueueKinds(['noqueue', 'clsact']));
    assert.equal(trace.stamps.tx, 'kernel');
    assert.deepEqual(lostRows(trace), [1]);
  });
});

describe('marks', () => {
  test('of a reply that mirrors them are in its row', () => {
    const run = new Run(3);
    const marked = { bytes: answerEcho(encodeRow(run.kind, HOP, 1, { trafficClass: 0xb9 })), atNs: INTERVAL_NS + MS };
    const trace = run.collect({ came: [run.reply(0), marked] });
    assert.deepEqual([...trace.replyTrafficClass], [0, 0xb9, -1]);
    assert.deepEqual([...trace.farTrafficClass], [-1, -1, -1]);
  });

  test('as they came to the far end are in its row; a reply whose mark was refused tells nothing of the way back', (t) => {
    const kind = createStampKind(HOP, 3237);
    t.after(() => kind.close());
    const run = new Run(2, kind);
    const flags = { unrecognized: false, malformed: false, integrityFailed: false };
    const told = { kind: 'class-of-service', wantedDscp: 46, receivedDscp: 8, receivedEcn: 1, flags } as const;
    const came = [0, 1].map((row) => {
      const tlvs = [{ ...told, reversePath: row }];
      const reflection = { sequence: row, receivedNs: 1n, sentNs: 2n, tlvs };
      return { bytes: answerStamp(encodeRow(kind, HOP, row), reflection), atNs: row * INTERVAL_NS + MS };
    });
    const trace = run.collect({ came });
    assert.deepEqual([...trace.farTrafficClass], [33, 33]);
    assert.deepEqual([...trace.replyTrafficClass], [0, -1]);
  });
});

describe('error messages', () => {
  test('are counted by what they say and who says it, and mark their rows', () => {
    const run = new Run(3);
    const tooBig = { type: 3, code: 4, mtuBytes: 1_400 };
    const from = parseAddress('10.77.9.9').bytes;
    const came = [run.error(0), run.error(1), run.error(2, { ...tooBig, from })];
    const trace = run.collect({ came });
    assert.deepEqual(rowsWith(trace, TRACE_FLAG.errorReply), [0, 1, 2]);
    assert.deepEqual(lostRows(trace), [0, 1, 2]);
    assert.deepEqual(trace.messages, [
      { kind: 'unreachable', code: 1, from: '10.77.1.254', mtuBytes: null, count: 2 },
      { kind: 'packet-too-big', code: 4, from: '10.77.9.9', mtuBytes: 1_400, count: 1 },
    ]);
  });

  test('about packets of an earlier run count where they are as true of this one, and mark no row', () => {
    const run = new Run(2);
    const tooBig = { type: 3, code: 4, mtuBytes: 1_400 };
    const late = [run.error(0), run.error(1, tooBig)];
    const stranger = new Run(2).error(0);
    run.kind.beginRun(2);
    const trace = run.collect({ came: [...late, stranger] });
    assert.deepEqual(rowsWith(trace, TRACE_FLAG.errorReply), []);
    assert.deepEqual(trace.messages, [{ kind: 'unreachable', code: 1, from: '10.77.1.254', mtuBytes: null, count: 1 }]);
  });

  test('beside a reply leave it a reply, whichever came first', () => {
    const run = new Run(2);
    const trace = run.collect({ came: [run.reply(0), run.error(0), run.error(1), run.reply(1)] });
    assert.deepEqual(answeredRows(trace), [0, 1]);
    assert.deepEqual(rowsWith(trace, TRACE_FLAG.errorReply), []);
    assert.equal(trace.messages[0]?.count, 2);
  });

  test('of a forger with ever new addresses do not fill the memory', () => {
    const run = new Run(1);
    const came = Array.from({ length: 1_000 }, (_, i) =>
      run.error(0, { ...UNREACHABLE, from: Uint8Array.of(10, 9, i >> 8, i & 0xff) }),
    );
    assert.equal(run.collect({ came }).messages.length, 256);
  });
});

describe('a run that ended because enough frames came', () => {
  test('does not call lost what was still on its way, since copies count as frames, too', () => {
    const run = new Run(10);
    // Each reply comes twice, 25 ms after its packet: the tenth frame comes with row 4, while rows 7-9 are on their way.
    const came = [0, 1, 2, 3, 4, 5, 6].flatMap((row) => [run.reply(row, 25 * MS), run.reply(row, 25 * MS)]);
    const trace = run.collect({ came });
    assert.deepEqual(rowsWith(trace, TRACE_FLAG.unheard), [7, 8, 9]);
    assert.deepEqual(lostRows(trace), []);
  });

  test('calls lost what was listened for long enough', () => {
    const run = new Run(10);
    const came = [0, 1, 3, 4, 5, 6].flatMap((row) => [run.reply(row, 25 * MS), run.reply(row, 25 * MS)]);
    assert.deepEqual(lostRows(run.collect({ came })), [2]);
  });

  test('calls nothing lost where no reply tells how long one takes', () => {
    const run = new Run(2);
    const foreign = new Run(2);
    const trace = run.collect({ came: [foreign.reply(0), foreign.reply(1)] });
    assert.deepEqual(rowsWith(trace, TRACE_FLAG.unheard), [0, 1]);
  });

  test('an error message settles its row', () => {
    const run = new Run(2);
    assert.deepEqual(lostRows(run.collect({ came: [run.error(0), run.error(1)] })), [0, 1]);
  });
});

test('a run that waited its whole linger calls lost what did not come', () => {
  const run = new Run(3);
  assert.deepEqual(lostRows(run.collect({ came: [run.reply(0)] })), [1, 2]);
  assert.deepEqual(lostRows(run.collect({ came: [run.reply(0), run.reply(0), run.reply(0)] }, 0)), [1, 2]);
});

test('a run that was stopped, or whose port went, calls lost only what was listened for long enough', () => {
  for (const stop of ['canceled', 'gone'] as const) {
    const run = new Run(10);
    // Row 2 is lost; when row 9 leaves, 25 ms are not over for rows 7-9.
    const came = [0, 1, 3, 4, 5, 6].map((row) => run.reply(row, 25 * MS));
    const trace = run.collect({ came, stop });
    assert.deepEqual(lostRows(trace), [2]);
    assert.deepEqual(rowsWith(trace, TRACE_FLAG.unheard), [7, 8, 9]);
    assert.deepEqual(lostRows(new Run(10).collect({ stop })), [], 'nothing told how long an answer takes');
  }
});

describe('stamps', () => {
  const collect = (kernel: number, hardware: number): Trace => {
    const run = new Run(10);
    const came = Array.from({ length: 10 }, (_, row) => run.reply(row));
    return run.collect({ came, stamps: { kernel, hardware } });
  };

  test('of the NIC are used where both directions have them, on its own clock', () => {
    const trace = collect(1, 1);
    assert.deepEqual(trace.stamps, { tx: 'hardware', rx: 'hardware', far: null });
    assert.deepEqual([trace.clock, trace.baseNs], ['phc', BASE_HARDWARE_NS]);
    assert.equal(trace.txOffsetNs[0], 2_000);
  });

  test('of the best source that nearly all packets have; the rows without one say so', () => {
    const trace = collect(0.9, 0.5);
    assert.deepEqual(trace.stamps, { tx: 'kernel', rx: 'kernel', far: null });
    assert.deepEqual([trace.clock, trace.baseNs], ['wall', BASE_WALL_NS]);
    assert.deepEqual(rowsWith(trace, TRACE_FLAG.noTxStamp), [9]);
    assert.deepEqual(rowsWith(trace, TRACE_FLAG.noRxStamp), [9]);
    assert.deepEqual(answeredRows(trace).length, 10);
  });

  test('of the engine where the kernel gives too few', () => {
    const trace = collect(0.8, 0);
    assert.deepEqual(trace.stamps, { tx: 'user', rx: 'user', far: null });
    assert.deepEqual([...trace.txOffsetNs].slice(0, 2), [0, INTERVAL_NS]);
  });

  test('of a silent target are still said to be the kernel’s', () => {
    assert.deepEqual(new Run(2).collect({}).stamps, { tx: 'kernel', rx: 'kernel', far: null });
  });
});

test('overflows and steps of the clock are told; jitter of reading two clocks is no step', () => {
  const run = new Run(1);
  const counters = { socketDrops: 2, ringOverflows: 3 };
  assert.equal(run.collect({ counters }).receiveOverflows, 5);
  assert.equal(run.collect({ clockStepNs: 15_000 }).clockStepNs, 0);
  assert.equal(run.collect({ clockStepNs: -2 * MS }).clockStepNs, -2 * MS);
});
