// The driver loop with a scripted examination over the simulated prober: what is handed to whom, and how it ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CanceledError, DeviceError, UsageError } from '../../../src/model/errors.js';
import type { Examination, ExaminationEvent, ExaminationRequest, StepInput } from '../../../src/model/examination.js';
import type { Prober } from '../../../src/model/path.js';
import type { Report } from '../../../src/model/report.js';
import type { Budget, Sequence } from '../../../src/model/sequence.js';
import { examine } from '../../../src/prober/examine.js';
import type { ExamineOptions } from '../../../src/prober/examine.js';
import { openSimulated } from '../../../src/prober/simulated/simulated-prober.js';
import type { SimulatedProber } from '../../../src/prober/simulated/simulated-prober.js';
import { findScenario } from '../../../src/simulator/scenarios.js';

const SEQUENCE: Sequence = {
  id: 'probe',
  pattern: { kind: 'isochronous', count: 100, intervalNs: 10_000_000, sizeBytes: 120 },
  dscp: 0,
  dontFragment: true,
  lingerNs: 1e9,
};
const AMPLE: Budget = { maxPackets: 1_000, maxBytes: 1_000_000 };
const REQUEST: ExaminationRequest = {
  id: 'TEST1',
  startedAt: '2026-01-01T00:00:00Z',
  depth: 'quick',
  quantity: null,
  maxSeconds: 15,
  maxBytes: 1_000_000,
  seed: 1,
};

/** Asks for `steps` runs, then reports; remembers what it was told. The report carries only its summary. */
class ScriptedExamination implements Examination {
  readonly plan = { most: { packets: 1e4, bytes: 1e6, seconds: 15 }, likely: { packets: 400, bytes: 1e5, seconds: 2 } };
  readonly inputs: StepInput[] = [];
  constructor(
    private readonly steps: number,
    private readonly budget = AMPLE,
  ) {}

  next(input: StepInput): ReturnType<Examination['next']> {
    this.inputs.push(input);
    if (this.inputs.length > this.steps) return { kind: 'done', report: summaryOnly('complete') };
    return { kind: 'run', sequence: SEQUENCE, budget: this.budget, phase: `step ${this.inputs.length}` };
  }

  interrupt(_elapsedNs: number, reason: string): Report {
    return summaryOnly(reason);
  }
}

const summaryOnly = (summary: string): Report => ({ summary }) as Report;

interface Rig extends ExamineOptions {
  readonly events: ExaminationEvent[];
  readonly examination: ScriptedExamination;
  readonly closed: () => boolean;
}

/** `wrap` may replace the prober's run. */
function assemble(
  examination: ScriptedExamination,
  wrap: (prober: SimulatedProber) => Prober['run'] = (prober) => prober.run.bind(prober),
): Rig {
  const simulated = openSimulated(findScenario('healthy'), 1);
  let closed = false;
  const prober: Prober = {
    path: simulated.path,
    openingCost: simulated.openingCost,
    run: wrap(simulated),
    close() {
      closed = true;
      return simulated.close();
    },
  };
  const events: ExaminationEvent[] = [];
  return {
    examination,
    events,
    closed: () => closed,
    open: () => Promise.resolve(prober),
    start: () => examination,
    request: REQUEST,
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    nowNs: () => simulated.elapsedNs(),
  };
}

test('each step gets the trace of the step before it and the virtual time; events tell the way', async () => {
  const rig = assemble(new ScriptedExamination(2));
  const report = await examine(rig);
  assert.equal(report.summary, 'complete');
  const { inputs } = rig.examination;
  assert.deepEqual(
    inputs.map(({ trace }) => trace?.count ?? null),
    [null, 100, 100],
  );
  assert.equal(inputs[0]?.elapsedNs, 0);
  // 99 intervals of 10 ms and a round trip each.
  assert.ok(Math.abs((inputs[2]?.elapsedNs ?? NaN) - 2 * 0.994e9) < 1e6, `${inputs[2]?.elapsedNs}`);
  const kinds = rig.events.map(({ kind }) => kind);
  assert.deepEqual(
    kinds.filter((kind) => kind !== 'progress'),
    ['opened', 'planned', 'phase', 'traced', 'phase', 'traced'],
  );
  assert.ok(kinds.includes('progress'));
  assert.ok(rig.closed());
});

test('an abort in a run hands over the partial trace and ends in a report of what is known', async () => {
  const controller = new AbortController();
  const rig = assemble(new ScriptedExamination(5));
  const report = await examine({
    ...rig,
    signal: controller.signal,
    onEvent: (event) => {
      if (event.kind === 'progress' && event.phase === 'step 2' && event.sent >= 50) controller.abort();
    },
  });
  assert.equal(report.summary, 'stopped on request');
  const last = rig.examination.inputs.at(-1)?.trace;
  assert.equal(rig.examination.inputs.length, 3);
  assert.equal(last?.interrupted, true);
  assert.ok(last.cost.packets >= 50 && last.cost.packets < 100, `${last.cost.packets} sent`);
  assert.ok(rig.closed());
});

test('an abort between runs does not start another one', async () => {
  const controller = new AbortController();
  const rig = assemble(new ScriptedExamination(5));
  const onEvent = ({ kind }: ExaminationEvent) => {
    if (kind === 'traced') controller.abort();
  };
  const report = await examine({ ...rig, signal: controller.signal, onEvent });
  assert.equal(report.summary, 'stopped on request');
  assert.equal(rig.examination.inputs.length, 2);
});

test('a port that fails in the second run ends the examination with its data and says why', async () => {
  let runs = 0;
  const rig = assemble(new ScriptedExamination(5), (prober) => (sequence, options) => {
    runs += 1;
    if (runs === 2) return Promise.reject(new DeviceError('device.gone', 'port eth7 vanished'));
    return prober.run(sequence, options);
  });
  assert.equal((await examine(rig)).summary, 'port eth7 vanished');
  assert.ok(rig.closed());
});

test('a port that stops in a run gives a partial trace, which is used; the report names the port', async () => {
  const rig = assemble(new ScriptedExamination(5), (prober) => async (sequence, options) => {
    const trace = await prober.run(sequence, options);
    return { ...trace, interrupted: true };
  });
  assert.match((await examine(rig)).summary, /^port sim0 stopped working/);
  assert.equal(rig.examination.inputs.at(-1)?.trace?.count, 100);
});

test('a prober that answers an abort with CanceledError ends in a report too', async () => {
  const controller = new AbortController();
  const rig = assemble(new ScriptedExamination(5), () => () => {
    controller.abort();
    return Promise.reject(new CanceledError());
  });
  assert.equal((await examine({ ...rig, signal: controller.signal })).summary, 'stopped on request');
});

test('what leaves nothing to report is thrown, and the prober is closed', async () => {
  const gone = new DeviceError('device.gone', 'port eth7 vanished');
  const first = assemble(new ScriptedExamination(5), () => () => Promise.reject(gone));
  await assert.rejects(examine(first), gone);
  assert.ok(first.closed());
  const tooSmall = assemble(new ScriptedExamination(5, { maxPackets: 99, maxBytes: 1e6 }));
  await assert.rejects(examine(tooSmall), UsageError);
  assert.ok(tooSmall.closed());
  const unopened = assemble(new ScriptedExamination(5));
  const noRoute = new DeviceError('device.route', 'no route');
  await assert.rejects(examine({ ...unopened, open: () => Promise.reject(noRoute) }), noRoute);
});
