// Orders one examination from the analysis server over its API and follows it to its report, as any client could.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExaminationEvent } from '../../model/examination.js';
import type { Report } from '../../model/report.js';
import type { ExaminationRecord } from '../../server/examination-desk.js';
import { askLocalApi, parseProblem } from './ask-local-api.js';
import type { LocalApiPlace } from './ask-local-api.js';

const POLL_MS = 100;
/** How long a canceled examination may take to give its report. */
const CANCEL_MS = 3_000;

export interface OrderOptions {
  readonly as: LocalApiPlace;
  readonly target: string;
  /** Cancels the examination; what is known by then is still the result. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: ExaminationEvent) => void;
}

/** @throws what the examination failed with, in its own class; DeviceError `peer.unreachable` without an analysis server. */
export async function orderExamination({ as, target, signal, onEvent }: OrderOptions): Promise<Report> {
  const ask = async (method: string, path: string, body?: object) =>
    (await askLocalApi(as, { method, path, ...(body ? { body } : {}) })) as ExaminationRecord;
  const ordered = await ask('POST', '/api/v1/examinations', { target });
  const path = `/api/v1/examinations/${ordered.id}`;
  let record = ordered;
  let canceledAtMs: number | null = null;
  // Ends with the examination, whose time is bounded, or soon after a cancel.
  while (record.state === 'queued' || record.state === 'running') {
    if (signal.aborted && canceledAtMs === null) {
      canceledAtMs = performance.now();
      await ask('DELETE', path);
    }
    if (canceledAtMs !== null && performance.now() - canceledAtMs > CANCEL_MS) break;
    await sleep(POLL_MS);
    record = await ask('GET', path);
    if (record.ahead > 0) onEvent({ kind: 'waiting', ahead: record.ahead, behind: null });
    else if (record.phase !== null && record.progress)
      onEvent({ kind: 'progress', phase: record.phase, ...record.progress });
  }
  if (record.report) return record.report;
  throw parseProblem({ ...record.problem, code: record.problem?.code ?? 'canceled' });
}
