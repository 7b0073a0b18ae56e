// What of the heavy work is under way, and what each of the others waits for. Pure.
import type { CalendarStanding, QueuedWork, WaitingWork } from '../../model/calendar.js';

export interface QueueState {
  readonly working: QueuedWork | null;
  /** Unix ms; null where nothing is under way. */
  readonly startedMs: number | null;
  /** What comes before it on its network port, ordered by somebody else; it waits for them as well. */
  readonly ahead: number;
  /** In the order of their turns. */
  readonly waiting: readonly QueuedWork[];
}

export const IDLE: QueueState = { working: null, startedMs: null, ahead: 0, waiting: [] };

export function computeQueueStanding(state: QueueState): Pick<CalendarStanding, 'working' | 'waiting'> {
  const { working, startedMs, ahead, waiting } = state;
  const before = working === null ? waiting : [working, ...waiting];
  const behind = waiting.map((work, i): WaitingWork => {
    const others = before.slice(0, before.indexOf(work, i));
    return { ...work, waitsFor: describeOthers(others) };
  });
  if (working === null || startedMs === null) return { working: null, waiting: behind };
  if (ahead === 0) return { working: { ...working, startedMs }, waiting: behind };
  const waitsFor = `${ahead} ${ahead === 1 ? 'other' : 'others'} on its network port`;
  return { working: null, waiting: [{ ...working, waitsFor }, ...behind] };
}

/** `the examination of office and 2 more`; `its turn` where nothing is before it. */
function describeOthers(others: readonly QueuedWork[]): string {
  const [first, ...more] = others;
  if (first === undefined) return 'its turn';
  return `${nameWork(first)}${more.length === 0 ? '' : ` and ${more.length} more`}`;
}

function nameWork({ target, askedBy }: QueuedWork): string {
  return target === null ? (askedBy[0]?.name ?? 'work of the box') : `the examination of ${target}`;
}
