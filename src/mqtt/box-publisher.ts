// One box at one broker: which of its facts go to which topic, and when. How messages get there is the publisher's business, what waits
// meanwhile the outbox's.
import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttSettings } from '../model/configuration.js';
import type { StoreError } from '../model/errors.js';
import type { BoxEvent, Incident } from '../model/incident.js';
import type { PeriodSummary } from '../model/period-summary.js';
import type { Report } from '../model/report.js';
import { composeBoxStates } from './box-states.js';
import type { BoxFacts } from './box-states.js';
import { openBrokerSession } from './broker-session.js';
import type { BrokerSession } from './broker-session.js';
import { composeDiscovery } from './home-assistant/discovery.js';
import { computeTopics } from './message.js';
import type { BoxTopics, Incoming } from './message.js';
import { Outbox } from './outbox.js';
import { encodeEvent, encodeHealth, encodeTargetState } from './payloads.js';
import type { BoxIdentity, SpoolState } from './payloads.js';
import { PublishedMemory } from './published-memory.js';
import type { Published } from './published-memory.js';
import { Publisher } from './publisher.js';
import type { PublisherState } from './publisher.js';
import { AnswerQueue } from './requests/answer-queue.js';
import { RequestDesk } from './requests/request-desk.js';
import type { RequestWork } from './requests/request-desk.js';
import { RequestJournal } from './requests/request-journal.js';
import { SpoolFolder } from './spool/spool-folder.js';

export interface BoxPublisherOptions {
  /** With a URL. */
  readonly settings: MqttSettings;
  readonly identity: BoxIdentity;
  /** Of the spool and of what was published; made where it is not there. */
  readonly folder: string;
  /** null before the first. */
  readonly lastReport: Report | null;
  readonly readFacts: () => Promise<BoxFacts>;
  /** Does what is asked for over MQTT. */
  readonly work: RequestWork;
  readonly readClockMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** One sentence: why nothing is published, or that it is again. */
  readonly onTrouble: (text: string) => void;
  readonly onStoreError: (error: StoreError) => void;
  readonly onDefect: (error: unknown) => void;
}

/** For how long a broker of MQTT 5 keeps what is sent to the box while it is away, s; one of 3.1.1 decides by itself. */
const LASTING_SEC = 86_400;
/** Between two looks at what changes by itself, ms. */
const LOOK_MS = 60_000;
const SLACK_MS = 5_000;
/** Home Assistant, back again, is not to hear of all boxes at once, ms: from one second to ten. */
const BIRTH_MS = { least: 1_000, span: 9_000 } as const;
const BYTES_PER_MB = 1e6;
const MS_PER_DAY = 86_400_000;

export class BoxPublisher {
  readonly #topics: BoxTopics;
  readonly #memory: PublishedMemory;
  readonly #publisher: Publisher;
  readonly #requests: RequestDesk;
  readonly #closing = new AbortController();
  readonly #minutes = new Map<string, PeriodSummary>();
  /** Topics whose clearing was asked for. */
  readonly #cleared = new Set<string>();
  #published: Published;
  #lastReport: Report | null;
  #health: { readonly atMs: number; readonly isSequencerUp: boolean } | null = null;
  #dropped = 0;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  private constructor(
    private readonly options: BoxPublisherOptions,
    private readonly outbox: Outbox,
  ) {
    const { settings, identity, folder, work, readClockMs, random, onTrouble, onDefect } = options;
    const answers = new AnswerQueue(() => this.#publisher.wake());
    this.#topics = computeTopics(settings, identity.id);
    this.#memory = new PublishedMemory(`${folder}/published.json`, options.onStoreError);
    this.#published = this.#memory.read();
    this.#lastReport = options.lastReport;
    this.#requests = new RequestDesk({
      ...{ settings, topics: this.#topics, answers, work, readClockMs, onTrouble, onDefect },
      journal: new RequestJournal(`${folder}/requests.json`, options.onStoreError),
    });
    this.#publisher = new Publisher({
      ...{ topics: this.#topics, outbox, answers, readClockMs, random, onTrouble, onDefect },
      open: (will, signal) =>
        openBrokerSession({
          ...{ settings, will, signal },
          clientId: `apparenet-${identity.id}`,
          // So that what is asked while the broker restarts, or this box, is not lost.
          lastingSec: settings.requests.allow.length > 0 ? LASTING_SEC : 0,
          onMessage: (incoming) => this.#hear(incoming),
        }),
      onSession: (session) => this.#greet(session),
    });
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** Starts to publish; what waited since the last time comes first. */
  static async start(options: BoxPublisherOptions): Promise<BoxPublisher> {
    const { settings, identity, folder, readClockMs, onStoreError } = options;
    const { event, report } = computeTopics(settings, identity.id);
    let wake: () => void = () => undefined;
    const outbox = await Outbox.open({
      folder: new SpoolFolder(`${folder}/spool`),
      limits: { maxBytes: settings.spool.maxMb * BYTES_PER_MB, maxAgeMs: settings.spool.maxDays * MS_PER_DAY },
      ...{ topics: { event, report }, readClockMs, onStoreError },
      onWaiting: () => wake(),
    });
    const box = new BoxPublisher(options, outbox);
    wake = () => box.#publisher.wake();
    await box.#look();
    box.#requests.resume();
    box.#publisher.start();
    return box;
  }

  /** Resolves when the event would survive a power cut. */
  async tell(event: BoxEvent, incident: Incident | null): Promise<void> {
    await this.outbox.add('event', encodeEvent(event, incident), event.atMs);
    this.look();
  }

  async takeReport(report: Report): Promise<void> {
    this.#lastReport = report;
    await this.outbox.add('report', JSON.stringify(report), Date.parse(report.startedAt));
    this.look();
  }

  takeMinutes(minutes: readonly PeriodSummary[]): void {
    for (const minute of minutes) this.#minutes.set(minute.target, minute);
    this.look();
  }

  /** A line of the log for who follows it; lost while no broker is there. */
  say(text: string): void {
    this.#publisher.say(text);
  }

  /** Tells anew what has changed. */
  look(): void {
    if (this.#closing.signal.aborted) return;
    this.#turn = this.#turn.then(() => this.#look()).catch(this.options.onDefect);
  }

  readState(): PublisherState & SpoolState {
    return { ...this.#publisher.readState(), ...this.outbox.measure() };
  }

  /** Says offline where a broker listens; what waits stays on disk. Takes about three seconds at most. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#timer);
    await this.#requests.close();
    await this.#publisher.close();
    await this.#turn;
  }

  async #look(): Promise<void> {
    const { outbox, options } = this;
    const topics = this.#topics;
    const facts = await options.readFacts();
    const { targets, openIncidents } = facts;
    this.#tellDropped();
    const source = { identity: options.identity, facts, lastReport: this.#lastReport };
    for (const [at, payload] of composeBoxStates(topics, source)) outbox.setState(at, payload);
    this.#tellHealth(facts);
    for (const name of this.#minutes.keys()) if (!targets.includes(name)) this.#minutes.delete(name);
    for (const name of targets) {
      const open = openIncidents.filter(({ target }) => target === name);
      const minute = this.#minutes.get(name) ?? null;
      const topic = topics.target(name);
      // Until the first minute after a start, what the broker has kept says more.
      if (minute !== null || open.length > 0 || !this.#published.topics.includes(topic))
        outbox.setState(topic, encodeTargetState(minute, open));
    }
    const entities = this.#announce(facts);
    this.#clearOld(facts, entities);
  }

  /** Its figures always differ a little: once a minute is enough, or when a part goes or comes. */
  #tellHealth({ health, isSequencerUp }: BoxFacts): void {
    const nowMs = performance.now();
    if (this.#health?.isSequencerUp === isSequencerUp && nowMs - this.#health.atMs < LOOK_MS - SLACK_MS) return;
    this.#health = { atMs: nowMs, isSequencerUp };
    this.outbox.setState(this.#topics.health, encodeHealth(health, isSequencerUp, this.outbox.measure()));
  }

  /** @returns what is to be remembered of the entities. */
  #announce({ targets, ports }: BoxFacts): Published['entities'] {
    const { settings, identity } = this.options;
    if (!settings.homeAssistant) return {};
    const topics = this.#topics;
    const verbs = settings.requests.allow;
    const frame = { id: identity.id, topics, targets, verbs, ports: ports.map(({ facts }) => facts.name) };
    const { payload, announced } = composeDiscovery(identity, frame, this.#published.entities[topics.discovery] ?? {});
    this.outbox.setState(topics.discovery, payload);
    return { [topics.discovery]: announced };
  }

  /** Brokers keep what was once retained until it is cleared; it is remembered until they have been told. */
  #clearOld({ targets }: BoxFacts, entities: Published['entities']): void {
    const { status, info, state, health, link, update } = this.#topics;
    const current = [
      status,
      info,
      state,
      health,
      link,
      update,
      ...targets.map(this.#topics.target),
      ...Object.keys(entities),
    ];
    for (const topic of current) this.#cleared.delete(topic);
    const old = this.#published.topics.filter((topic) => !current.includes(topic));
    const waiting = old.filter((topic) => {
      if (this.#cleared.has(topic)) return this.outbox.holds(topic);
      this.#cleared.add(topic);
      this.outbox.setState(topic, '');
      return true;
    });
    this.#published = { topics: [...current, ...waiting], entities };
    this.#memory.write(this.#published);
  }

  #tellDropped(): void {
    const { dropped } = this.outbox.measure();
    if (dropped > this.#dropped)
      this.options.onTrouble(`${dropped - this.#dropped} messages for the MQTT broker were dropped: the spool is full`);
    this.#dropped = dropped;
  }

  async #greet(session: BrokerSession): Promise<void> {
    const { homeAssistant, requests } = this.options.settings;
    if (requests.allow.length > 0) await session.subscribe(this.#topics.requests);
    if (homeAssistant) await session.subscribe(this.#topics.birth);
  }

  /** A request; or Home Assistant is back and has forgotten what it was told. */
  #hear(incoming: Incoming): boolean {
    const { topic, payload } = incoming;
    const { aborted: isClosing } = this.#closing.signal;
    if (isClosing) return false;
    if (!this.#requests.take(incoming)) this.#hearBirth(topic, payload);
    return true;
  }

  #hearBirth(topic: string, payload: Buffer): void {
    if (topic !== this.#topics.birth || payload.toString('utf8') !== 'online') return;
    const waitMs = BIRTH_MS.least + this.options.random() * BIRTH_MS.span;
    sleep(waitMs, undefined, { signal: this.#closing.signal, ref: false })
      .then(() => this.outbox.repeatStates())
      .catch(() => undefined);
  }
}
