// One examination as server-sent events (HTML Living Standard, 9.2): the record at each change, with the report in the last
// one. A reader that is slow misses states in between, never the last, and holds no memory here.
import type { ServerResponse } from 'node:http';
import { isOpen } from '../examination-desk.js';
import type { ExaminationDesk, ExaminationRecord } from '../examination-desk.js';

const PROGRESS_INTERVAL_MS = 200;
/** Keeps the connection through idle time-outs and shows a dead reader. */
const KEEP_ALIVE_MS = 15_000;

/** Writes until the examination has ended or the reader is gone; then ends the response and calls `onEnd` once. */
export function streamExamination(
  desk: ExaminationDesk,
  id: string,
  response: ServerResponse,
  onEnd: () => void,
): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  let latest: ExaminationRecord | null = null;
  let stopWatching: (() => void) | null = null;
  const writeLatest = () => {
    if (!latest || response.writableNeedDrain) return;
    response.write(`event: examination\ndata: ${JSON.stringify(latest)}\n\n`);
    latest = null;
  };
  const pace = setInterval(writeLatest, PROGRESS_INTERVAL_MS);
  const keepAlive = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': still here\n\n');
  }, KEEP_ALIVE_MS);
  const finish = () => {
    clearInterval(pace);
    clearInterval(keepAlive);
    stopWatching?.();
    onEnd();
  };
  response.on('close', finish);
  stopWatching = desk.watch(id, (record) => {
    latest = record;
    if (isOpen(record)) return;
    // The last record always goes out; end() waits for a slow reader itself.
    response.end(`event: examination\ndata: ${JSON.stringify(record)}\n\n`);
    latest = null;
  });
  writeLatest();
}
