// Drives one examination over one prober: hands each trace to the examination and each sequence to the prober, until there is
// a report. Decides nothing about the path; what it adds is that a broken run ends in a report of what is known.
import { CanceledError, DeviceError } from '../model/errors.js';
import type {
  Examination,
  ExaminationEvent,
  ExaminationRequest,
  StartExamination,
  Step,
} from '../model/examination.js';
import type { Prober } from '../model/path.js';
import type { Report } from '../model/report.js';
import type { Trace } from '../model/trace.js';

export interface ExamineOptions {
  /** Opens the prober; bound to its request. */
  readonly open: (signal: AbortSignal) => Promise<Prober>;
  readonly start: StartExamination;
  readonly request: ExaminationRequest;
  /** Ends the sending at once; the report then tells what is known so far. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: ExaminationEvent) => void;
  /** Any clock that does not step: the machine's monotonic one, or the virtual one of a simulated prober. */
  readonly nowNs: () => number;
}

/**
 * The prober is closed in every case. A port that fails after the first trace ends the examination, not its data.
 * @throws what `open` throws; DeviceError where the very first run fails, as nothing is known then; UsageError for a sequence
 * that its budget does not cover.
 */
export async function examine(options: ExamineOptions): Promise<Report> {
  const beganNs = options.nowNs();
  const prober = await options.open(options.signal);
  try {
    options.onEvent({ kind: 'opened', path: prober.path });
    const examination = options.start(options.request, prober.path, prober.openingCost);
    options.onEvent({ kind: 'planned', plan: examination.plan });
    return await stepToReport(examination, prober, { ...options, elapsedNs: () => options.nowNs() - beganNs });
  } finally {
    await prober.close();
  }
}

const STOPPED_ON_REQUEST = 'stopped on request';

type StepOptions = ExamineOptions & { readonly elapsedNs: () => number };

/** Ends when the examination is done, the signal aborts or the port fails; each step costs some of a bounded budget. */
async function stepToReport(examination: Examination, prober: Prober, options: StepOptions): Promise<Report> {
  const { elapsedNs, signal } = options;
  let trace: Trace | null = null;
  for (;;) {
    // An interrupted trace is handed over before the examination is interrupted: its data counts.
    const step = examination.next({ elapsedNs: elapsedNs(), trace });
    if (trace?.interrupted) return examination.interrupt(elapsedNs(), describeInterruption(prober, signal));
    if (step.kind === 'done') return step.report;
    if (signal.aborted) return examination.interrupt(elapsedNs(), STOPPED_ON_REQUEST);
    try {
      trace = await runStep(step, prober, options);
    } catch (error) {
      const reason = describeEnd(error, signal, trace !== null);
      if (reason === null) throw error;
      return examination.interrupt(elapsedNs(), reason);
    }
  }
}

async function runStep(
  { sequence, budget, phase }: Extract<Step, { kind: 'run' }>,
  prober: Prober,
  { onEvent, signal }: StepOptions,
): Promise<Trace> {
  onEvent({ kind: 'phase', phase, sequence });
  const trace = await prober.run(sequence, {
    signal,
    budget,
    onProgress: ({ sent, total }) => onEvent({ kind: 'progress', phase, sent, total }),
  });
  onEvent({ kind: 'traced', phase, cost: trace.cost });
  return trace;
}

function describeInterruption({ path }: Prober, signal: AbortSignal): string {
  return signal.aborted ? STOPPED_ON_REQUEST : `port ${path.port.name} stopped working during the examination`;
}

/** Why the examination ends here with a report; null where the error must go on to the caller. */
function describeEnd(error: unknown, signal: AbortSignal, hasData: boolean): string | null {
  if (error instanceof CanceledError && signal.aborted) return STOPPED_ON_REQUEST;
  if (error instanceof DeviceError && hasData) return error.message;
  return null;
}
