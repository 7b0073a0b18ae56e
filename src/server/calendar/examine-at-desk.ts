// An examination that nobody ordered by hand goes the same way as one that somebody did: over the desk, where it waits for its turn on
// the network port.
import type { ExaminationDesk } from '../examination-desk.js';
import type { ExamineOnce } from './heavy-work.js';

export function examineAtDesk(desk: ExaminationDesk): ExamineOnce {
  return async (order, signal, onAhead) => {
    const { id } = desk.start(order);
    const cancel = (): void => void desk.cancel(id);
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    const endWatch = desk.watch(id, ({ ahead }) => onAhead(ahead));
    try {
      const { report, spent, problem, state } = await desk.waitFor(id);
      const isWhole = state === 'done' && report !== null;
      return {
        report: isWhole ? report : null,
        bytes: Math.max(spent.bytes, report?.cost.bytes ?? 0),
        problem: isWhole ? null : (problem?.detail ?? 'it was canceled'),
      };
    } finally {
      endWatch();
      signal.removeEventListener('abort', cancel);
    }
  };
}
