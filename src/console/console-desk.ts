// Takes what boxes publish, keeps it, and answers what the API asks: the fleet as it is, and its past. How messages come is broker-watch.ts.
import type { SummaryAnswer, SummaryQuery } from '../history/history-reader.js';
import { ProtocolError, StoreError } from '../model/errors.js';
import type {
  BoxSaying,
  BrokerStanding,
  ConsoleEventKind,
  FleetBox,
  FleetBoxDetail,
  FleetEvent,
  FleetIncident,
} from '../model/fleet.js';
import type { Report } from '../model/report.js';
import { parseBoxPayload } from '../packet/box-payload.js';
import { parseBoxTopic } from '../packet/box-topic.js';
import type { View } from './box-record.js';
import { Fleet } from './fleet.js';
import type { Arrival, Notice } from './fleet.js';
import type { FleetHistory } from './fleet-history.js';
import { IncidentBook, qualifyId, qualifyIncident } from './incident-book.js';
import { NewestRows } from './newest-rows.js';

export interface ConsoleDeskOptions {
  readonly baseTopic: string;
  readonly history: FleetHistory;
  readonly readClockMs: () => number;
  /** Everything that people should hear of, as it comes. */
  readonly onEvent: (event: FleetEvent) => void;
  readonly onStoreError: (error: StoreError) => void;
}

interface Page {
  readonly limit: number;
  readonly beforeId?: string;
  readonly box?: string;
}

const LOOK_MS = 5_000;
const MOST_EVENTS = 5_000;
const HOUR_MS = 3_600_000;
/** What a box tells of is not later than this, by the console's clock, and not earlier than the other: else its clock is wrong. */
const MOST_AHEAD_MS = HOUR_MS;
const MOST_BEHIND_MS = 400 * 24 * HOUR_MS;

const WORDS: Readonly<Record<ConsoleEventKind, { severity: FleetEvent['severity']; text: string }>> = {
  'box-new': { severity: 'info', text: 'It was heard for the first time since the console started.' },
  'box-here': { severity: 'info', text: 'It is back.' },
  'box-gone': { severity: 'warning', text: 'It has gone: it said so, or the broker lost it.' },
  'box-silent': { severity: 'warning', text: 'It says nothing any more, though the broker has not lost it.' },
  'box-shared-name': { severity: 'warning', text: 'Two boxes share its id: give one of them another mqtt.id.' },
};

export class ConsoleDesk {
  readonly #fleet = new Fleet();
  readonly #incidents = new IncidentBook();
  readonly #events = new NewestRows<FleetEvent>(MOST_EVENTS);
  #messages = 0;
  #serial = 0;
  #connectedMs: number | null = null;
  #problem: string | null = null;
  readonly #timer: NodeJS.Timeout;

  private constructor(private readonly options: ConsoleDeskOptions) {
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** With what was kept when the console ended. */
  static async open(options: ConsoleDeskOptions): Promise<ConsoleDesk> {
    const desk = new ConsoleDesk(options);
    const { history } = options;
    for (const event of await history.listEvents({ limit: MOST_EVENTS })) desk.#events.put(event);
    const incidents = await history.listIncidents({ limit: MOST_EVENTS });
    for (const incident of incidents.reverse()) desk.#incidents.take(incident);
    return desk;
  }

  /** One message; when it resolves, what must not be lost of it is on the disk. */
  async take(topic: string, bytes: Uint8Array, isRetained: boolean): Promise<void> {
    this.#messages += 1;
    const parsed = parseBoxTopic(this.options.baseTopic, topic);
    if (parsed === null) return;
    const arrival = { topic: parsed, nowMs: this.options.readClockMs(), isRetained };
    let saying: BoxSaying;
    try {
      saying = parseBoxPayload(parsed, bytes);
      checkTime(saying, arrival.nowMs);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fleet.addFault(arrival, error.message);
      return;
    }
    for (const notice of this.#fleet.take(saying, arrival)) this.#notice(notice);
    try {
      await this.#keep(saying, arrival);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.options.onStoreError(error);
    }
  }

  /** `problem` is null where there is a broker. */
  setBroker(problem: string | null, isConnected: boolean): void {
    this.#problem = problem;
    if (!isConnected) this.#connectedMs = null;
    else this.#connectedMs ??= this.options.readClockMs();
  }

  /** Notices who came and went. */
  look(): void {
    for (const notice of this.#fleet.look(this.#view())) this.#notice(notice);
  }

  readStanding(): BrokerStanding {
    return {
      connected: this.#connectedMs !== null,
      problem: this.#problem,
      messages: this.#messages,
      faults: this.#fleet.faults,
    };
  }

  /** The worst first. */
  listBoxes(): FleetBox[] {
    return this.#fleet.list(this.#view());
  }

  readBox(id: string): FleetBoxDetail | null {
    return this.#fleet.read(id, this.#view());
  }

  /** Newest first. */
  async listIncidents({ box, state, ...page }: Page & { state?: FleetIncident['state'] }): Promise<FleetIncident[]> {
    const isAsked = (one: FleetIncident): boolean =>
      (box === undefined || one.box === box) && (state === undefined || one.state === state);
    const { newest } = this.#incidents;
    const found = newest.list(page.limit, page.beforeId, isAsked);
    if (found.length === page.limit || !newest.hasDropped) return found;
    return this.options.history.listIncidents({ ...page, ...(state === undefined ? {} : { state }) }, box);
  }

  /** Newest first. What the console noticed itself is in memory only. */
  async listEvents({ box, ...page }: Page): Promise<FleetEvent[]> {
    const isAsked = (one: FleetEvent): boolean => box === undefined || one.box === box;
    const found = this.#events.list(page.limit, page.beforeId, isAsked);
    if (found.length === page.limit || !this.#events.hasDropped) return found;
    return this.options.history.listEvents(page, box);
  }

  countOpenIncidents(): number {
    return this.#incidents.listOpen().length;
  }

  /** One target of one box over time. */
  querySummaries(box: string, query: SummaryQuery): Promise<SummaryAnswer> {
    return this.options.history.querySummaries(box, query);
  }

  /** null for one that is not kept. */
  readReport(box: string, id: string): Promise<Report | null> {
    return this.options.history.readReport(box, id);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #keep(saying: BoxSaying, { topic, nowMs, isRetained }: Arrival): Promise<void> {
    const { history } = this.options;
    const { box } = topic;
    switch (saying.kind) {
      case 'target':
        await this.#keepMinute(saying, box, nowMs);
        return;
      case 'event':
        // Nobody retains events; who does would tell the same one at each start.
        if (!isRetained) await this.#keepEvent(saying, box);
        return;
      case 'report':
        if (!isRetained) await history.addReport(box, saying.report);
        return;
      case 'status':
      case 'info':
      case 'state':
      case 'health':
      case 'link':
        return;
    }
  }

  /** Also a retained one: it is the minute that was told last, and has its own time. */
  async #keepMinute({ name, told }: Extract<BoxSaying, { kind: 'target' }>, box: string, nowMs: number): Promise<void> {
    const { history } = this.options;
    const summary = told?.summary ?? null;
    if (summary !== null) history.addMinute(box, summary);
    const named = (told?.incidents ?? []).map((incident) => qualifyIncident(incident, box));
    for (const incident of named) {
      if (this.#incidents.takeNamed(incident)) await history.putIncident(incident);
    }
    const atMs = told === null ? nowMs : told.target.atMs;
    // A late state knows less than what came before it.
    if (atMs === null || (told !== null && this.#fleet.readNewestMs(box, name) !== atMs)) return;
    const ids = named.map(({ id }) => id);
    for (const closed of this.#incidents.closeUnnamed(box, name, { ids, atMs, nowMs }))
      await history.putIncident(closed);
  }

  /** Told once, however often it comes. */
  async #keepEvent(saying: Extract<BoxSaying, { kind: 'event' }>, box: string): Promise<void> {
    const { history, onEvent } = this.options;
    const { id, incidentId, ...told } = saying.event;
    const event: FleetEvent = {
      ...told,
      ...{ box, id: qualifyId(id, box), incidentId: incidentId === null ? null : qualifyId(incidentId, box) },
    };
    const isKnown = this.#events.find(event.id) !== null;
    const incident = saying.incident && qualifyIncident(saying.incident, box);
    const isNews = incident !== null && this.#incidents.take(incident);
    if (!isKnown) this.#events.put(event);
    // Both even where they are known: the disk may not have had them when the broker sent them last.
    await Promise.all([history.addEvent(event), isNews ? history.putIncident(incident) : null]);
    if (!isKnown) onEvent(event);
  }

  #notice({ box, kind }: Notice): void {
    const atMs = this.options.readClockMs();
    this.#serial += 1;
    // As those of boxes, so that they stand among them at their time.
    const id = qualifyId(`${atMs.toString(36).padStart(9, '0')}-${kind}-${this.#serial}`, box);
    const event: FleetEvent = { id, box, atMs, kind, ...WORDS[kind], target: null, incidentId: null };
    this.#events.put(event);
    this.options.onEvent(event);
  }

  #view(): View {
    return { nowMs: this.options.readClockMs(), connectedMs: this.#connectedMs };
  }
}

/** @throws ProtocolError */
function checkTime(saying: BoxSaying, nowMs: number): void {
  const atMs = readTime(saying);
  if (atMs === null) return;
  if (atMs > nowMs + MOST_AHEAD_MS)
    throw new ProtocolError(`it speaks of ${new Date(atMs).toISOString()}, which is still to come: its clock is wrong`);
  if (atMs < nowMs - MOST_BEHIND_MS)
    throw new ProtocolError(`it speaks of ${new Date(atMs).toISOString()}, which is long ago: its clock is wrong`);
}

function readTime(saying: BoxSaying): number | null {
  switch (saying.kind) {
    case 'target':
      return saying.told?.target.atMs ?? null;
    case 'event':
      return saying.event.atMs;
    case 'report':
      return Date.parse(saying.report.startedAt);
    case 'status':
    case 'info':
    case 'state':
    case 'health':
    case 'link':
      return null;
  }
}
