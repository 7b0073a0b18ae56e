// Tells a client how its request goes: often enough to show life, seldom enough to cost nothing, and never into a queue: a
// client that does not read misses states, not memory.
import { Beat } from './beat.js';
import type { ControlChannel } from './channel.js';
import { CONTROL_LIMITS } from './messages.js';
import type { ControlReply } from './messages.js';

export type ProgressReply = Extract<ControlReply, { type: 'working' | 'waiting' | 'progress' }>;
export type ShowProgress = (state: ProgressReply) => void;

/** Runs `job`, showing life on each `beat`; the last `progress` it shows is sent before this resolves, so that a client sees a run complete. */
export async function withProgress<T>(
  channel: ControlChannel,
  job: (show: ShowProgress) => Promise<T>,
  beat: Beat = new Beat(CONTROL_LIMITS.heartbeatMs),
): Promise<T> {
  const sender = new ProgressSender(channel);
  const leaveBeat = beat.listen(() => sender.send());
  try {
    const result = await job((state) => sender.show(state));
    await sender.flush();
    return result;
  } finally {
    leaveBeat();
  }
}

class ProgressSender {
  #latest: ProgressReply = { type: 'working' };
  #isSent = false;
  #sentAtMs = 0;

  constructor(private readonly channel: ControlChannel) {}

  show(state: ProgressReply): void {
    const kindChanged = state.type !== this.#latest.type;
    this.#latest = state;
    this.#isSent = false;
    if (kindChanged || performance.now() - this.#sentAtMs >= CONTROL_LIMITS.progressMs) this.send();
  }

  send(): void {
    if (!this.channel.idle) return;
    this.#sentAtMs = performance.now();
    this.#isSent = true;
    void this.channel.send(this.#latest);
  }

  async flush(): Promise<void> {
    if (this.#latest.type === 'progress' && !this.#isSent) await this.channel.send(this.#latest);
  }
}
