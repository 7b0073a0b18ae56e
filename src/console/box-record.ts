// What is known of one box from its messages, and what of that asks for a person. Pure.
import type {
  Attention,
  BoxConcern,
  BoxFaults,
  FleetBox,
  FleetBoxDetail,
  Presence,
  ToldInfo,
  ToldPort,
  ToldState,
  ToldTarget,
} from '../model/fleet.js';

export interface BoxRecord {
  readonly id: string;
  info: ToldInfo | null;
  /** Starts that were told, the newest last. */
  starts: readonly number[];
  /** When it was noticed last that two boxes share the id, Unix ms. */
  sharedMs: number | null;
  /** What the box, or the broker for it, said last; null before. */
  isOnline: boolean | null;
  state: ToldState | null;
  concerns: readonly BoxConcern[];
  ports: readonly ToldPort[];
  readonly targets: Map<string, ToldTarget>;
  lastSeenMs: number | null;
  faults: BoxFaults | null;
  /** As it was told last; null before the first look. */
  presence: Exclude<Presence, 'unknown'> | null;
}

/** The broker as the console has it at the moment. */
export interface View {
  readonly nowMs: number;
  /** Since when there has been a broker, Unix ms; null: there is none. */
  readonly connectedMs: number | null;
}

/** Boxes tell their health each minute; two that are lost are no news. */
export const SILENT_MS = 200_000;
/** How long what was noticed once is shown. */
const REMEMBERED_MS = 3_600_000;
const MOST_STARTS = 4;

export function createRecord(id: string): BoxRecord {
  return {
    ...{ id, info: null, starts: [], sharedMs: null, isOnline: null, state: null, concerns: [], ports: [] },
    ...{ targets: new Map(), lastSeenMs: null, faults: null, presence: null },
  };
}

/** A start that was told before, after another one: two boxes take turns. One that is restarted never goes back. */
export function takeInfo(record: BoxRecord, info: ToldInfo, nowMs: number): void {
  const { startedMs } = info;
  if (startedMs !== record.starts.at(-1)) {
    if (record.starts.includes(startedMs)) record.sharedMs = nowMs;
    record.starts = [...record.starts.filter((one) => one !== startedMs), startedMs].slice(-MOST_STARTS);
  }
  record.info = info;
}

export function computePresence({ isOnline, lastSeenMs }: BoxRecord, { nowMs, connectedMs }: View): Presence {
  if (connectedMs === null) return 'unknown';
  if (isOnline === false) return 'gone';
  return nowMs - Math.max(lastSeenMs ?? 0, connectedMs) > SILENT_MS ? 'silent' : 'here';
}

export function describeBox(record: BoxRecord, view: View): FleetBox {
  const { id, info, state, targets, faults, lastSeenMs } = record;
  const presence = computePresence(record, view);
  return {
    id,
    name: info?.name ?? id,
    version: info?.version ?? null,
    startedMs: info?.startedMs ?? null,
    ...{ presence, lastSeenMs },
    ...judge(record, presence, view.nowMs),
    verdict: state?.verdict ?? 'unknown',
    openIncidents: state?.openIncidents ?? 0,
    targets: targets.size,
    faults,
  };
}

export function describeWhole(record: BoxRecord, view: View): FleetBoxDetail {
  const { targets, ports, concerns, state } = record;
  const watched = [...targets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { ...describeBox(record, view), watched, ports, concerns, lastReport: state?.lastReport ?? null };
}

function judge(record: BoxRecord, presence: Presence, nowMs: number): { attention: Attention; text: string } {
  const { state, concerns, faults, sharedMs } = record;
  const say = (attention: Attention, text: string) => ({ attention, text });
  const isRecent = (atMs: number | null): boolean => atMs !== null && nowMs - atMs < REMEMBERED_MS;
  // What it told last may have passed since: that it is gone is what is known.
  if (presence === 'gone') return say('gone', 'It has gone: it said so, or the broker lost it.');
  if (presence === 'silent') return say('gone', 'It says nothing, though the broker has not lost it.');
  if (state?.verdict === 'critical') return say('critical', state.summary ?? 'It reports something critical.');
  if (isRecent(sharedMs))
    return say('shared-name', `Two boxes call themselves ${record.id}: give one another mqtt.id.`);
  if (state?.verdict === 'warning') return say('warning', state.summary ?? 'It reports a warning.');
  const worst = concerns.find(({ severity }) => severity === 'critical');
  if (worst) return say('warning', worst.text);
  if (faults !== null && isRecent(faults.lastAtMs))
    return say('notice', `What it publishes on ${faults.lastTopic} cannot be read: ${faults.lastText}`);
  const concern = concerns.find(({ severity }) => severity === 'warning');
  if (concern) return say('notice', concern.text);
  return say('none', state === null ? 'It has not told how it is yet.' : 'No trouble.');
}
