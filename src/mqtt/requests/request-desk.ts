// Requests that arrive over MQTT: which are begun, that each runs once, and what is answered. How the work is done is told by
// RequestWork, how answers reach the broker by the queue.
import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttSettings } from '../../model/configuration.js';
import { AccessError, ApparenetError, UsageError } from '../../model/errors.js';
import { REQUEST_VERBS } from '../../model/mqtt-request.js';
import type { MqttRequest, RequestVerb } from '../../model/mqtt-request.js';
import type { BoxTopics, Incoming, Message } from '../message.js';
import type { AnswerQueue, WaitingAnswer } from './answer-queue.js';
import { describeRefusal, encodeAnswer } from './encode-answer.js';
import type { AnswerStatus } from './encode-answer.js';
import { isVerb, parseRequest, readTransaction } from './parse-request.js';
import { checkReplyTopic } from './reply-topic.js';
import type { JournalEntry, RequestJournal } from './request-journal.js';

export interface RequestProgress {
  readonly phase: string | null;
  /** How many come first on the same network port. */
  readonly ahead: number;
}

export interface BegunWork {
  /** What can be said of it already. */
  readonly known: object;
  /** What can be said of it when it is done. Rejects where nothing came of it. */
  readonly result: Promise<object>;
  readonly cancel: () => void;
}

export interface RequestWork {
  /** @throws ApparenetError where it is not begun. */
  begin(request: MqttRequest, onProgress: (progress: RequestProgress) => void): BegunWork;
}

export interface RequestDeskOptions {
  readonly settings: MqttSettings;
  readonly topics: BoxTopics;
  readonly journal: RequestJournal;
  readonly answers: AnswerQueue;
  readonly work: RequestWork;
  readonly readClockMs: () => number;
  /** One sentence for the log. */
  readonly onTrouble: (text: string) => void;
  readonly onDefect: (error: unknown) => void;
}

/** Of one request, ms: at most once in this time while nothing else changes. */
const PROGRESS_MS = 2_000;
/** What is canceled at the end may take so long to end, ms. */
const CLOSE_MS = 1_000;
const VERB = /^[a-z-]{1,32}$/;

export class RequestDesk {
  readonly #begun = new Map<string, { readonly work: BegunWork; readonly ended: Promise<void> }>();
  /** Topics on which something retained was told of. */
  readonly #toldRetained = new Set<string>();

  constructor(private readonly options: RequestDeskOptions) {}

  /** Answers what was not answered before the program ended. */
  resume(): void {
    const { journal } = this.options;
    for (const entry of journal.list()) {
      const reason = 'the box was restarted before it ended';
      if (!entry.isOver) this.#finish(entry, this.#encode(entry, 'failed', { code: 'canceled', reason }));
      else if (!entry.isTold) this.#tell(entry);
    }
  }

  /** True where the topic is one of requests. What it began is on disk when it returns. */
  take(incoming: Incoming): boolean {
    const { topic, isRetained } = incoming;
    const verb = topic.slice(topic.lastIndexOf('/') + 1);
    if (topic !== this.options.topics.request(verb) || !VERB.test(verb)) return false;
    if (isRetained) this.#tellRetained(topic);
    else this.#take(verb, incoming);
    return true;
  }

  /** Cancels what is under way and takes nothing any more; what does not end soon is answered after the next start. */
  async close(): Promise<void> {
    const begun = [...this.#begun.values()];
    for (const { work } of begun) work.cancel();
    const ended = Promise.all(begun.map((one) => one.ended));
    if (begun.length > 0) await Promise.race([ended, sleep(CLOSE_MS, undefined, { ref: false })]);
  }

  #take(verb: string, { payload, responseTopic, correlation }: Incoming): void {
    const { settings, topics, journal, onDefect } = this.options;
    let replyTopic = topics.response(verb);
    const transaction = readTransaction(payload);
    try {
      if (responseTopic !== undefined) replyTopic = checkReplyTopic(responseTopic, settings);
      if (!isVerb(verb))
        throw new UsageError('usage.unsupported', `there is no request ${verb}, but ${REQUEST_VERBS.join(', ')}`);
      const reply = { replyTopic, correlation: correlation?.toString('base64') ?? null };
      const known = transaction === null ? null : journal.find(verb, transaction);
      // It has come again, or who asked has heard no answer.
      if (known !== null) this.#tell({ ...known, ...reply });
      else this.#begin(verb, payload, reply);
    } catch (error) {
      if (!(error instanceof ApparenetError)) onDefect(error);
      const answer = { transaction, verb, status: 'refused', atMs: this.options.readClockMs() } as const;
      this.#send({ topic: replyTopic, payload: encodeAnswer(answer, describeRefusal(error)), correlation });
    }
  }

  /** @throws ApparenetError where it is refused */
  #begin(verb: RequestVerb, payload: Buffer, reply: Pick<JournalEntry, 'replyTopic' | 'correlation'>): void {
    const { settings, journal, work, readClockMs } = this.options;
    const { transaction, request, expiresMs } = parseRequest(verb, payload);
    if (!settings.requests.allow.includes(verb))
      throw new AccessError('access.request', `mqtt.requests.allow of this box does not name ${verb}`);
    const nowMs = readClockMs();
    if (expiresMs !== null && expiresMs < nowMs)
      throw new UsageError('usage.argument', `it has expired: the clock of this box shows ${formatTime(nowMs)}`);
    const asked = { verb, transaction, ...reply, isOver: false, isTold: false };
    const entry = { ...asked, answer: this.#encode(asked, 'accepted', {}) };
    // First, so that one that ends the program does not end it again and again.
    journal.put(entry);
    try {
      const begun = work.begin(request, this.#followProgress(entry));
      const accepted = { ...entry, answer: this.#encode(entry, 'accepted', begun.known) };
      journal.put(accepted);
      this.#tell(accepted);
      this.#wait(accepted, begun);
    } catch (error) {
      if (!(error instanceof ApparenetError)) this.options.onDefect(error);
      this.#finish(entry, this.#encode(entry, 'refused', describeRefusal(error)));
    }
  }

  #wait(entry: JournalEntry, work: BegunWork): void {
    const key = keyOf(entry);
    const ended = work.result.then(
      (fields) => this.#finish(entry, this.#encode(entry, 'done', fields)),
      (error: unknown) => {
        if (!(error instanceof ApparenetError)) this.options.onDefect(error);
        this.#finish(entry, this.#encode(entry, 'failed', describeRefusal(error)));
      },
    );
    this.#begun.set(key, { work, ended: ended.finally(() => this.#begun.delete(key)) });
  }

  #followProgress(entry: JournalEntry): (progress: RequestProgress) => void {
    let told = '';
    let toldMs = -Infinity;
    return (progress) => {
      const nowMs = performance.now();
      const text = JSON.stringify(progress);
      if (text === told && nowMs - toldMs < PROGRESS_MS) return;
      [told, toldMs] = [text, nowMs];
      this.#tell({ ...entry, answer: this.#encode(entry, 'progress', progress) }, true);
    };
  }

  #finish(entry: JournalEntry, answer: string): void {
    const finished = { ...entry, answer, isOver: true };
    this.options.journal.put(finished);
    this.#tell(finished);
  }

  #tell(entry: JournalEntry, isProgress = false): void {
    const { replyTopic, correlation, answer } = entry;
    const sent = {
      ...{ topic: replyTopic, payload: answer },
      correlation: correlation === null ? undefined : Buffer.from(correlation, 'base64'),
    };
    const onTaken = (): void => {
      if (entry.isOver && !entry.isTold) this.options.journal.put({ ...entry, isTold: true });
    };
    this.#send(sent, { key: keyOf(entry), isProgress, onTaken });
  }

  #send(
    { topic, payload, correlation }: Pick<Message, 'topic' | 'payload'> & { readonly correlation: Buffer | undefined },
    how: Omit<WaitingAnswer, 'message'> = { key: '', isProgress: false, onTaken: () => undefined },
  ): void {
    const qos = how.isProgress ? 0 : 1;
    const message = {
      topic,
      payload,
      qos,
      retain: false,
      ...(correlation === undefined ? {} : { correlation }),
    } as const;
    this.options.answers.add({ ...how, message });
  }

  #encode(
    { transaction, verb }: Pick<JournalEntry, 'transaction' | 'verb'>,
    status: AnswerStatus,
    fields: object,
  ): string {
    return encodeAnswer({ transaction, verb, status, atMs: this.options.readClockMs() }, fields);
  }

  #tellRetained(topic: string): void {
    if (this.#toldRetained.has(topic)) return;
    this.#toldRetained.add(topic);
    this.options.onTrouble(`a retained message on ${topic} is ignored: publish requests without the retain flag`);
  }
}

function keyOf({ verb, transaction }: Pick<JournalEntry, 'verb' | 'transaction'>): string {
  return `${verb} ${transaction}`;
}

function formatTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
