// The state machine: what it asks for, when it ends, what it may spend, what it says of odd traces.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { QUANTITIES } from '../../../src/model/examination.js';
import type { ExaminationRequest } from '../../../src/model/examination.js';
import type { PathDescription } from '../../../src/model/path.js';
import type { Report } from '../../../src/model/report.js';
import type { Sequence } from '../../../src/model/sequence.js';
import { TRACE_FLAG } from '../../../src/model/trace.js';
import type { Trace } from '../../../src/model/trace.js';
import { checkBudget } from '../../../src/sequencer/budget.js';
import { planSchedule } from '../../../src/sequencer/schedule.js';
import { PATH, REQUEST } from './asked.js';
import { buildTrace } from './built-trace.js';
import type { BuiltRow } from './built-trace.js';
import { assertValidReport } from './report-schema.js';

interface Asked {
  readonly request?: Partial<ExaminationRequest>;
  readonly path?: Partial<PathDescription>;
  readonly answer: (sequence: Sequence, rows: BuiltRow[]) => Trace;
}

/** Runs an examination whose every sequence takes its planned time and linger, and is answered by `answer`. */
function examine({ request = {}, path = {}, answer }: Asked) {
  const examination = startExamination({ ...REQUEST, ...request }, { ...PATH, ...path }, { packets: 2, bytes: 84 });
  const sequences: Sequence[] = [];
  let elapsedNs = 0;
  let trace: Trace | null = null;
  for (;;) {
    const step = examination.next({ elapsedNs, trace });
    if (step.kind === 'done') {
      assertValidReport(step.report);
      return { report: step.report, sequences };
    }
    const cost = checkBudget(step.sequence, step.budget);
    const schedule = planSchedule(step.sequence);
    const rows = Array.from({ length: schedule.count }, (_, i) => ({
      sizeBytes: schedule.sizeBytes[i] ?? 0,
      plannedNs: schedule.offsetNs[i] ?? 0,
      burst: schedule.burst[i] ?? 0,
    }));
    sequences.push(step.sequence);
    trace = { ...answer(step.sequence, rows), cost };
    elapsedNs += (schedule.offsetNs[schedule.count - 1] ?? 0) + step.sequence.lingerNs;
  }
}

const SPACINGS = ['spacing-0us', 'spacing-50us', 'spacing-250us'];
const silent = (_: Sequence, rows: BuiltRow[]): Trace => buildTrace(rows.map((row) => ({ ...row, lost: true })));
/** A 50 Mb/s path without noise, with a queue of 60 ms. */
const healthy = ({ id }: Sequence, rows: BuiltRow[]): Trace => {
  let freeNs = 0;
  const passed = rows.map((row) => {
    if (freeNs - (row.plannedNs ?? 0) > 60e6) return { ...row, lost: true };
    freeNs = Math.max(freeNs, row.plannedNs ?? 0) + ((row.sizeBytes ?? 0) + 14) * 160;
    return { ...row, rxNs: freeNs + 200_000 };
  });
  return buildTrace(passed, { sequenceId: id });
};
const lossOf = (report: Report) => report.estimates.loss.roundTrip;

describe('an examination', () => {
  it('ends with a full report on a healthy path', () => {
    const { report, sequences } = examine({ answer: healthy });
    assert.equal(report.verdict, 'ok');
    assert.deepEqual(report.findings, []);
    assert.match(report.summary, /^No fault found: 50\.0 Mb\/s, 0\.22 ms, no loss in 424 packets$/);
    assert.deepEqual(
      sequences
        .map(({ id }) => id.replace(/^(stream-[a-z]+|train-load)-\d$/, '$1'))
        .filter((id, i, ids) => id !== ids[i - 1]),
      [
        ...[
          'reach',
          'delay',
          'mtu',
          'train-first',
          'sizes',
          'classes',
          ...SPACINGS,
          'two-way',
          'train-mixture',
          'train-load',
        ],
        ...['stream-fast', 'stream-near'],
      ],
    );
    const available = report.estimates.available.forward;
    assert.ok(available !== null && available.high >= 50e6 && available.low > 45e6, JSON.stringify(available));
    assert.ok((report.estimates.utilization.forward?.low ?? 1) === 0);
    assert.ok((lossOf(report)?.high ?? 1) < 0.01);
    assert.ok(Math.abs((report.estimates.propagation?.value ?? 0) - 200_000) < 1);
    assert.ok(Math.abs((report.estimates.serialisation?.value ?? 0) - 160) < 0.01);
  });

  it('measures 100 % loss, names it, and takes less than ten seconds', () => {
    const { report, sequences } = examine({ answer: silent });
    assert.equal(lossOf(report)?.value, 1);
    assert.equal(lossOf(report)?.samples, 18);
    assert.equal(report.verdict, 'critical');
    assert.equal(report.findings[0]?.condition, 'unreachable');
    assert.equal(report.summary, 'Unreachable: none of 18 packets to 10.0.0.2 was answered');
    assert.equal(sequences.length, 2);
    assert.ok(report.durationMs < 5_000, `${report.durationMs} ms`);
    assert.equal(report.estimates.capacity.forward, null);
    assert.equal(report.estimates.rtt, null);
  });

  it('says where packets end: no link, no neighbour, a refusing router', () => {
    const whereOf = (path: Partial<PathDescription>, answer = silent) => examine({ path, answer }).report.findings[0];
    assert.equal(whereOf({ port: { ...PATH.port, linkUp: false } })?.where.kind, 'probe');
    assert.equal(whereOf({ nextHop: { address: '10.0.0.1', resolved: false } })?.where.address, '10.0.0.1');
    const noNeighbour = (_: Sequence, rows: BuiltRow[]) =>
      buildTrace(rows.map((row) => ({ ...row, lost: true, flags: TRACE_FLAG.noNeighbour })));
    assert.equal(whereOf({}, noNeighbour)?.where.kind, 'first-hop');
    assert.match(
      whereOf({}, noNeighbour)?.evidence[0]?.text ?? '',
      /could leave: 10\.0\.0\.\d+ did not answer address/,
    );
    const refused = (sequence: Sequence, rows: BuiltRow[], code = 1): Trace => ({
      ...silent(sequence, rows),
      messages: [{ kind: 'unreachable', code, from: '10.9.9.9', mtuBytes: null, count: rows.length }],
    });
    assert.deepEqual(whereOf({}, refused)?.where, { kind: 'hop', address: '10.9.9.9' });
    const adviceOn = (code: number) => whereOf({}, (sequence, rows) => refused(sequence, rows, code))?.advice ?? '';
    assert.match(adviceOn(0), /the routes of 10\.9\.9\.9/);
    assert.match(adviceOn(1), /10\.0\.0\.2 is on/);
    assert.match(adviceOn(13), /the filters of 10\.9\.9\.9/);
    assert.match(adviceOn(3), /10\.9\.9\.9 is there/);
    const said = { kind: 'unreachable', code: 13, from: '10.9.9.9', mtuBytes: null, count: 1 } as const;
    const opened = whereOf({ messages: [said, said] });
    assert.deepEqual(opened?.where, { kind: 'hop', address: '10.9.9.9' });
    assert.match(opened.evidence[1]?.text ?? '', /2 times: a filter prohibits it/);
  });

  it('asks again before it calls a target unreachable', () => {
    const late = (sequence: Sequence, rows: BuiltRow[]) => (sequence.id === 'reach' ? silent : healthy)(sequence, rows);
    const { report } = examine({ answer: late });
    assert.notEqual(report.findings[0]?.condition, 'unreachable');
    assert.equal(report.estimates.lossRuns?.maxLength, 6);
  });

  it('sends more where packets are lost', () => {
    const lossy = (sequence: Sequence, rows: BuiltRow[]) => {
      const trace = healthy(sequence, rows);
      return buildTrace(rows.map((row, i) => ({ ...row, rxNs: trace.rxOffsetNs[i] ?? 0, lost: i % 25 === 24 })));
    };
    const { report, sequences } = examine({ answer: lossy });
    assert.ok(sequences.some(({ id }) => id === 'delay-more'));
    assert.equal(report.verdict, 'critical');
    assert.equal(report.findings[0]?.condition, 'random-loss');
    assert.match(report.summary, /^\d\.\d % of packets are lost at random; 50\.0 Mb\/s, 0\.2\d ms$/);
  });

  it('never plans beyond its bytes and seconds, whatever they are', () => {
    for (const depth of ['quick', 'normal', 'deep'] as const) {
      for (const maxBytes of [0, 500, 5_000, 60_000, 400_000, 5e6]) {
        for (const maxSeconds of [0, 0.5, 2, 6, 60]) {
          const { report } = examine({ request: { depth, maxBytes, maxSeconds }, answer: healthy });
          assert.ok(report.cost.bytes <= Math.max(84, maxBytes), `${depth} ${maxBytes} B: ${report.cost.bytes}`);
          assert.ok(report.durationMs <= 1000 * maxSeconds, `${depth} ${maxSeconds} s: ${report.durationMs} ms`);
        }
      }
    }
  });

  it('stays within its depth', () => {
    for (const [depth, seconds, bytes] of [
      ['quick', 4, 1e6],
      ['normal', 15, 5e6],
      ['deep', 60, 20e6],
    ] as const) {
      const { report } = examine({ request: { depth, maxSeconds: 1e9, maxBytes: 1e12 }, answer: healthy });
      assert.ok(report.durationMs <= seconds * 1000 && report.cost.bytes <= bytes, `${depth}: ${report.durationMs} ms`);
      assert.notEqual(report.estimates.capacity.forward, null);
    }
  });

  it('measures any one quantity by itself', () => {
    const phases = (quantity: ExaminationRequest['quantity']) =>
      examine({ request: { quantity }, answer: healthy }).sequences.map(({ id }) => id);
    assert.deepEqual(phases('loss'), ['reach', 'delay', 'spacing-0us', 'spacing-50us', 'spacing-250us']);
    assert.deepEqual(phases('capacity'), ['reach', 'train-first', 'train-load-1']);
    for (const quantity of QUANTITIES) assert.ok(phases(quantity).length > 1, quantity);
  });

  it('spares a target that limits itself', () => {
    const { report, sequences } = examine({ path: { maxProbesPerSec: 10 }, answer: healthy });
    assert.ok(sequences.every(({ pattern }) => pattern.kind !== 'train'));
    assert.ok(sequences.every(({ pattern }) => pattern.kind !== 'isochronous' || pattern.intervalNs >= 0.1e9));
    assert.match(report.limits.join(), /limits itself to 10 answers a second/);
  });

  it('tells what it left out for want of bytes', () => {
    const { report } = examine({ request: { maxBytes: 60_000 }, answer: healthy });
    assert.match(report.limits.join(), /lasting capacity was not measured/);
    assert.equal(report.verdict, 'ok');
  });

  it('uses no stamps of a stepped clock, and says so', () => {
    const stepped = (sequence: Sequence, rows: BuiltRow[]) => ({ ...healthy(sequence, rows), clockStepNs: 5e6 });
    const { report } = examine({ answer: stepped });
    assert.equal(report.estimates.rtt, null);
    assert.equal(report.estimates.capacity.forward, null);
    assert.equal(lossOf(report)?.value, 0);
    assert.match(report.limits.join(), /clock was stepped/);
    assert.equal(report.findings[0]?.condition, 'probe-limited');
  });

  it('ends with what it knows when a run was interrupted', () => {
    const cut = (sequence: Sequence, rows: BuiltRow[]) => {
      const trace = healthy(sequence, rows);
      return sequence.id === 'delay' ? { ...trace, interrupted: true } : trace;
    };
    const { report, sequences } = examine({ answer: cut });
    assert.equal(sequences.length, 2);
    assert.notEqual(report.estimates.rtt, null);
    assert.match(report.limits.join(), /interrupted/);
    assert.doesNotMatch(report.limits.join(), /too few/);
  });

  it('judges no path by fewer than five packets', () => {
    const answerAtMost = (answered: number) => {
      const path = { maxProbesPerSec: 1 };
      const answer = (sequence: Sequence, rows: BuiltRow[]) =>
        buildTrace(rows.map((row, i) => ({ ...row, rxNs: (row.plannedNs ?? 0) + 31_000, lost: i >= answered })));
      return examine({ path, request: { maxSeconds: 3, depth: 'quick' }, answer }).report;
    };
    const whole = answerAtMost(Infinity);
    assert.equal(whole.verdict, 'unknown');
    assert.match(whole.summary, /^Too few packets to judge the path: 31\.0 µs, no loss in \d packets?$/);
    assert.match(whole.limits.join(), /limits itself to 1 answer a second/);
    const half = answerAtMost(1);
    assert.deepEqual([half.verdict, half.findings], ['unknown', []]);
  });

  it('tells of replies without stamps where they are so many that a figure moves', () => {
    const without = (nth: number) => {
      const answer = (sequence: Sequence, rows: BuiltRow[]) => {
        const trace = healthy(sequence, rows);
        const blank = trace.rxOffsetNs.map((rxNs, i) => (i % nth === 0 ? Number.NaN : rxNs));
        return { ...trace, rxOffsetNs: blank };
      };
      return examine({ answer }).report.limits.join();
    };
    assert.match(without(10), /without a usable pair of stamps, which count for loss only: \d+/);
    assert.doesNotMatch(without(100), /usable pair of stamps/);
  });

  it('says that it was allowed too little to send anything', () => {
    const { report } = examine({ request: { maxBytes: 1_000 }, answer: healthy });
    assert.equal(report.verdict, 'unknown');
    assert.match(report.limits.join(), /too few to send anything/);
  });

  it('reports unknown where nothing could be sent', () => {
    const refused = (_: Sequence, rows: BuiltRow[]) =>
      buildTrace(rows.map((row) => ({ ...row, lost: true, flags: TRACE_FLAG.localDrop })));
    const { report } = examine({ answer: refused });
    assert.equal(report.verdict, 'unknown');
    assert.equal(lossOf(report), null);
    assert.match(report.limits.join(), /refused by the local send queue, .*: 18/);
  });
});
