// All boxes as they are now. Bounded, since whoever may publish at the broker may invent boxes. No I/O: time is an argument.
import { ATTENTIONS } from '../model/fleet.js';
import type { BoxSaying, ConsoleEventKind, FleetBox, FleetBoxDetail, Presence } from '../model/fleet.js';
import type { BoxTopic } from '../packet/box-topic.js';
import { computePresence, createRecord, describeBox, describeWhole, takeInfo } from './box-record.js';
import type { BoxRecord, View } from './box-record.js';

const MOST_BOXES = 10_000;
const MOST_TARGETS = 500;

/** What a console notices of a box by itself. */
export interface Notice {
  readonly box: string;
  readonly kind: ConsoleEventKind;
}

export interface Arrival {
  readonly topic: BoxTopic;
  readonly nowMs: number;
  /** The broker had kept it: it says nothing of whether the box is there. */
  readonly isRetained: boolean;
}

export class Fleet {
  readonly #boxes = new Map<string, BoxRecord>();
  #faults = 0;
  #refused = 0;

  /** Payloads that could not be read, and messages of boxes and targets for which there was no room. */
  get faults(): number {
    return this.#faults + this.#refused;
  }

  get size(): number {
    return this.#boxes.size;
  }

  take(saying: BoxSaying, { topic, nowMs, isRetained }: Arrival): Notice[] {
    if (saying.kind === 'status' && saying.isOnline === null) {
      this.#boxes.delete(topic.box);
      return [];
    }
    const isNew = !this.#boxes.has(topic.box);
    // What is cleared is no reason to know a box.
    if (isNew && isClearing(saying)) return [];
    const record = this.#open(topic.box);
    if (record === null) return [];
    const wasShared = record.sharedMs;
    this.#apply(record, saying, nowMs);
    if (!isRetained && !(saying.kind === 'status' && saying.isOnline === false)) record.lastSeenMs = nowMs;
    const notices: ConsoleEventKind[] = [];
    if (isNew && !isRetained) notices.push('box-new');
    if (wasShared === null && record.sharedMs !== null) notices.push('box-shared-name');
    return notices.map((kind) => ({ box: topic.box, kind }));
  }

  /** A payload that could not be read: counted for its box, and nothing else of it changes. */
  addFault({ topic, nowMs }: Arrival, text: string): void {
    this.#faults += 1;
    const record = this.#open(topic.box);
    if (record === null) return;
    const lastTopic = topic.kind === 'target' ? `target/${topic.target ?? ''}/state` : topic.kind;
    record.faults = { count: (record.faults?.count ?? 0) + 1, lastAtMs: nowMs, lastTopic, lastText: text };
  }

  /** What has changed by itself since the last look: who came, went or fell silent. */
  look(view: View): Notice[] {
    if (view.connectedMs === null) return [];
    return [...this.#boxes.values()].flatMap((record) => {
      const presence = computePresence(record, view) as Exclude<Presence, 'unknown'>;
      const before = record.presence;
      record.presence = presence;
      return before === null || before === presence ? [] : [{ box: record.id, kind: `box-${presence}` as const }];
    });
  }

  /** The worst first. */
  list(view: View): FleetBox[] {
    const rank = ({ attention }: FleetBox): number => ATTENTIONS.indexOf(attention);
    return [...this.#boxes.values()]
      .map((record) => describeBox(record, view))
      .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1));
  }

  read(id: string, view: View): FleetBoxDetail | null {
    const record = this.#boxes.get(id);
    return record ? describeWhole(record, view) : null;
  }

  /** Begin of the newest minute of a target, Unix ms; null before the first. */
  readNewestMs(box: string, target: string): number | null {
    return this.#boxes.get(box)?.targets.get(target)?.atMs ?? null;
  }

  #open(id: string): BoxRecord | null {
    const known = this.#boxes.get(id);
    if (known) return known;
    if (this.#boxes.size >= MOST_BOXES) {
      this.#refused += 1;
      return null;
    }
    const record = createRecord(id);
    this.#boxes.set(id, record);
    return record;
  }

  #apply(record: BoxRecord, saying: BoxSaying, nowMs: number): void {
    switch (saying.kind) {
      case 'status':
        record.isOnline = saying.isOnline;
        return;
      case 'info':
        if (saying.info === null) record.info = null;
        else takeInfo(record, saying.info, nowMs);
        return;
      case 'state':
        record.state = saying.state;
        return;
      case 'health':
        record.concerns = saying.concerns;
        return;
      case 'link':
        record.ports = saying.ports;
        return;
      case 'target':
        this.#applyTarget(record, saying, nowMs);
        return;
      case 'event':
      case 'report':
        return;
    }
  }

  /** A minute that comes late is for the history: what is known of now stays. */
  #applyTarget(record: BoxRecord, { name, told }: Extract<BoxSaying, { kind: 'target' }>, nowMs: number): void {
    if (told === null) {
      record.targets.delete(name);
      return;
    }
    const known = record.targets.get(name);
    if (known === undefined && record.targets.size >= MOST_TARGETS) {
      this.#refused += 1;
      return;
    }
    const { target, summary } = told;
    if ((known?.atMs ?? -Infinity) > (target.atMs ?? -Infinity)) return;
    record.targets.set(name, target);
    const heardMs = target.atMs === null ? 0 : target.atMs + (summary?.lengthMs ?? 0);
    record.lastSeenMs = Math.max(record.lastSeenMs ?? 0, Math.min(heardMs, nowMs)) || null;
  }
}

function isClearing(saying: BoxSaying): boolean {
  switch (saying.kind) {
    case 'info':
      return saying.info === null;
    case 'state':
      return saying.state === null;
    case 'target':
      return saying.told === null;
    case 'health':
      return saying.concerns.length === 0;
    case 'link':
      return saying.ports.length === 0;
    case 'status':
    case 'event':
    case 'report':
      return false;
  }
}
