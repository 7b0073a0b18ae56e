// Watches one target: light even packets, one run after the other, and what a minute showed of it. How packets leave is the
// sequencer's business, whether a minute was good that of the judgement.
import { setTimeout } from 'node:timers/promises';
import type { TargetMinute } from '../../analysis/baseline/judge-box.js';
import { findReplyTtl, summariseMinute } from '../../analysis/baseline/summarise-minute.js';
import type { MinuteMaterial, WatchedRun } from '../../analysis/baseline/summarise-minute.js';
import { ApparenetError, DeviceError } from '../../model/errors.js';
import type { MonitorTarget } from '../../model/monitor.js';
import type { OpenProber, PathDescription, Prober } from '../../model/path.js';
import type { Sequence } from '../../model/sequence.js';
import { isAnswered, TRACE_FLAG } from '../../model/trace.js';
import type { Trace } from '../../model/trace.js';
import { NS_PER_MS } from '../../model/units.js';
import { KeptPath } from './kept-path.js';
import { computePhase, planStretch } from './plan-stretch.js';
import type { PlannedStretch } from './plan-stretch.js';

/** What a monitor needs to know of the world around it. */
export interface MonitorSurroundings {
  readonly open: OpenProber;
  readonly readGateway: () => string | null;
  /** Unix ms; may be set forward and back. */
  readonly readClockMs: () => number;
  /** Monotonic, ms. */
  readonly readElapsedMs: () => number;
  /** Of a period, ms. */
  readonly lengthMs: number;
  readonly onOpened: (target: MonitorTarget, path: PathDescription) => void;
  readonly onDefect: (error: unknown) => void;
}

/** A reply later than this is lost. */
export const LINGER_MS = 2_000;
/** Older runs say nothing of a minute's queueing any more, ms. */
const KEPT_MS = 660_000;
/** Runs to a next hop that does not answer send nothing and are over at once: that it answers again is seen so soon. */
const MOST_UNADDRESSED_MS = 5_000;
/** Between two attempts to open a path, doubled with each that fails. */
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 60_000;
/** The clock was set if waiting for an instant ends so far from it. */
const CLOCK_SLACK_MS = 500;

export class TargetMonitor {
  readonly #controller = new AbortController();
  readonly #path: KeptPath;
  readonly #done: Promise<void>;
  #runs: readonly WatchedRun[] = [];
  #intervalMs: number;
  #isSilent = false;
  /** Why nothing is sent at the moment. */
  #problem: string;

  readonly #phaseMs: number;

  /** `share` as `computeShare` gives it. */
  constructor(
    private target: MonitorTarget,
    share: number,
    private readonly around: MonitorSurroundings,
  ) {
    const { address, via, port } = target;
    this.#phaseMs = computePhase(share, target.intervalMs);
    this.#intervalMs = target.intervalMs;
    this.#problem = `the path to ${address} is being opened`;
    this.#path = new KeptPath({
      ...around,
      share,
      request: { target: address, via, ...(port === undefined ? {} : { port }) },
      onOpened: (path) => this.#note(path),
    });
    this.#done = this.#watch();
  }

  /** Takes over what changes nothing of what is sent; false where another monitor is needed. */
  retarget(target: MonitorTarget): boolean {
    const { address, via, port, intervalMs } = this.target;
    const sendsSame = address === target.address && via === target.via && port === target.port;
    if (!sendsSame || intervalMs !== target.intervalMs) return false;
    this.target = target;
    return true;
  }

  /** To be asked when the period that began at `startMs` (Unix ms) has been over for `LINGER_MS`. */
  describeMinute(startMs: number): TargetMinute {
    const { lengthMs } = this.around;
    const own = this.#runs.filter((run) => run.startedMs >= startMs && run.startedMs < startMs + lengthMs);
    const takenNs = own.reduce((sum, { trace }) => sum + (trace.portTakenNs ?? 0), 0);
    const material: MinuteMaterial = {
      target: this.target.name,
      startMs,
      lengthMs,
      intervalMs: this.#intervalMs,
      runs: this.#runs.filter((run) => run.startedMs < startMs + lengthMs),
      disturbed: Math.min(1, takenNs / NS_PER_MS / lengthMs),
      problem: this.#problem,
    };
    return { target: this.target, summary: summariseMinute(material), replyTtl: findReplyTtl(material) };
  }

  async close(): Promise<void> {
    this.#controller.abort();
    await this.#done;
  }

  /** Ends when it is closed. */
  async #watch(): Promise<void> {
    const { signal } = this.#controller;
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.#isClosed()) {
      try {
        await this.#runOnce(await this.#path.take(this.#isSilent, signal));
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        if (this.#isClosed()) break;
        if (!(error instanceof ApparenetError)) this.around.onDefect(error);
        this.#problem = error instanceof Error ? error.message : String(error);
        await this.#path.drop();
        await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
        pauseMs = Math.min(LAST_PAUSE_MS, 2 * pauseMs);
      }
    }
    await this.#path.drop();
  }

  #isClosed(): boolean {
    return this.#controller.signal.aborted;
  }

  #note(path: PathDescription): void {
    this.#problem = 'nothing was sent in this time';
    this.#intervalMs = Math.max(this.target.intervalMs, 1_000 / (path.maxProbesPerSec ?? Infinity));
    this.around.onOpened(this.target, path);
  }

  /** Waits for its first slot and sends until the period is over. @throws DeviceError where the port went, and as Prober.run */
  async #runOnce(prober: Prober): Promise<void> {
    const { readClockMs, lengthMs } = this.around;
    const { signal } = this.#controller;
    const isAddressed = prober.path.nextHop.resolved && !hasNoNeighbour(this.#runs.at(-1)?.trace);
    const stretch = planStretch({
      nowMs: this.#findFreeMs(),
      lengthMs,
      intervalMs: this.#intervalMs,
      phaseMs: this.#phaseMs,
      mostMs: isAddressed ? Infinity : MOST_UNADDRESSED_MS,
    });
    await setTimeout(stretch.startMs - readClockMs(), undefined, { signal });
    const startedMs = readClockMs();
    if (Math.abs(startedMs - stretch.startMs) > CLOCK_SLACK_MS) return;
    const sequence = this.#composeSequence(stretch, prober.path.minSizeBytes);
    const budget = { maxPackets: stretch.count, maxBytes: Infinity };
    const trace = await prober.run(sequence, { signal, budget });
    this.#keep({ trace, startedMs });
    if (trace.interrupted && !signal.aborted) {
      throw new DeviceError('device.gone', `port ${prober.path.port.name} vanished or went down`);
    }
  }

  /** When the next packet may leave: now, or after what was planned before, which ends early where nothing could be sent. */
  #findFreeMs(): number {
    const nowMs = this.around.readClockMs();
    const last = this.#runs.at(-1);
    if (last === undefined) return nowMs;
    const endMs = computeEndMs(last) + this.#intervalMs / 2;
    // Later than any run lasts: the clock was set back.
    return endMs - nowMs > this.around.lengthMs ? nowMs : Math.max(nowMs, endMs);
  }

  #composeSequence({ count }: PlannedStretch, sizeBytes: number): Sequence {
    return {
      id: 'watch',
      pattern: { kind: 'isochronous', count, intervalNs: this.#intervalMs * NS_PER_MS, sizeBytes },
      dscp: 0,
      dontFragment: false,
      lingerNs: LINGER_MS * NS_PER_MS,
      yieldsProcessor: true,
      runsBeside: true,
    };
  }

  #keep(run: WatchedRun): void {
    const last = this.#runs.at(-1);
    // Set back: the minutes that come were there before, and are not to be counted twice.
    const wasSetBack = last !== undefined && run.startedMs < computeEndMs(last);
    const kept = wasSetBack ? [] : this.#runs.filter(({ startedMs }) => startedMs > run.startedMs - KEPT_MS);
    this.#runs = [...kept, run];
    this.#isSilent = !run.trace.flags.some((_, row) => isAnswered(run.trace, row));
  }
}

/** Of its last planned packet, Unix ms. */
function computeEndMs({ trace, startedMs }: WatchedRun): number {
  return startedMs + (trace.plannedOffsetNs.at(-1) ?? 0) / NS_PER_MS;
}

function hasNoNeighbour(trace: Trace | undefined): boolean {
  return trace !== undefined && ((trace.flags[0] ?? 0) & TRACE_FLAG.noNeighbour) !== 0;
}
