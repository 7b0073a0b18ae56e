// The live line of an examination on stderr: phases done, the one at work, bytes and seconds of the budget. It is drawn only on a
// terminal and leaves nothing behind but the plan; elsewhere an examination is silent until its report.
import type { CostPlan, ExaminationEvent } from '../model/examination.js';
import { formatFigure, formatMilliseconds, VOLUME } from '../model/figures.js';
import type { Channel } from './terminal.js';

export interface ProgressBudget {
  /** Left out where nobody tells what was spent so far. */
  readonly maxBytes?: number;
  readonly maxSeconds: number;
}

const REDRAW_MS = 200;
const BAR_CELLS = 13;
const CLEAR_LINE = '\r\u001b[2K';

export class ProgressLine {
  private readonly done: string[] = [];
  private phase = '';
  private waiting = '';
  private sentShare = 0;
  private spentBytes = 0;
  private startedMs = performance.now();
  private readonly timer: NodeJS.Timeout | undefined;

  /** Draws from now on until `close`. */
  constructor(
    private readonly channel: Channel,
    private readonly budget: ProgressBudget,
  ) {
    if (channel.isTty) this.timer = setInterval(() => this.draw(), REDRAW_MS);
  }

  /** Takes what an examination tells of itself. */
  show(event: ExaminationEvent): void {
    this.waiting = '';
    switch (event.kind) {
      case 'opened':
        this.startedMs = performance.now();
        break;
      case 'waiting':
        this.waiting = describeTurn(event);
        this.draw();
        return;
      case 'planned':
        if (this.channel.isTty) this.say(composePlan(event.plan));
        break;
      case 'phase':
        this.enter(event.phase);
        this.sentShare = 0;
        break;
      case 'progress':
        this.enter(event.phase);
        this.sentShare = event.total > 0 ? event.sent / event.total : 0;
        break;
      case 'traced':
        this.spentBytes += event.cost.bytes;
        this.sentShare = 1;
        break;
    }
    this.draw();
  }

  /** A remark for a person, which takes the live line's place; that one is drawn again below. */
  say(text: string): void {
    this.channel.write(`${this.channel.isTty ? CLEAR_LINE : ''}${text}\n`);
  }

  /** Ends the drawing and leaves the line empty. Safe to call twice. */
  close(): void {
    clearInterval(this.timer);
    if (this.channel.isTty) this.channel.write(CLEAR_LINE);
  }

  /** Who follows an examination from afar hears of its phases by their progress alone. */
  private enter(phase: string): void {
    if (this.phase !== '' && this.phase !== phase) this.done.push(this.phase);
    this.phase = phase;
  }

  private draw(): void {
    if (!this.channel.isTty) return;
    const elapsedSeconds = (performance.now() - this.startedMs) / 1000;
    const line = composeProgress(
      {
        done: this.done,
        phase: this.phase,
        waiting: this.waiting,
        sentShare: this.sentShare,
        spentBytes: this.spentBytes,
        elapsedSeconds,
      },
      this.budget,
    );
    this.channel.write(CLEAR_LINE + line.slice(0, this.channel.columns - 1));
  }
}

/** `plan: at most 5 MB and 15 s; likely 2 MB in 6.2 s`; where the path is filled only what bounds it. */
export function composePlan({ most, likely }: CostPlan): string {
  const bound = `plan: at most ${formatFigure(most.bytes, VOLUME)} and ${most.seconds} s`;
  if (likely.bytes >= most.bytes) return bound;
  const cost = `${formatFigure(likely.bytes, VOLUME)} in ${likely.packets} packets and ${formatMilliseconds(likely.seconds * 1000)}`;
  return `${bound}; likely ${cost}`;
}

export interface ProgressState {
  readonly done: readonly string[];
  readonly phase: string;
  /** For its turn on the network port, in words; empty where it does not wait. */
  readonly waiting: string;
  /** 0 to 1 of the packets of the phase's present sequence. */
  readonly sentShare: number;
  readonly spentBytes: number;
  readonly elapsedSeconds: number;
}

/** `reach ✔   delay ▕██████░░░░░░░▏ 46 %   0.2 MB of 5 MB, 2 s of 15 s` */
export function composeProgress(state: ProgressState, budget: ProgressBudget): string {
  const finished = [...new Set(state.done)].map((phase) => `${phase} ✔`);
  const share = Math.min(1, Math.max(0, state.sentShare));
  const full = Math.round(share * BAR_CELLS);
  const bar = `▕${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)}▏ ${Math.round(share * 100)} %`;
  const opening = state.phase === '' ? 'opening the path' : `${state.phase} ${bar}`;
  const working = [state.waiting === '' ? opening : [state.phase, state.waiting].join(' ').trimStart()];
  const seconds = `${Math.floor(state.elapsedSeconds)} s of ${budget.maxSeconds} s`;
  const { maxBytes } = budget;
  const bytes =
    maxBytes === undefined ? '' : `${formatFigure(state.spentBytes, VOLUME)} of ${formatFigure(maxBytes, VOLUME)}, `;
  return [...finished, ...working, `${bytes}${seconds}`].join('   ');
}

/** `waits for its turn behind a run to 192.0.2.9 and 1 more` */
export function describeTurn({ ahead, behind }: { readonly ahead: number; readonly behind: string | null }): string {
  if (behind === null) return `waits for its turn behind ${ahead} ${ahead === 1 ? 'other' : 'others'}`;
  return `waits for its turn behind a run to ${behind}${ahead > 1 ? ` and ${ahead - 1} more` : ''}`;
}
