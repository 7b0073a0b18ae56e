// Orders one examination from the analysis server over its API and follows it to its report, as any client could.
import { setTimeout as sleep } from 'node:timers/promises';
import { DeviceError } from '../model/errors.js';
import type { ApparenetError } from '../model/errors.js';
import type { ExaminationEvent } from '../model/examination.js';
import type { Report } from '../model/report.js';
import { parseError } from '../sequencer/control/errors-on-the-wire.js';
import type { ExaminationRecord } from '../server/examination-desk.js';

const POLL_MS = 100;
/** How long a canceled examination may take to give its report. */
const CANCEL_MS = 3_000;

export interface OrderOptions {
  /** Such as `http://127.0.0.1:3238`. */
  readonly asUrl: string;
  readonly target: string;
  /** Cancels the examination; what is known by then is still the result. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: ExaminationEvent) => void;
}

/** @throws what the examination failed with, in its own class; DeviceError `peer.unreachable` without an analysis server. */
export async function orderExamination({ asUrl, target, signal, onEvent }: OrderOptions): Promise<Report> {
  const ordered = await ask(asUrl, 'POST', '/api/v1/examinations', { target });
  const path = `/api/v1/examinations/${ordered.id}`;
  let record = ordered;
  let canceledAtMs: number | null = null;
  // Ends with the examination, whose time is bounded, or soon after a cancel.
  while (record.state === 'queued' || record.state === 'running') {
    if (signal.aborted && canceledAtMs === null) {
      canceledAtMs = performance.now();
      await ask(asUrl, 'DELETE', path);
    }
    if (canceledAtMs !== null && performance.now() - canceledAtMs > CANCEL_MS) break;
    await sleep(POLL_MS);
    record = await ask(asUrl, 'GET', path);
    if (record.phase !== null && record.progress)
      onEvent({ kind: 'progress', phase: record.phase, ...record.progress });
  }
  if (record.report) return record.report;
  throw parseProblem({ ...record.problem, code: record.problem?.code ?? 'canceled' });
}

async function ask(asUrl: string, method: string, path: string, body?: object): Promise<ExaminationRecord> {
  const options = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {};
  let response: Response;
  try {
    response = await fetch(`${asUrl}${path}`, { method, ...options });
  } catch (cause) {
    throw new DeviceError('peer.unreachable', `the analysis server does not answer at ${asUrl}`, undefined, { cause });
  }
  const answer = (await response.json()) as object;
  if (!response.ok) throw parseProblem(answer);
  return answer as ExaminationRecord;
}

/** RFC 9457 calls the words `detail`. */
function parseProblem(problem: object): ApparenetError {
  const fields = problem as Readonly<Record<string, unknown>>;
  return parseError({ ...fields, message: fields['detail'] });
}
