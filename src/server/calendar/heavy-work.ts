// The one queue of all heavy work that nobody ordered by hand: one thing at a time, what an incident asks for before the jobs of the
// calendar, each within quiet hours and budgets at the moment of its turn. What is told of it is its callers' business.
import type { Asker, QueuedWork } from '../../model/calendar.js';
import type { Depth } from '../../model/examination.js';
import { computeDefaultBudget } from '../../model/examination.js';
import type { MonitorTarget } from '../../model/monitor.js';
import type { Report } from '../../model/report.js';
import type { ExaminationOrder } from '../examination-desk.js';
import type { CalendarMemory } from './calendar-memory.js';
import { findObstacle } from './may-start.js';
import type { HeavyRules, Obstacle } from './may-start.js';
import type { QueueState } from './queue-standing.js';
import { addSpending, listBudgetNames } from './spending.js';

export interface Examined {
  /** null where it failed before anything was known. */
  readonly report: Report | null;
  /** Of Ethernet frames sent, whatever came of it. */
  readonly bytes: number;
  /** Why it failed, one sentence; null where it did not. */
  readonly problem: string | null;
}

/** `onAhead` hears how many others come first on the same network port. Rejects where it could not even be ordered. */
export type ExamineOnce = (
  order: ExaminationOrder,
  signal: AbortSignal,
  onAhead: (ahead: number) => void,
) => Promise<Examined>;

export type Outcome = { readonly kind: 'done'; readonly report: Report } | ({ readonly kind: 'not-run' } & Obstacle);

export interface HeavyWorkOptions {
  readonly examine: ExamineOnce;
  readonly memory: CalendarMemory;
  readonly readRules: () => HeavyRules;
  /** Unix ms. */
  readonly readClockMs: () => number;
}

interface Waiting {
  readonly isUrgent: boolean;
  /** Who asks for the same examination is answered together, and named here. */
  work: QueuedWork;
  readonly run: () => Promise<void>;
  readonly answer: Promise<Outcome> | null;
}

/** Two jobs of all targets, and an incident of each of them. */
const MOST_WAITING = 96;

export class HeavyWork {
  #waiting: Waiting[] = [];
  #working: Promise<void> | null = null;
  /** Whose turn it is. */
  #turn: { readonly work: QueuedWork; readonly startedMs: number; ahead: number } | null = null;
  readonly #stop = new AbortController();

  constructor(private readonly options: HeavyWorkOptions) {}

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** In the order of their turns. */
  readQueue(): QueueState {
    const urgentFirst = [true, false].flatMap((isUrgent) => this.#waiting.filter((one) => one.isUrgent === isUrgent));
    const waiting = urgentFirst.map(({ work }) => work);
    const { work = null, startedMs = null, ahead = 0 } = this.#turn ?? {};
    return { working: work, startedMs, ahead, waiting };
  }

  /** What an incident asks for goes before what jobs do. Never rejects. */
  examine(target: MonitorTarget, depth: Depth, by: Asker): Promise<Outcome> {
    const isUrgent = by.kind === 'incident';
    const same = this.#waiting.find(
      ({ work, ...one }) => work.target === target.name && work.depth === depth && one.isUrgent === isUrgent,
    );
    if (same?.answer) {
      same.work = { ...same.work, askedBy: [...same.work.askedBy, by] };
      return same.answer;
    }
    if (this.#waiting.length >= MOST_WAITING)
      return Promise.resolve(notRun('busy', `${MOST_WAITING} examinations wait already`));
    return this.#queue(() => this.#examineNow(target, depth), isUrgent, { target: target.name, depth, askedBy: [by] });
  }

  /** A job that is not to run beside an examination. Rejects as `work` does. */
  async runAlone(name: string, work: () => Promise<void>): Promise<void> {
    let failure: unknown = null;
    await this.#queue(
      () =>
        work().then(
          () => notRun('stopped', ''),
          (error: unknown) => {
            failure = error;
            return notRun('failed', '');
          },
        ),
      false,
      { target: null, depth: null, askedBy: [{ kind: 'job', name }] },
    );
    if (failure !== null) throw failure as Error;
  }

  /** Cancels what is under way, answers what waits, and waits until all that has ended. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#working;
  }

  #queue(run: () => Promise<Outcome>, isUrgent: boolean, asked: Omit<QueuedWork, 'sinceMs'>): Promise<Outcome> {
    let resolve: (outcome: Outcome) => void = () => undefined;
    const answer = new Promise<Outcome>((done) => (resolve = done));
    const runNow = async (): Promise<void> => {
      resolve(this.#stop.signal.aborted ? notRun('stopped', 'the analysis server was stopped') : await run());
    };
    const work = { ...asked, sinceMs: this.options.readClockMs() };
    this.#waiting.push({ isUrgent, work, run: runNow, answer });
    this.#working ??= this.#work();
    return answer;
  }

  /** Ends when nothing waits. */
  async #work(): Promise<void> {
    // What is asked for in the same moment is looked at together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const urgent = this.#waiting.findIndex((one) => one.isUrgent);
      const [next] = this.#waiting.splice(Math.max(0, urgent), 1);
      if (next === undefined) break;
      this.#turn = { work: next.work, startedMs: this.options.readClockMs(), ahead: 0 };
      await next.run();
      this.#turn = null;
    }
    this.#working = null;
  }

  async #examineNow(target: MonitorTarget, depth: Depth): Promise<Outcome> {
    const { examine, memory, readRules, readClockMs } = this.options;
    const rules = readRules();
    const limits = computeDefaultBudget(depth, null);
    const atMs = readClockMs();
    const obstacle = findObstacle(rules, memory.record.spending, { atMs, maxBytes: limits.maxBytes });
    if (obstacle !== null) return { kind: 'not-run', ...obstacle };
    const names = listBudgetNames(atMs, rules.timeZone);
    // Set aside in full, so that a power cut does not forget what was sent.
    this.#spend(limits.maxBytes, names);
    const onAhead = (ahead: number): void => {
      if (this.#turn !== null) this.#turn.ahead = ahead;
    };
    const examined = await examine(composeOrder(target, depth, rules), this.#stop.signal, onAhead).catch(
      (error: unknown): Examined => ({
        report: null,
        bytes: 0,
        problem: error instanceof Error ? error.message : String(error),
      }),
    );
    this.#spend(examined.bytes - limits.maxBytes, names);
    if (examined.report !== null) return { kind: 'done', report: examined.report };
    return notRun('failed', examined.problem ?? 'it was canceled');
  }

  #spend(bytes: number, names: readonly string[]): void {
    const { memory } = this.options;
    memory.change({ spending: addSpending(memory.record.spending, bytes, names) });
  }
}

function notRun(cause: Obstacle['cause'], why: string): Outcome {
  return { kind: 'not-run', cause, why };
}

function composeOrder(
  { name, address, via, port }: MonitorTarget,
  depth: Depth,
  { budget }: HeavyRules,
): ExaminationOrder {
  const share = budget.linkSharePercent / 100;
  return {
    target: address,
    name,
    via,
    ...(port === undefined ? {} : { port }),
    depth,
    quantity: null,
    ...computeDefaultBudget(depth, null),
    ...(share < 1 ? { maxLinkShare: share } : {}),
  };
}
