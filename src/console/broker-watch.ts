// Keeps a session with the broker as long as the console runs, and hands on what boxes publish. A broker that is away or refuses is
// tried again for ever; events and reports wait there meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttSettings } from '../model/configuration.js';
import { ConfigError, DeviceError } from '../model/errors.js';
import { openBrokerSession } from '../mqtt/broker-session.js';
import type { BrokerSession } from '../mqtt/broker-session.js';
import { computeReconnectDelayMs } from '../mqtt/reconnect-delay.js';

export interface BrokerWatchOptions {
  readonly settings: MqttSettings;
  /** The broker keeps events under this name while the console is away: the same after a restart, and no other console's. */
  readonly clientId: string;
  readonly take: (topic: string, payload: Uint8Array, isRetained: boolean) => Promise<void>;
  /** `problem` says why there is none, in one sentence. */
  readonly onBroker: (problem: string | null, isConnected: boolean) => void;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onDefect: (error: unknown) => void;
}

/** A console that is mended within a week misses nothing; MQTT 5 asks for a term. */
const LASTING_SEC = 7 * 86_400;
/** Reports are the largest, see src/packet/box-payload.ts. */
const MOST_BYTES = 1024 * 1024;
/** A session that was over sooner counts as a failure: something ends it again and again. */
const SOUND_MS = 30_000;
/** Only the newest of them matters: the broker need not keep them for who is away. */
const STATES = ['status', 'info', 'state', 'health', 'link', 'target/+/state'];
const HAPPENINGS = ['event', 'report'];

export class BrokerWatch {
  readonly #controller = new AbortController();
  readonly #done: Promise<void>;

  constructor(private readonly options: BrokerWatchOptions) {
    this.#done = this.#run().catch(options.onDefect);
  }

  async close(): Promise<void> {
    this.#controller.abort();
    await this.#done;
  }

  /** Ends when it is closed. */
  async #run(): Promise<void> {
    const { onBroker, random } = this.options;
    let failures = 0;
    while (!this.#isClosed()) {
      let openedMs = Infinity;
      try {
        const session = await this.#open();
        openedMs = performance.now();
        await this.#serve(session);
      } catch (error) {
        if (!(error instanceof DeviceError || error instanceof ConfigError)) throw error;
        if (!this.#isClosed()) onBroker(error.message, false);
      }
      failures = performance.now() - openedMs > SOUND_MS ? 1 : failures + 1;
      const waitMs = computeReconnectDelayMs(failures, random());
      await sleep(waitMs, undefined, { signal: this.#controller.signal }).catch(() => undefined);
    }
  }

  #open(): Promise<BrokerSession> {
    const { settings, clientId, take } = this.options;
    const { signal } = this.#controller;
    return openBrokerSession({
      ...{ settings, clientId, will: null, lastingSec: LASTING_SEC, mostBytes: MOST_BYTES, signal },
      onMessage: async ({ topic, payload, isRetained }) => {
        await take(topic, payload, isRetained);
        return true;
      },
    });
  }

  /** @throws DeviceError when the session is over before the console is */
  async #serve(session: BrokerSession): Promise<void> {
    const { settings, onBroker } = this.options;
    const { signal } = this.#controller;
    try {
      // What is retained comes with the answers.
      onBroker(null, true);
      const listen = (topic: string, qos: 0 | 1) =>
        session.subscribe(`${settings.baseTopic}/+/${topic}`, { qos, isMarkKept: false });
      for (const topic of HAPPENINGS) await listen(topic, 1);
      for (const topic of STATES) await listen(topic, 0);
      await new Promise<void>((resolve) => {
        const end = (): void => resolve();
        for (const one of [signal, session.ended]) {
          one.addEventListener('abort', end, { once: true });
          if (one.aborted) end();
        }
      });
      if (!signal.aborted) session.ended.throwIfAborted();
    } finally {
      await session.close();
    }
  }

  #isClosed(): boolean {
    return this.#controller.signal.aborted;
  }
}
