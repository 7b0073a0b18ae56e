// Whatever stands in a trace, the examination ends, throws nothing, and its report fits the schema.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import type { Trace } from '../../../src/model/trace.js';
import { PATH, REQUEST } from './asked.js';
import { assertValidReport } from './report-schema.js';

const MOST_STEPS = 60;
const anyNumber = fc.oneof(
  fc.double(),
  fc.integer({ min: 0, max: 1e9 }),
  fc.constantFrom(NaN, Infinity, -Infinity, 0, -1, 1e308, -1e308),
);
const column = fc.array(anyNumber, { maxLength: 40 }).map((values) => Float64Array.from(values));
const whole = (max: number) => fc.array(fc.integer({ min: 0, max }), { maxLength: 40 });
const source = fc.constantFrom('hardware', 'kernel', 'user');

/** Columns of any length and content; `count` need not fit them. */
const anyTrace: fc.Arbitrary<Trace> = fc.record({
  sequenceId: fc.constantFrom('reach', 'delay', 'train-load-1', ''),
  clock: fc.constantFrom('wall', 'phc', 'virtual'),
  stamps: fc.record({ tx: source, rx: source, far: fc.option(source) }),
  baseNs: fc.bigInt(),
  farBaseNs: fc.bigInt(),
  count: fc.nat(40),
  sizeBytes: whole(65_535).map((values) => Uint16Array.from(values)),
  burst: whole(3).map((values) => Uint32Array.from(values)),
  position: whole(40).map((values) => Uint32Array.from(values)),
  plannedOffsetNs: column,
  txOffsetNs: column,
  farRxOffsetNs: column,
  farTxOffsetNs: column,
  rxOffsetNs: column,
  replySizeBytes: whole(65_535).map((values) => Uint16Array.from(values)),
  arrival: whole(40).map((values) => Int32Array.from(values)),
  duplicates: whole(5).map((values) => Uint16Array.from(values)),
  farSequence: column,
  replyTtl: whole(255).map((values) => Uint8Array.from(values)),
  flags: whole(1023).map((values) => Uint16Array.from(values)),
  trafficClass: whole(255).map((values) => Uint8Array.from(values)),
  farTrafficClass: whole(255).map((values) => Int16Array.from(values, (value) => value - 1)),
  replyTrafficClass: whole(255).map((values) => Int16Array.from(values, (value) => value - 1)),
  flow: whole(1).map((values) => Uint8Array.from(values)),
  farTrain: fc.option(
    fc.record({
      count: fc.nat(40),
      sizeBytes: whole(65_535).map((values) => Uint16Array.from(values)),
      burst: whole(3).map((values) => Uint32Array.from(values)),
      position: whole(40).map((values) => Uint32Array.from(values)),
      plannedOffsetNs: column,
      isSent: whole(1).map((values) => Uint8Array.from(values)),
      farTxOffsetNs: column,
      rxOffsetNs: column,
    }),
  ),
  portBytes: fc.option(fc.record({ sent: fc.nat(), received: fc.nat(), durationNs: anyNumber })),
  cost: fc.record({ packets: fc.nat(1000), bytes: fc.nat(1e6) }),
  receiveOverflows: fc.nat(50),
  clockStepNs: fc.oneof(fc.constant(0), anyNumber),
  messages: fc.constant([]),
  interrupted: fc.boolean(),
});

describe('any trace', () => {
  it('leads to a valid report', () => {
    fc.assert(
      fc.property(fc.array(anyTrace, { minLength: 1, maxLength: 8 }), fc.nat(2 ** 31), (traces, seed) => {
        const examination = startExamination({ ...REQUEST, seed }, PATH, { packets: 0, bytes: 0 });
        let trace: Trace | null = null;
        for (let step = 0; step < MOST_STEPS; step += 1) {
          const next = examination.next({ elapsedNs: step * 1e8, trace });
          if (next.kind === 'done') {
            assertValidReport(next.report);
            assertValidReport(examination.interrupt(1e9, 'asked to'));
            return;
          }
          assert.ok(next.sequence.lingerNs >= 0 && next.budget.maxBytes >= 0);
          trace = traces[step % traces.length] ?? null;
        }
        assert.fail(`no report after ${MOST_STEPS} steps`);
      }),
      { numRuns: 400 },
    );
  });
});
