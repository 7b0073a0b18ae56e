// The one queue of all heavy work that nobody ordered by hand: one thing at a time, what an incident asks for before the jobs of the
// calendar, each within quiet hours and budgets at the moment of its turn. What is told of it is its callers' business.
import type { Depth } from '../../model/examination.js';
import { computeDefaultBudget } from '../../model/examination.js';
import type { MonitorTarget } from '../../model/monitor.js';
import type { Report } from '../../model/report.js';
import type { ExaminationOrder } from '../examination-desk.js';
import type { CalendarMemory } from './calendar-memory.js';
import { findObstacle } from './may-start.js';
import type { HeavyRules, Obstacle } from './may-start.js';
import { addSpending, listBudgetNames } from './spending.js';

export interface Examined {
  /** null where it failed before anything was known. */
  readonly report: Report | null;
  /** Of Ethernet frames sent, whatever came of it. */
  readonly bytes: number;
  /** Why it failed, one sentence; null where it did not. */
  readonly problem: string | null;
}

/** Rejects where it could not even be ordered. */
export type ExamineOnce = (order: ExaminationOrder, signal: AbortSignal) => Promise<Examined>;

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
  /** What asks for the same is answered together. */
  readonly key: string | null;
  readonly run: () => Promise<void>;
  readonly answer: Promise<Outcome> | null;
}

/** Two jobs of all targets, and an incident of each of them. */
const MOST_WAITING = 96;

export class HeavyWork {
  #waiting: Waiting[] = [];
  #working: Promise<void> | null = null;
  readonly #stop = new AbortController();

  constructor(private readonly options: HeavyWorkOptions) {}

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** An urgent one goes before those that are not. Never rejects. */
  examine(target: MonitorTarget, depth: Depth, isUrgent: boolean): Promise<Outcome> {
    const key = `${target.name} ${depth}`;
    const same = this.#waiting.find((one) => one.key === key && one.isUrgent === isUrgent);
    if (same?.answer) return same.answer;
    if (this.#waiting.length >= MOST_WAITING)
      return Promise.resolve(notRun('busy', `${MOST_WAITING} examinations wait already`));
    return this.#queue(() => this.#examineNow(target, depth), { isUrgent, key });
  }

  /** Something else that is not to run beside an examination. Rejects as `work` does. */
  async runAlone(work: () => Promise<void>): Promise<void> {
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
      { isUrgent: false, key: null },
    );
    if (failure !== null) throw failure as Error;
  }

  /** Cancels what is under way, answers what waits, and waits until all that has ended. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#working;
  }

  #queue(work: () => Promise<Outcome>, { isUrgent, key }: Pick<Waiting, 'isUrgent' | 'key'>): Promise<Outcome> {
    let resolve: (outcome: Outcome) => void = () => undefined;
    const answer = new Promise<Outcome>((done) => (resolve = done));
    const run = async (): Promise<void> => {
      resolve(this.#stop.signal.aborted ? notRun('stopped', 'the analysis server was stopped') : await work());
    };
    this.#waiting.push({ isUrgent, key, run, answer });
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
      await next?.run();
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
    const examined = await examine(composeOrder(target, depth, rules), this.#stop.signal).catch(
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

function composeOrder({ address, via, port }: MonitorTarget, depth: Depth, { budget }: HeavyRules): ExaminationOrder {
  const share = budget.linkSharePercent / 100;
  return {
    target: address,
    via,
    ...(port === undefined ? {} : { port }),
    depth,
    quantity: null,
    ...computeDefaultBudget(depth, null),
    ...(share < 1 ? { maxLinkShare: share } : {}),
  };
}
