// What the box does by itself beside watching: jobs at times of the calendar, and the examinations that incidents ask for. It looks at
// the clock, finds what is due and has it done by the one queue. What is due, and what may run, is decided in pure modules beside this.
import type { CalendarStanding, JobResult } from '../../model/calendar.js';
import type { Configuration, ScheduledJob } from '../../model/configuration.js';
import { ApparenetError } from '../../model/errors.js';
import type { BoxEvent, EventKind } from '../../model/incident.js';
import type { Report } from '../../model/report.js';
import { startBeats } from './beats.js';
import { CalendarMemory } from './calendar-memory.js';
import type { CalendarMemoryOptions } from './calendar-memory.js';
import { computeStepMs, formatSpan, mayTrustClock } from './clock-watch.js';
import type { ClockReading } from './clock-watch.js';
import { DayBook } from './day-book.js';
import type { Said } from './day-book.js';
import { HeavyWork } from './heavy-work.js';
import type { ExamineOnce, Outcome } from './heavy-work.js';
import { describeJob } from './job-text.js';
import { findLeftOut, planTurns } from './job-turns.js';
import { planDues } from './plan-dues.js';
import type { CalendarJob, Due } from './plan-dues.js';
import { computeStanding } from './standing.js';

/** What the box does for itself at a time of the calendar, by a name that no job of the configuration can have. */
export interface OwnJob extends CalendarJob {
  /** Beside no examination. Resolves to what it did, one sentence. A rejection is told as `job-failed`. */
  readonly run: (atMs: number) => Promise<string>;
  /** Of the event that says what it did; none without it. */
  readonly told?: EventKind;
}

/** An incident wants to know more of its target. */
export interface Wanted {
  /** Of the configuration. */
  readonly target: string;
  readonly incidentId: string;
}

export interface CalendarOptions {
  readonly configuration: Configuration;
  /** The file of what it remembers. */
  readonly path: string;
  readonly examine: ExamineOnce;
  readonly ownJobs: readonly OwnJob[];
  /** Keeps an event and tells it to whoever listens. */
  readonly tell: (event: BoxEvent) => void;
  /** The examination that an incident asked for has ended. */
  readonly takeReport: (incidentId: string, report: Report) => void;
  readonly readClock: () => ClockReading;
  /** Whether the wall clock follows a source, and the time since boot. */
  readonly readTrust: () => { readonly synchronized: boolean | null; readonly sinceBootSec: number };
  readonly onProblem: CalendarMemoryOptions['onProblem'];
  readonly onDefect: (error: unknown) => void;
}

const LOOK_MS = 10_000;
/** A clock that is set all the time is told now and then. */
const LEAST_BETWEEN_STEPS_MS = 600_000;

export class Calendar {
  readonly #memory: CalendarMemory;
  readonly #book: DayBook;
  readonly #work: HeavyWork;
  /** Jobs that have not ended. */
  readonly #running = new Set<string>();
  #configuration: Configuration;
  #reading: ClockReading;
  #toldStepMs = -Infinity;
  #isTrusted = false;
  #isClosed = false;
  #stopBeats: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: CalendarOptions) {
    const { configuration, path, onProblem, tell, examine, readClock } = options;
    const readClockMs = (): number => readClock().wallMs;
    this.#configuration = configuration;
    this.#reading = readClock();
    this.#memory = new CalendarMemory({ path, nowMs: this.#reading.wallMs, onProblem });
    this.#book = new DayBook({ memory: this.#memory, tell, readClockMs });
    const readRules = () => ({ ...this.#configuration, timeZone: this.#timeZone });
    this.#work = new HeavyWork({ examine, memory: this.#memory, readRules, readClockMs });
  }

  /** Looks at the clock from now on, every ten seconds and when a job is due. */
  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS);
    this.#timer.unref();
    this.#restartBeats();
    this.look();
  }

  /** Does what is due. May be called at any time. */
  look(): void {
    if (this.#isClosed) return;
    const { readClock } = this.options;
    const before = this.#reading;
    this.#reading = readClock();
    const stepMs = computeStepMs(before, this.#reading);
    if (stepMs !== 0) this.#noteStep(stepMs);
    if (!this.#trustClock()) return;
    const { state, dues } = planDues(this.#memory.record.dues, this.#reading.wallMs, {
      jobs: this.#listJobs(),
      timeZone: this.#timeZone,
    });
    this.#memory.advance(state);
    if (dues.length > 0 || stepMs !== 0) this.#memory.change({ dues: state });
    for (const due of dues) this.#begin(due);
  }

  /** A breach wants an examination as deep as its target says. What comes of it `takeReport` hears, or the diary. */
  ask({ target, incidentId }: Wanted): void {
    const found = this.#configuration.targets.find(({ name }) => name === target);
    if (found === undefined || this.#isClosed) return;
    void this.#work
      .examine(found, found.depth, { kind: 'incident', name: incidentId })
      .then((outcome) => {
        if (outcome.kind === 'done') this.options.takeReport(incidentId, outcome.report);
        else if (!this.#isClosed)
          this.#book.writeOnceADay(`incident ${target}: ${outcome.cause}`, this.#timeZone, {
            kind: 'test-not-run',
            severity: 'warning',
            target,
            incidentId,
            text: `${target} has an incident and was not examined: ${outcome.why}.`,
          });
      })
      .catch(this.options.onDefect);
  }

  /** A line of the diary that somebody else has to say. */
  note(said: Said): void {
    this.#book.write(said);
  }

  reconfigure(configuration: Configuration): void {
    // What was due until now was due by the old one.
    this.look();
    this.#configuration = configuration;
    this.#restartBeats();
    this.look();
  }

  readStanding(): CalendarStanding {
    // Where nobody has started it, nothing is done by itself.
    const enabled = this.#timer !== undefined;
    const ownJobs = this.options.ownJobs.map(({ name, at }) => ({ name, at, enabled }));
    const live = { ownJobs, queue: this.#work.readQueue() };
    return computeStanding(this.#configuration, this.#memory.record, this.#reading.wallMs, live);
  }

  /** Cancels what is under way and waits until it has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#stopBeats();
    await this.#work.close();
    this.#memory.change({});
  }

  get #timeZone(): string {
    return this.#configuration.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  #listJobs(): readonly CalendarJob[] {
    return [...this.#configuration.schedule.filter(({ enabled }) => enabled), ...this.options.ownJobs];
  }

  #restartBeats(): void {
    this.#stopBeats();
    this.#stopBeats = startBeats(this.#listJobs(), this.#timeZone, () => this.look());
  }

  #noteStep(stepMs: number): void {
    this.#restartBeats();
    const { steadyMs } = this.#reading;
    if (steadyMs - this.#toldStepMs < LEAST_BETWEEN_STEPS_MS) return;
    this.#toldStepMs = steadyMs;
    const how =
      stepMs > 0
        ? `went forward by ${formatSpan(stepMs)}: it was set, or the machine slept`
        : `was set back by ${formatSpan(stepMs)}`;
    this.#book.write({ kind: 'clock-stepped', severity: 'info', text: `The clock ${how}.` });
  }

  /** Once it is trusted it stays so: a source that is lost later does not make a clock wrong. */
  #trustClock(): boolean {
    if (this.#isTrusted) return true;
    const { synchronized, sinceBootSec } = this.options.readTrust();
    this.#isTrusted = mayTrustClock(synchronized, sinceBootSec);
    // Who has nothing to do at times of the calendar need not know.
    if (this.#isTrusted && synchronized !== true && this.#configuration.targets.some(({ enabled }) => enabled))
      this.#book.writeOnceADay('clock', this.#timeZone, {
        kind: 'clock-not-synchronized',
        severity: 'warning',
        text:
          synchronized === false
            ? 'The clock follows no source; the calendar goes by it all the same.'
            : 'Nothing tells whether the clock follows a source; the calendar goes by it all the same.',
      });
    return this.#isTrusted;
  }

  #begin(due: Due): void {
    const { name } = due;
    // A job that takes longer than its interval: the time that comes meanwhile is left out.
    if (this.#running.has(name)) return;
    this.#running.add(name);
    const own = this.options.ownJobs.find((job) => job.name === name);
    const job = this.#configuration.schedule.find((one) => one.name === name);
    const ended = own ? this.#runOwn(own) : job ? this.#runJob(job) : Promise.resolve();
    void ended.catch(this.options.onDefect).finally(() => this.#running.delete(name));
  }

  async #runJob(job: ScheduledJob): Promise<void> {
    const targets = this.#configuration.targets.filter(({ name, enabled }) =>
      job.targets.length === 0 ? enabled : job.targets.includes(name),
    );
    const turns = planTurns(targets, this.#memory.record.firsts[job.name]);
    const outcomes = await Promise.all(
      turns.map(async (target): Promise<[string, Outcome]> => [
        target.name,
        await this.#work.examine(target, job.depth, { kind: 'job', name: job.name }),
      ]),
    );
    if (this.#isClosed) return;
    const { outcome, text, causes } = describeJob(job.name, outcomes);
    this.#rememberFirst(job.name, findLeftOut(outcomes));
    this.#remember(job.name, { atMs: this.#reading.wallMs, outcome, text });
    if (outcome !== 'done')
      this.#book.writeOnceADay(`job ${job.name}: ${causes.join(' ')}`, this.#timeZone, {
        kind: 'test-not-run',
        severity: 'warning',
        text,
      });
  }

  async #runOwn({ name, run, told }: OwnJob): Promise<void> {
    const atMs = this.#reading.wallMs;
    try {
      let text = '';
      await this.#work.runAlone(name, async () => {
        text = await run(atMs);
      });
      this.#remember(name, { atMs, outcome: 'done', text });
      if (told !== undefined) this.#book.write({ kind: told, severity: 'info', text });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const text = `${name} failed: ${why}`;
      this.#remember(name, { atMs, outcome: 'not-run', text });
      this.#book.writeOnceADay(text, this.#timeZone, { kind: 'job-failed', severity: 'warning', text });
      if (!(error instanceof ApparenetError)) this.options.onDefect(error);
    }
  }

  #rememberFirst(name: string, first: string | undefined): void {
    const { [name]: before, ...others } = this.#memory.record.firsts;
    if (before === first) return;
    this.#memory.change({ firsts: first === undefined ? others : { ...others, [name]: first } });
  }

  #remember(name: string, result: JobResult): void {
    this.#memory.change({ results: { ...this.#memory.record.results, [name]: result } });
  }
}
