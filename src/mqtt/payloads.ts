// What the box knows -> JSON for people and programs at the other end of a broker: ms, Mb/s and percent, converted here and only here;
// times are ISO 8601 UTC and those of what happened, not of the sending. Pure.
import { computeDigestPercentile } from '../analysis/statistics/delay-digest.js';
import type { BoxHealth } from '../model/box-health.js';
import type { Depth } from '../model/examination.js';
import type { BoxEvent, Incident } from '../model/incident.js';
import type { NeighbourFacts } from '../model/link-evidence.js';
import type { PortFacts } from '../model/path.js';
import type { PeriodSummary } from '../model/period-summary.js';
import type { Report, Verdict } from '../model/report.js';
import { NS_PER_MS } from '../model/units.js';

const PERCENT = 100;
const BITS_PER_MEGABIT = 1e6;

export interface BoxIdentity {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Unix ms. */
  readonly startedMs: number;
}

export function encodeInfo({ id, name, version, startedMs }: BoxIdentity): string {
  return JSON.stringify({ schema: 'apparenet.info/1', id, name, version, startedAt: formatTime(startedMs) });
}

/** In the words of Home Assistant, which refuses others. What is newer, a box does not know yet. */
export function encodeUpdate({ version }: BoxIdentity): string {
  return JSON.stringify({ title: 'appareNet', installed_version: version });
}

/** One event of the diary with the incident it speaks of, as it was then. `event_type` is the key that Home Assistant asks for. */
export function encodeEvent(event: BoxEvent, incident: Incident | null): string {
  const { id, atMs, kind, severity, target, text } = event;
  return JSON.stringify({
    schema: 'apparenet.event/1',
    id,
    at: formatTime(atMs),
    event_type: kind,
    severity,
    target,
    text,
    incident: incident === null ? null : describeIncident(incident),
  });
}

/** Whole, so that who keeps it has what the box has. */
function describeIncident(incident: Incident): object {
  const { id, kind, severity, state, segment, alsoAffected, partOf, reportId, finding, verdict, summary } = incident;
  const { metric, expected, worst } = incident;
  return {
    id,
    kind,
    severity,
    state,
    startedAt: formatTime(incident.startedMs),
    openedAt: formatTime(incident.openedMs),
    endedAt: incident.endedMs === null ? null : formatTime(incident.endedMs),
    ...{ segment, alsoAffected, partOf, reportId, verdict },
    condition: finding?.condition ?? null,
    advice: finding?.advice ?? null,
    summary,
    ...{ metric, expected, worst, finding },
  };
}

/** What a target was in the last whole minute, and what is wrong with it now. */
export function encodeTargetState(minute: PeriodSummary | null, open: readonly Incident[]): string {
  return JSON.stringify({
    at: minute === null ? null : formatTime(minute.startMs),
    reachable: minute === null ? null : tellReachable(minute),
    ...describeFigures(minute),
    problem: minute?.problem ?? null,
    incidents: open.map((incident) => ({ ...describeIncident(incident), since: formatTime(incident.startedMs) })),
    minute: minute === null ? null : describeMinute(minute),
  });
}

/** For programs that keep it: counts and the distribution of round trips, of which longer periods can be made. */
function describeMinute({ lengthMs, sent, lost, duplicated, reordered, disturbed, rtt }: PeriodSummary): object {
  return { lengthMs, sent, lost, duplicated, reordered, disturbed: round(disturbed, 4), rtt };
}

/** null where nothing was sent whose answer could be told. */
function tellReachable({ rtt, sent, lost }: PeriodSummary): boolean | null {
  if (rtt !== null) return true;
  return sent > 0 && lost > 0 ? false : null;
}

function describeFigures(minute: PeriodSummary | null): object {
  const rtt = minute?.rtt ?? null;
  const jitterNs = minute?.jitterNs ?? null;
  return {
    rttMs: rtt === null ? null : toMs(computeDigestPercentile(rtt, 0.5)),
    rttP95Ms: rtt === null ? null : toMs(computeDigestPercentile(rtt, 0.95)),
    rttMinMs: rtt === null ? null : toMs(rtt.minNs),
    jitterMs: jitterNs === null ? null : toMs(jitterNs),
    lossPercent: minute === null || minute.sent === 0 ? null : round((minute.lost / minute.sent) * PERCENT, 2),
    coveragePercent: minute === null ? null : round(minute.coverage * PERCENT, 1),
  };
}

export interface BoxState {
  /** Names of those that are watched. */
  readonly targets: readonly string[];
  /** By target: how thoroughly it is examined. */
  readonly profiles: Readonly<Record<string, Depth>>;
  /** Oldest first. */
  readonly openIncidents: readonly Incident[];
  readonly lastReport: Report | null;
}

/** Incidents that have their cause with another one are no alarm of their own. */
export function encodeState({ targets, profiles, openIncidents, lastReport }: BoxState): string {
  const alarms = openIncidents.filter(({ partOf }) => partOf === null);
  return JSON.stringify({
    verdict: tellVerdict(targets, alarms),
    openIncidents: alarms.length,
    summary: (alarms.find(({ severity }) => severity === 'critical') ?? alarms[0])?.summary ?? null,
    targets,
    profiles,
    lastReport: lastReport === null ? null : describeReport(lastReport),
  });
}

function tellVerdict(targets: readonly string[], alarms: readonly Incident[]): Verdict {
  if (alarms.some(({ severity }) => severity === 'critical')) return 'critical';
  if (alarms.length > 0) return 'warning';
  return targets.length === 0 ? 'unknown' : 'ok';
}

function describeReport({ id, target, startedAt, verdict, summary }: Report): object {
  return { id, target: target.name ?? target.address, at: startedAt, verdict, summary };
}

export interface SpoolState {
  readonly messages: number;
  readonly bytes: number;
  /** Since the start. */
  readonly dropped: number;
}

export function encodeHealth(health: BoxHealth, isSequencerUp: boolean, spool: SpoolState): string {
  const { temperatures, memory, storage, load, clock, concerns } = health;
  const hottest = temperatures.map(({ celsius }) => celsius).sort((a, b) => b - a)[0] ?? null;
  return JSON.stringify({
    sequencerUp: isSequencerUp,
    temperatureCelsius: hottest === null ? null : round(hottest, 1),
    memoryFreePercent: memory === null ? null : shareOf(memory.availableBytes, memory.totalBytes),
    storageFreePercent: storage === null ? null : shareOf(storage.availableBytes, storage.totalBytes),
    load: load === null ? null : round(load.load1, 2),
    clockSynchronized: clock.synchronized,
    concerns: concerns.map(({ severity, text, advice }) => ({ severity, text, advice })),
    spool,
  });
}

function shareOf(part: number, whole: number): number | null {
  return whole > 0 ? round((part / whole) * PERCENT, 1) : null;
}

export interface PortState {
  readonly facts: PortFacts;
  readonly neighbour: NeighbourFacts | null;
}

/** By the name of the port. */
export function encodeLink(ports: readonly PortState[]): string {
  return JSON.stringify({ ports: Object.fromEntries(ports.map((port) => [port.facts.name, describePort(port)])) });
}

function describePort({ facts, neighbour }: PortState): object {
  const { linkUp, speedBitsPerSec, duplex, mtuBytes, autoNegotiation } = facts;
  return {
    up: linkUp,
    speedMbps: speedBitsPerSec === null ? null : speedBitsPerSec / BITS_PER_MEGABIT,
    duplex,
    autoNegotiation,
    mtuBytes,
    neighbour:
      neighbour === null
        ? null
        : {
            system: neighbour.systemName,
            port: neighbour.portDescription ?? neighbour.portId,
            vlan: neighbour.nativeVlan,
            by: neighbour.protocol,
          },
  };
}

export function encodeLog(atMs: number, text: string): string {
  return JSON.stringify({ at: formatTime(atMs), text });
}

function formatTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

/** To the microsecond. */
function toMs(ns: number): number {
  return round(ns / NS_PER_MS, 3);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
