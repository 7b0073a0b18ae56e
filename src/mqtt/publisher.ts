// Keeps a session with the broker as long as the program runs: online and offline, whatever waits in the outbox, one message after the
// other. A broker that is away or refuses is tried again for ever, at jittered intervals.
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, DeviceError } from '../model/errors.js';
import type { BrokerSession } from './broker-session.js';
import type { BoxTopics, Message } from './message.js';
import type { Outbox } from './outbox.js';
import { encodeLog } from './payloads.js';
import type { AnswerQueue } from './requests/answer-queue.js';
import { computeReconnectDelayMs } from './reconnect-delay.js';

/** How long saying offline may take, and all of parting, ms. */
const FAREWELL_MS = 1_000;
const CLOSE_MS = 2_000;
/** A session that was over sooner counts as a failure: something ends it again and again. */
const SOUND_MS = 30_000;

export interface PublisherOptions {
  readonly topics: BoxTopics;
  readonly outbox: Outbox;
  /** Somebody waits for these: they go first. */
  readonly answers: AnswerQueue;
  /** @throws DeviceError, ConfigError */
  readonly open: (will: Message, signal: AbortSignal) => Promise<BrokerSession>;
  /** A session began; called before anything waiting is sent. @throws DeviceError */
  readonly onSession: (session: BrokerSession) => Promise<void>;
  /** One sentence, when it changes: why nothing is published, or that it is again. */
  readonly onTrouble: (text: string) => void;
  readonly readClockMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onDefect: (error: unknown) => void;
}

export interface PublisherState {
  readonly connected: boolean;
  /** Why not; null while connected and before the first attempt ended. */
  readonly problem: string | null;
}

export class Publisher {
  readonly #controller = new AbortController();
  #session: BrokerSession | null = null;
  #problem: string | null = null;
  #told: string | null = null;
  #wake: () => void = () => undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(private readonly options: PublisherOptions) {}

  start(): void {
    this.#done = this.#run().catch(this.options.onDefect);
  }

  /** Something waits to be sent. */
  wake(): void {
    this.#wake();
  }

  readState(): PublisherState {
    return { connected: this.#session !== null, problem: this.#problem };
  }

  /** A line for who follows the box; lost while no broker is there. */
  say(text: string): void {
    const { topics, readClockMs } = this.options;
    const message = { topic: topics.log, payload: encodeLog(readClockMs(), text), qos: 0, retain: false } as const;
    this.#session?.publish(message).catch(() => undefined);
  }

  /** Says offline where a broker listens. What still waits stays in the outbox. Takes two seconds at most. */
  async close(): Promise<void> {
    this.#controller.abort();
    this.#wake();
    await Promise.race([this.#done, sleep(CLOSE_MS, undefined, { ref: false })]);
    await this.#session?.close();
    await this.#done;
  }

  /** Ends when the publisher is closed. */
  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isClosed()) {
      let openedMs = Infinity;
      try {
        const session = await this.options.open(this.#status('offline'), this.#controller.signal);
        openedMs = performance.now();
        await this.#serve(session);
      } catch (error) {
        if (!(error instanceof DeviceError || error instanceof ConfigError)) throw error;
        if (!this.#isClosed()) this.#tell(error.message);
      }
      failures = performance.now() - openedMs > SOUND_MS ? 1 : failures + 1;
      const waitMs = computeReconnectDelayMs(failures, this.options.random());
      await sleep(waitMs, undefined, { signal: this.#controller.signal }).catch(() => undefined);
    }
  }

  async #serve(session: BrokerSession): Promise<void> {
    try {
      this.#session = session;
      this.options.outbox.repeatStates();
      await this.options.onSession(session);
      await session.publish(this.#status('online'));
      this.#tell(null);
      await this.#sendWaiting(session);
      const farewell = session.publish(this.#status('offline')).catch(() => undefined);
      await Promise.race([farewell, sleep(FAREWELL_MS, undefined, { ref: false })]);
    } finally {
      this.#session = null;
      await session.close();
    }
  }

  /** Ends when the publisher is closed. @throws DeviceError when the session is over */
  async #sendWaiting(session: BrokerSession): Promise<void> {
    const { outbox, answers } = this.options;
    const onEnd = (): void => this.#wake();
    session.ended.addEventListener('abort', onEnd);
    for (;;) {
      // Before looking, so that what comes while looking is not slept over.
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#isClosed()) return;
      session.ended.throwIfAborted();
      const next = answers.findNext() ?? (await outbox.findNext());
      if (next === null) await woken;
      else {
        const isTaken = await session.publish(next.message);
        await next.done();
        if (!isTaken) this.say(`the broker refuses a message on ${next.message.topic} for good`);
      }
    }
  }

  #tell(problem: string | null): void {
    this.#problem = problem;
    if (problem === this.#told) return;
    const wasTold = this.#told !== null;
    this.#told = problem;
    if (problem !== null) this.options.onTrouble(`nothing is published: ${problem}`);
    else if (wasTold) this.options.onTrouble('results are published again');
  }

  #status(payload: 'online' | 'offline'): Message {
    return { topic: this.options.topics.status, payload, qos: 1, retain: true };
  }

  #isClosed(): boolean {
    return this.#controller.signal.aborted;
  }
}
