// Takes orders for examinations, lets those on the same network port follow one another, and knows the last ones.
// How packets are sent is the sequencer's business, what is concluded that of the examination.
import { randomInt } from 'node:crypto';
import { CanceledError, DeviceError, UsageError } from '../model/errors.js';
import type { CostPlan, ExaminationEvent, ExaminationRequest, StartExamination } from '../model/examination.js';
import type { PathRequest, Prober } from '../model/path.js';
import type { Report } from '../model/report.js';
import type { Cost } from '../model/sequence.js';
import { NS_PER_MS } from '../model/units.js';
import { examine } from '../prober/examine.js';
import { openRemote } from '../prober/remote/open-remote.js';
import { Turns } from '../sequencer/control/turns.js';
import { describeProblem } from './http/problem.js';
import type { Problem } from './http/problem.js';

/** Examinations under way or waiting; more are refused. Each holds one connection to the sequencer. */
export const MAX_OPEN = 12;
/** Finished examinations kept, the oldest go first. */
const MAX_KEPT = 100;
/** Without the letters and digits that are mistaken for one another, so that an id can be read out over a telephone. */
const ID_LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const ID_LENGTH = 5;

export type ExaminationOrder = PathRequest &
  Pick<ExaminationRequest, 'depth' | 'quantity' | 'maxSeconds' | 'maxBytes' | 'maxLinkShare'> & {
    /** Of the target in the configuration: what its report calls it, as all else that is told of it does. */
    readonly name?: string;
  };

export interface ExaminationRecord {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'canceled';
  readonly order: ExaminationOrder;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly phase: string | null;
  readonly progress: { readonly sent: number; readonly total: number } | null;
  /** What it is held to and what it usually comes to; null until its path is open. */
  readonly plan: CostPlan | null;
  /** What opening the path and the runs that have ended cost; the order bounds it. */
  readonly spent: Cost;
  /** How many come first on the same network port. */
  readonly ahead: number;
  /** Also set when canceled with something known. */
  readonly report: Report | null;
  readonly problem: Problem | null;
}

interface Entry {
  record: ExaminationRecord;
  readonly controller: AbortController;
  readonly watchers: Set<(record: ExaminationRecord) => void>;
  finished: Promise<void>;
}

export interface DeskOptions {
  readonly socketPath: string;
  /** Asked when the first examination begins: it is most of the code of this part, and no start has to wait for it. */
  readonly loadExamination: () => Promise<StartExamination>;
  /** Gets each report before its examination is done. */
  readonly keep: (report: Report) => Promise<void>;
  /** Hears of errors that nobody's request explains. */
  readonly onDefect: (error: unknown) => void;
}

export class ExaminationDesk {
  readonly #options: DeskOptions;
  /** In the order of their creation. */
  readonly #entries = new Map<string, Entry>();
  readonly #turns = new Turns();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** @throws DeviceError `device.busy` when too many are open. */
  start(order: ExaminationOrder): ExaminationRecord {
    const open = this.listOpen().length;
    if (open >= MAX_OPEN) throw new DeviceError('device.busy', `${open} examinations are under way or waiting already`);
    const entry: Entry = {
      record: {
        id: this.#drawId(),
        state: 'queued',
        order,
        createdAt: new Date().toISOString(),
        phase: null,
        progress: null,
        plan: null,
        spent: { packets: 0, bytes: 0 },
        ahead: 0,
        report: null,
        problem: null,
      },
      controller: new AbortController(),
      watchers: new Set(),
      finished: Promise.resolve(),
    };
    this.#entries.set(entry.record.id, entry);
    entry.finished = this.#conduct(entry);
    return entry.record;
  }

  find(id: string): ExaminationRecord | null {
    return this.#entries.get(id)?.record ?? null;
  }

  /** Resolves with the finished record. @throws UsageError for an unknown id. */
  async waitFor(id: string): Promise<ExaminationRecord> {
    const entry = this.#get(id);
    await entry.finished;
    return entry.record;
  }

  /** Ends the sending; what is known becomes the report. No effect on a finished one. @throws UsageError for an unknown id. */
  cancel(id: string): ExaminationRecord {
    const entry = this.#get(id);
    entry.controller.abort();
    return entry.record;
  }

  /** Calls `watcher` with the record now and at each change until the returned function is called. @throws UsageError */
  watch(id: string, watcher: (record: ExaminationRecord) => void): () => void {
    const entry = this.#get(id);
    entry.watchers.add(watcher);
    watcher(entry.record);
    return () => entry.watchers.delete(watcher);
  }

  /** Those that wait or work, the oldest first. */
  listOpen(): ExaminationRecord[] {
    return [...this.#entries.values()].map(({ record }) => record).filter(isOpen);
  }

  /**
   * Other work on a path, in turn with the examinations on its network port. `onAhead` hears how many come first.
   * @throws what opening throws; CanceledError
   */
  async takePath<Result>(
    request: PathRequest,
    { signal, onAhead }: { readonly signal: AbortSignal; readonly onAhead: (ahead: number) => void },
    work: (prober: Prober) => Promise<Result>,
  ): Promise<Result> {
    const open = openRemote(this.#options.socketPath, { onWaiting: onAhead });
    // The path is opened first because only then the network port is known; those who came before on it go first all the same.
    const prober = await open(request, signal);
    try {
      const endTurn = await this.#turns.take(prober.path.port.name, signal, onAhead);
      return await work(prober).finally(endTurn);
    } finally {
      await prober.close();
    }
  }

  /** Cancels everything and waits until it has ended. */
  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    for (const entry of entries) entry.controller.abort();
    await Promise.all(entries.map(({ finished }) => finished));
  }

  #get(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new UsageError('usage.argument', `no examination ${id} is known here`);
    return entry;
  }

  async #conduct(entry: Entry): Promise<void> {
    const { signal } = entry.controller;
    try {
      const report = await this.#examine(entry);
      await this.#options.keep(report);
      this.#change(entry, { state: signal.aborted ? 'canceled' : 'done', report });
    } catch (error) {
      const problem = describeProblem(error);
      if (problem.code === 'invariant') this.#options.onDefect(error);
      this.#change(entry, { state: error instanceof CanceledError ? 'canceled' : 'failed', problem });
    }
    this.#forgetOldest();
  }

  async #examine(entry: Entry): Promise<Report> {
    const { signal } = entry.controller;
    const onAhead = (ahead: number) => this.#change(entry, { ahead });
    const { target, via, port, name, ...scope } = entry.record.order;
    const path = port === undefined ? { target, via } : { target, via, port };
    return this.takePath(path, { signal, onAhead }, async (prober) => {
      this.#change(entry, { state: 'running', ahead: 0, spent: prober.openingCost });
      const report = await examine({
        open: () => Promise.resolve(prober),
        start: await this.#options.loadExamination(),
        request: { id: entry.record.id, startedAt: new Date().toISOString(), seed: randomInt(2 ** 32), ...scope },
        signal,
        onEvent: (event) => this.#note(entry, event),
        nowNs: () => performance.now() * NS_PER_MS,
      });
      return nameTarget(report, name);
    });
  }

  #note(entry: Entry, event: ExaminationEvent): void {
    switch (event.kind) {
      case 'phase':
        this.#change(entry, { phase: event.phase, progress: null, ahead: 0 });
        return;
      case 'progress':
        this.#change(entry, { phase: event.phase, progress: { sent: event.sent, total: event.total }, ahead: 0 });
        return;
      case 'traced':
        this.#change(entry, { spent: addCosts(entry.record.spent, event.cost) });
        return;
      case 'planned':
        this.#change(entry, { plan: event.plan });
        return;
      // It hears of turns by itself, also before the path is open.
      case 'waiting':
      case 'opened':
        return;
    }
  }

  #change(entry: Entry, change: Partial<ExaminationRecord>): void {
    entry.record = { ...entry.record, ...change };
    if (!isOpen(entry.record)) entry.record = { ...entry.record, phase: null, progress: null, ahead: 0 };
    for (const watcher of entry.watchers) watcher(entry.record);
  }

  #forgetOldest(): void {
    const finished = [...this.#entries.values()].filter(({ record }) => !isOpen(record));
    for (const { record } of finished.slice(0, Math.max(0, finished.length - MAX_KEPT)))
      this.#entries.delete(record.id);
  }

  #drawId(): string {
    for (;;) {
      const letters = Array.from({ length: ID_LENGTH }, () => ID_LETTERS.charAt(randomInt(ID_LETTERS.length)));
      const id = letters.join('');
      if (!this.#entries.has(id)) return id;
    }
  }
}

function nameTarget(report: Report, name: string | undefined): Report {
  return name === undefined ? report : { ...report, target: { ...report.target, name } };
}

function addCosts(a: Cost, b: Cost): Cost {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}

/** True while an examination waits or works. */
export function isOpen(record: ExaminationRecord): boolean {
  return record.state === 'queued' || record.state === 'running';
}
