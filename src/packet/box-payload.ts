// What boxes publish, as src/mqtt/payloads.ts encodes it, back into the words of the model. Whoever may publish at a broker can publish
// anything: each field is checked, each length bounded, and what does not follow its form changes nothing.
import { ProtocolError } from '../model/errors.js';
import type { BoxConcern, BoxSaying, ToldMinute, ToldPort, ToldReport } from '../model/fleet.js';
import type { DelayDigest, PeriodSummary } from '../model/period-summary.js';
import { REPORT_SCHEMA } from '../model/report.js';
import type { Report } from '../model/report.js';
import { NS_PER_MS } from '../model/units.js';
import { parseToldEvent, parseToldIncident, REPORT_ID, SEVERITIES, VERDICTS } from './box-incident.js';
import type { BoxTopic } from './box-topic.js';
import {
  asObject,
  orNull,
  parseJsonObject,
  readChoice,
  readCount,
  readList,
  readNumber,
  readSentence,
  readTimeMs,
  readWord,
} from './json-fields.js';
import type { JsonObject } from './json-fields.js';

const MOST_BYTES = 64 * 1024;
/** A deep examination with pictures is some 60 kB. */
const MOST_REPORT_BYTES = 512 * 1024;
const VERSION = /^[0-9A-Za-z.+-]{1,40}$/;
const MOST_PORTS = 64;
const MOST_CONCERNS = 50;
const MOST_INCIDENTS = 20;
/** Two numbers a bin; a digest of ours has 24 bins at most. */
const MOST_BIN_NUMBERS = 256;
const MOST_COLLAPSES = 15;
const PERCENT = 100;

/** An empty payload clears what the broker keeps. @throws ProtocolError */
export function parseBoxPayload(topic: BoxTopic, bytes: Uint8Array): BoxSaying {
  if (topic.kind === 'status') return { kind: 'status', isOnline: parseStatus(bytes) };
  if (bytes.length === 0) return parseCleared(topic);
  const json = parseJsonObject(bytes, topic.kind === 'report' ? MOST_REPORT_BYTES : MOST_BYTES);
  switch (topic.kind) {
    case 'info':
      return { kind: 'info', info: parseInfo(json) };
    case 'state':
      return { kind: 'state', state: parseState(json) };
    case 'health':
      return { kind: 'health', concerns: readList(json, 'concerns', MOST_CONCERNS).map(parseConcern) };
    case 'link':
      return { kind: 'link', ports: parsePorts(asObject(json['ports'], 'ports')) };
    case 'target':
      return { kind: 'target', name: topic.target ?? '', told: parseMinute(json, topic.target ?? '') };
    case 'event':
      return { kind: 'event', ...parseToldEvent(json) };
    case 'report':
      return { kind: 'report', report: parseReport(json) };
  }
}

function parseStatus(bytes: Uint8Array): boolean | null {
  if (bytes.length === 0) return null;
  const word = bytes.length > 16 ? '' : new TextDecoder().decode(bytes);
  if (word === 'online' || word === 'offline') return word === 'online';
  throw new ProtocolError('it says neither online nor offline');
}

function parseCleared({ kind, target }: BoxTopic): BoxSaying {
  switch (kind) {
    case 'info':
      return { kind, info: null };
    case 'state':
      return { kind, state: null };
    case 'health':
      return { kind, concerns: [] };
    case 'link':
      return { kind, ports: [] };
    case 'target':
      return { kind, name: target ?? '', told: null };
    case 'status':
    case 'event':
    case 'report':
      throw new ProtocolError('it is empty');
  }
}

function parseInfo(json: JsonObject) {
  return {
    name: readSentence(json, 'name'),
    version: readWord(json, 'version', VERSION),
    startedMs: readTimeMs(json, 'startedAt'),
  };
}

function parseState(json: JsonObject) {
  return {
    verdict: readChoice(json, 'verdict', VERDICTS),
    openIncidents: readCount(json, 'openIncidents'),
    summary: orNull(json, 'summary', readSentence),
    lastReport: orNull(json, 'lastReport', (from, key): ToldReport => {
      const report = asObject(from[key], key);
      return {
        id: readWord(report, 'id', REPORT_ID),
        target: readSentence(report, 'target'),
        atMs: readTimeMs(report, 'at'),
        verdict: readChoice(report, 'verdict', VERDICTS),
        summary: readSentence(report, 'summary'),
      };
    }),
  };
}

function parseConcern(value: unknown): BoxConcern {
  const json = asObject(value, 'a concern');
  return { severity: readChoice(json, 'severity', SEVERITIES), text: readSentence(json, 'text') };
}

function parsePorts(json: JsonObject): ToldPort[] {
  const entries = Object.entries(json);
  if (entries.length > MOST_PORTS) throw new ProtocolError(`more than ${MOST_PORTS} ports`);
  return entries.map(([name, value]) => {
    const port = asObject(value, 'a port');
    const neighbour = orNull(port, 'neighbour', (from, key) => asObject(from[key], key));
    return {
      name: readSentence({ name }, 'name').slice(0, 40),
      up: typeof port['up'] === 'boolean' ? port['up'] : null,
      speedMbps: orNull(port, 'speedMbps', readNumber),
      duplex: orNull(port, 'duplex', readSentence),
      neighbour: neighbour && orNull(neighbour, 'system', readSentence),
    };
  });
}

function parseMinute(json: JsonObject, name: string): ToldMinute {
  const atMs = orNull(json, 'at', readTimeMs);
  const minute = orNull(json, 'minute', (from, key) => asObject(from[key], key));
  const incidents = readList(json, 'incidents', MOST_INCIDENTS);
  return {
    target: {
      name,
      atMs,
      reachable: typeof json['reachable'] === 'boolean' ? json['reachable'] : null,
      rttMs: orNull(json, 'rttMs', readNumber),
      rttP95Ms: orNull(json, 'rttP95Ms', readNumber),
      jitterMs: orNull(json, 'jitterMs', readNumber),
      lossPercent: orNull(json, 'lossPercent', readNumber),
      problem: orNull(json, 'problem', readSentence),
    },
    incidents: incidents.map((one) => parseToldIncident(asObject(one, 'an incident'), name)),
    summary: minute === null || atMs === null ? null : parseSummary(json, minute, { name, atMs }),
  };
}

/** One-way queueing and the sources of stamps stay in the box. */
function parseSummary(json: JsonObject, minute: JsonObject, of: { name: string; atMs: number }): PeriodSummary {
  const jitterMs = orNull(json, 'jitterMs', (from, key) => readNumber(from, key, 0));
  const [sent, lost] = [readCount(minute, 'sent'), readCount(minute, 'lost')];
  if (lost > sent) throw new ProtocolError('more was lost than sent');
  return {
    target: of.name,
    startMs: of.atMs,
    lengthMs: readNumber(minute, 'lengthMs', 1, 3_600_000),
    coverage: readNumber(json, 'coveragePercent', 0, PERCENT) / PERCENT,
    ...{ sent, lost, lostForward: null, lostReverse: null },
    duplicated: readCount(minute, 'duplicated'),
    reordered: readCount(minute, 'reordered'),
    rtt: orNull(minute, 'rtt', (from, key) => parseDigest(asObject(from[key], key))),
    ...{ forwardQueueing: null, reverseQueueing: null },
    jitterNs: jitterMs === null ? null : Math.round(jitterMs * NS_PER_MS),
    stamps: null,
    disturbed: readNumber(minute, 'disturbed', 0, 1),
    problem: orNull(json, 'problem', readSentence),
  };
}

/** Its counts must agree: what is merged later trusts them. */
function parseDigest(json: JsonObject): DelayDigest {
  const bins = readList(json, 'bins', MOST_BIN_NUMBERS).map((value) => {
    if (!Number.isSafeInteger(value)) throw new ProtocolError('a bin is no whole number');
    return value as number;
  });
  const digest = {
    count: readCount(json, 'count'),
    minNs: readCount(json, 'minNs'),
    maxNs: readCount(json, 'maxNs'),
    sumNs: readNumber(json, 'sumNs', 0),
    collapses: readNumber(json, 'collapses', 0, MOST_COLLAPSES),
    bins,
  };
  const counts = bins.filter((_, i) => i % 2 === 1);
  const indices = bins.filter((_, i) => i % 2 === 0);
  const isSound =
    digest.count > 0 &&
    digest.minNs <= digest.maxNs &&
    Number.isInteger(digest.collapses) &&
    indices.length === counts.length &&
    indices.every((index, i) => i === 0 || index > (indices[i - 1] ?? 0)) &&
    counts.every((count) => count > 0) &&
    counts.reduce((sum, count) => sum + count, 0) === digest.count;
  if (!isSound) throw new ProtocolError('the distribution contradicts itself');
  return digest;
}

/** What lists and folders go by is checked; the rest is for who asks for the whole report. */
function parseReport(json: JsonObject): Report {
  readChoice(json, 'schema', [REPORT_SCHEMA]);
  readWord(json, 'id', REPORT_ID);
  readTimeMs(json, 'startedAt');
  readChoice(json, 'verdict', VERDICTS);
  readSentence(json, 'summary');
  readSentence(asObject(json['target'], 'target'), 'address');
  return json as unknown as Report;
}
