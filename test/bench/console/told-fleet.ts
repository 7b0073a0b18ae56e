// What drawn boxes publish minute after minute, by the product's own encoders: as many messages, and as long ones, as real boxes send.
import { createDigest } from '../../../src/analysis/statistics/delay-digest.js';
import type { BoxHealth } from '../../../src/model/box-health.js';
import type { BoxEvent, Incident } from '../../../src/model/incident.js';
import {
  encodeEvent,
  encodeHealth,
  encodeInfo,
  encodeLink,
  encodeState,
  encodeTargetState,
} from '../../../src/mqtt/payloads.js';
import { createRandom } from '../../../src/model/random.js';
import { SAMPLE_REPORTS } from '../../unit/cli/sample-reports.js';
import { buildIncident } from '../../unit/history/built-records.js';
import { buildMinute, buildPort } from '../../unit/mqtt/built-facts.js';

export const MINUTE_MS = 60_000;
/** What a target is asked in a minute at the pace that is usual, one packet each 500 ms. */
const SAMPLES = 120;
/** Minutes that are drawn; boxes take them in turn. */
const DRAWN = 200;
/** One box in so many has an incident that opens in a minute and ends in the next. */
const INCIDENT_EVERY = 50;
/** Each box examines something once in so many minutes. */
const REPORT_EVERY = 60;

export interface Told {
  readonly box: string;
  /** Below the topic of the box. */
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

export interface FleetSize {
  readonly boxes: number;
  readonly targets: number;
}

export const nameBox = (index: number): string => `bench-${String(index).padStart(4, '0')}`;

const random = createRandom(6);
const digests = Array.from({ length: DRAWN }, () => {
  const levelNs = 10 ** (5 + 3 * random.uniform());
  return createDigest(Array.from({ length: SAMPLES }, () => Math.round(levelNs + random.exponential(levelNs / 5))));
});

/** What a box says when it starts. */
export function tellStart(index: number, { targets }: FleetSize): Told[] {
  const box = nameBox(index);
  const names = Array.from({ length: targets }, (_, i) => `target-${i}`);
  const tell = (topic: string, payload: string): Told => ({ box, topic, payload, retain: true });
  const profiles = Object.fromEntries(names.map((name) => [name, 'normal' as const]));
  return [
    tell('status', 'online'),
    tell('info', encodeInfo({ id: box, name: `Box ${index}`, version: '0.1.0', startedMs: 0 })),
    tell('state', encodeState({ targets: names, profiles, openIncidents: [], lastReport: null })),
    tell('link', encodeLink(['eth0', 'eth1'].map((name) => ({ facts: buildPort(name), neighbour: null })))),
  ];
}

/** What it says of the minute that began at `startMs`, the `minute`th. */
export function tellMinute(index: number, { targets }: FleetSize, minute: number, startMs: number): Told[] {
  const box = nameBox(index);
  const state = (topic: string, payload: string): Told => ({ box, topic, payload, retain: true });
  const told = [state('health', encodeHealth(HEALTH, true, { messages: 0, bytes: 0, dropped: 0 }))];
  for (let i = 0; i < targets; i += 1) {
    const target = `target-${i}`;
    const rtt = digests[(index * 7 + minute * 13 + i) % DRAWN] ?? null;
    const summary = buildMinute(target, { startMs, lost: 0, sent: SAMPLES, rtt, jitterNs: 12_345 });
    told.push(state(`target/${target}/state`, encodeTargetState(summary, [])));
  }
  const happened = [...tellIncident(index, minute, startMs), ...tellReport(index, minute, startMs)];
  return [...told, ...happened.map(({ topic, payload }) => ({ box, topic, payload, retain: false }))];
}

function tellIncident(index: number, minute: number, startMs: number): { topic: string; payload: string }[] {
  const phase = (minute + index) % INCIDENT_EVERY;
  if (phase > 1) return [];
  const begunMs = startMs - phase * MINUTE_MS;
  const id = `${begunMs.toString(36).padStart(9, '0')}-target-0`;
  const open: Incident = { ...buildIncident(id, begunMs, begunMs) };
  const incident: Incident = phase === 0 ? open : { ...open, state: 'closed', endedMs: startMs };
  const event: BoxEvent = {
    id: `${startMs.toString(36).padStart(9, '0')}-${phase === 0 ? 'opened' : 'recovered'}-${index}`,
    atMs: startMs,
    kind: phase === 0 ? 'opened' : 'recovered',
    severity: 'warning',
    target: 'target-0',
    incidentId: id,
    text: incident.summary,
  };
  return [{ topic: 'event', payload: encodeEvent(event, incident) }];
}

function tellReport(index: number, minute: number, startMs: number): { topic: string; payload: string }[] {
  if ((minute + index) % REPORT_EVERY !== 0) return [];
  const id = ((index * 1_000 + minute) % 36 ** 5).toString(36).padStart(5, '0').toUpperCase();
  const report = { ...SAMPLE_REPORTS['duplex-mismatch'], id, startedAt: new Date(startMs).toISOString() };
  return [{ topic: 'report', payload: JSON.stringify(report) }];
}

const HEALTH: BoxHealth = {
  temperatures: [{ sensor: 'cpu_thermal', celsius: 51.2, criticalCelsius: 90 }],
  memory: { totalBytes: 1e9, availableBytes: 6e8 },
  storage: null,
  load: { processors: 4, load1: 0.2, load15: 0.2, stalled: null },
  concerns: [],
  clock: { synchronized: true, service: 'systemd-timesyncd', maxErrorNs: 12_000_000, source: null },
};
