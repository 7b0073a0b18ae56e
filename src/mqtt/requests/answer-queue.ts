// Answers that wait for the broker: in their order, and of the progress of one request only the newest. What must survive a restart is in
// the journal of requests.
import type { Message } from '../message.js';
import type { NextMessage } from '../outbox.js';

export interface WaitingAnswer {
  /** Of the request. */
  readonly key: string;
  readonly message: Message;
  readonly isProgress: boolean;
  readonly onTaken: () => void;
}

/** Refusals of who asks without end: the oldest go first. */
const MOST_WAITING = 256;

export class AnswerQueue {
  #waiting: WaitingAnswer[] = [];

  /** `onWaiting` hears that there is something to send. */
  constructor(private readonly onWaiting: () => void) {}

  add(answer: WaitingAnswer): void {
    const isOutdated = (one: WaitingAnswer): boolean => one.isProgress && one.key === answer.key;
    this.#waiting = [...this.#waiting.filter((one) => !isOutdated(one)), answer].slice(-MOST_WAITING);
    this.onWaiting();
  }

  /** null where nothing waits. */
  findNext(): NextMessage | null {
    const [first] = this.#waiting;
    if (first === undefined) return null;
    return {
      message: first.message,
      done: () => {
        this.#waiting = this.#waiting.filter((one) => one !== first);
        first.onTaken();
        return Promise.resolve();
      },
    };
  }
}
