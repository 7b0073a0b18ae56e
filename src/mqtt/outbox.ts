// What waits to be published and what of it is next: of each state only the newest, events and reports in their order, on disk until the
// broker has taken them. Knows no broker.
import { StoreError } from '../model/errors.js';
import type { Message } from './message.js';
import type { SpoolState } from './payloads.js';
import { planDrops } from './spool/plan-drops.js';
import type { SpoolLimits } from './spool/plan-drops.js';
import type { SpoolFolder, StoredKind, StoredMessage } from './spool/spool-folder.js';

interface RetainedState {
  readonly payload: string;
  readonly atMs: number;
  isWaiting: boolean;
}

interface SpooledMessage extends StoredMessage {
  /** Where the disk did not take it. */
  readonly payload?: string;
}

/** One message that is next; `done` is called when the broker has taken it. */
export interface NextMessage {
  readonly message: Message;
  readonly done: () => Promise<void>;
}

export interface OutboxOptions {
  readonly folder: SpoolFolder;
  readonly limits: SpoolLimits;
  /** Where events and reports go. */
  readonly topics: Readonly<Record<StoredKind, string>>;
  readonly readClockMs: () => number;
  /** What could not be written; it waits in memory. */
  readonly onStoreError: (error: StoreError) => void;
  /** Something became ready to be sent. */
  readonly onWaiting: () => void;
}

export class Outbox {
  readonly #states = new Map<string, RetainedState>();
  #spooled: SpooledMessage[] = [];
  #serial = 0;
  #dropped = 0;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(private readonly options: OutboxOptions) {}

  /** With what waited when the program ended. Works without a disk, and says so. */
  static async open(options: OutboxOptions): Promise<Outbox> {
    const outbox = new Outbox(options);
    await outbox.#keep(async () => {
      outbox.#spooled = await options.folder.open();
      outbox.#serial = outbox.#spooled.at(-1)?.serial ?? 0;
    });
    await outbox.#dropOverflow();
    return outbox;
  }

  /** What brokers keep of `topic` from now on; an empty payload clears it. */
  setState(topic: string, payload: string): void {
    if (this.#states.get(topic)?.payload === payload) return;
    // To the end: what changed last is the last to be given up.
    this.#states.delete(topic);
    this.#states.set(topic, { payload, atMs: this.options.readClockMs(), isWaiting: true });
    this.options.onWaiting();
  }

  /** Whether there is something on `topic` that brokers keep, or that they have not forgotten yet. */
  holds(topic: string): boolean {
    return this.#states.has(topic);
  }

  /** All states again: the broker may have forgotten them. */
  repeatStates(): void {
    for (const state of this.#states.values()) state.isWaiting = true;
    this.options.onWaiting();
  }

  /** Resolves when it is on disk. `atMs` is when it happened. */
  add(kind: StoredKind, payload: string, atMs: number): Promise<void> {
    const adding = this.#turn.then(() => this.#add(kind, payload, atMs));
    this.#turn = adding.catch(() => undefined);
    return adding;
  }

  /** States first; null where nothing waits. */
  async findNext(): Promise<NextMessage | null> {
    for (const [topic, state] of this.#states) {
      if (state.isWaiting) return this.#offerState(topic, state);
    }
    for (let first = this.#spooled[0]; first; first = this.#spooled[0]) {
      const payload = first.payload ?? (await this.#read(first));
      if (payload !== null) return this.#offerSpooled(first, payload);
      this.#forget(first);
      this.#dropped += 1;
    }
    return null;
  }

  measure(): SpoolState {
    const bytes = this.#spooled.reduce((sum, message) => sum + message.bytes, 0);
    return { messages: this.#spooled.length, bytes, dropped: this.#dropped };
  }

  #offerState(topic: string, state: RetainedState): NextMessage {
    const { payload } = state;
    return {
      message: { topic, payload, qos: 1, retain: true },
      done: () => {
        state.isWaiting = false;
        if (payload === '' && this.#states.get(topic) === state) this.#states.delete(topic);
        return Promise.resolve();
      },
    };
  }

  #offerSpooled(first: SpooledMessage, payload: string): NextMessage {
    return {
      message: { topic: this.options.topics[first.kind], payload, qos: 1, retain: false },
      done: async () => {
        this.#forget(first);
        if (first.payload === undefined) await this.#keep(() => this.options.folder.remove(first));
      },
    };
  }

  async #add(kind: StoredKind, payload: string, atMs: number): Promise<void> {
    this.#serial += 1;
    const message = { serial: this.#serial, kind, atMs, bytes: Buffer.byteLength(payload) };
    const isKept = await this.#keep(() => this.options.folder.write(message, payload));
    this.#spooled.push(isKept ? message : { ...message, payload });
    await this.#dropOverflow();
    this.options.onWaiting();
  }

  /** null where it is gone or cannot be read: the others are not to wait for it. */
  async #read(message: StoredMessage): Promise<string | null> {
    let payload: string | null = null;
    await this.#keep(async () => {
      payload = await this.options.folder.read(message);
    });
    return payload;
  }

  async #dropOverflow(): Promise<void> {
    const { limits, folder, readClockMs } = this.options;
    const states = [...this.#states].flatMap(([topic, state]) =>
      state.isWaiting ? [{ kind: 'state' as const, bytes: state.payload.length, atMs: state.atMs, topic, state }] : [],
    );
    for (const given of planDrops([...states, ...this.#spooled], limits, readClockMs())) {
      this.#dropped += 1;
      if ('state' in given) given.state.isWaiting = false;
      else {
        this.#forget(given);
        if (given.payload === undefined) await this.#keep(() => folder.remove(given));
      }
    }
  }

  #forget(message: SpooledMessage): void {
    this.#spooled = this.#spooled.filter((one) => one !== message);
  }

  /** False where the disk did not do it. */
  async #keep(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.options.onStoreError(error);
      return false;
    }
  }
}
