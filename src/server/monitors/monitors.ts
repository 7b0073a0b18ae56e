// All watched targets: one monitor each, and a round of summaries when a period is over. What follows from them is the caller's.
import { setTimeout } from 'node:timers/promises';
import type { TargetMinute } from '../../analysis/baseline/judge-box.js';
import type { MonitorTarget } from '../../model/monitor.js';
import { computeShare } from './plan-stretch.js';
import { LINGER_MS, TargetMonitor } from './target-monitor.js';
import type { MonitorSurroundings } from './target-monitor.js';

export interface MonitorsOptions extends MonitorSurroundings {
  /** Each period of all targets, in the order of time; the next one waits until this has resolved. */
  readonly onPeriod: (minutes: readonly TargetMinute[], startMs: number) => Promise<void>;
}

/** A period is looked at when its last replies had their time, and their traces the way here. */
const SETTLE_MS = LINGER_MS + 1_000;

export class Monitors {
  readonly #controller = new AbortController();
  readonly #monitors = new Map<string, TargetMonitor>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #rounds: Promise<void>;
  #ordinal = 0;

  constructor(private readonly options: MonitorsOptions) {
    this.#rounds = this.#goRound();
  }

  /** From now on these and no others; who stays as he was is not disturbed. Those that are not enabled are not watched. */
  watch(targets: readonly MonitorTarget[]): void {
    const enabled = targets.filter((target) => target.enabled);
    const names = enabled.map(({ name }) => name);
    for (const [name, monitor] of this.#monitors) if (!names.includes(name)) this.#end(name, monitor);
    for (const target of enabled) {
      const known = this.#monitors.get(target.name);
      if (known?.retarget(target) === true) continue;
      if (known !== undefined) this.#end(target.name, known);
      this.#ordinal += 1;
      this.#monitors.set(target.name, new TargetMonitor(target, computeShare(this.#ordinal), this.options));
    }
  }

  /** Ends all runs and waits for them. */
  async close(): Promise<void> {
    this.#controller.abort();
    for (const [name, monitor] of this.#monitors) this.#end(name, monitor);
    await Promise.all([this.#rounds, ...this.#leaving]);
  }

  #end(name: string, monitor: TargetMonitor): void {
    this.#monitors.delete(name);
    const leaving = monitor.close().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  #isClosed(): boolean {
    return this.#controller.signal.aborted;
  }

  /**
   * Ends when the monitors are closed. Timers are monotonic: however the clock is set meanwhile, each turn waits for two periods at most
   * and tells of one.
   */
  async #goRound(): Promise<void> {
    const { readClockMs, lengthMs, onPeriod, onDefect } = this.options;
    let startMs = Math.floor(readClockMs() / lengthMs) * lengthMs;
    while (!this.#isClosed()) {
      const waitMs = startMs + lengthMs + SETTLE_MS - readClockMs();
      await setTimeout(Math.max(0, waitMs), undefined, { signal: this.#controller.signal }).catch(() => undefined);
      if (this.#isClosed()) return;
      try {
        const minutes = [...this.#monitors.values()].map((monitor) => monitor.describeMinute(startMs));
        await onPeriod(minutes, startMs);
      } catch (error) {
        onDefect(error);
      }
      startMs = findNext(startMs, readClockMs() - SETTLE_MS, lengthMs);
    }
  }
}

/** The period after this one; where the clock was set, or the machine slept, the one that `nowMs` is in. */
function findNext(startMs: number, nowMs: number, lengthMs: number): number {
  const nextMs = startMs + lengthMs;
  const currentMs = Math.floor(nowMs / lengthMs) * lengthMs;
  return Math.abs(currentMs - nextMs) <= lengthMs ? nextMs : currentMs;
}
