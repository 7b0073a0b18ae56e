// Incidents and events of a box as src/mqtt/payloads.ts tells them, back into those of the model.
import { ProtocolError } from '../model/errors.js';
import { INCIDENT_KINDS } from '../model/incident.js';
import type { BoxEvent, Incident } from '../model/incident.js';
import { SEGMENTS } from '../model/monitor.js';
import { CONDITIONS } from '../model/report.js';
import type { Evidence, Finding } from '../model/report.js';
import {
  asObject,
  orNull,
  readChoice,
  readList,
  readNumber,
  readSentence,
  readTimeMs,
  readWord,
} from './json-fields.js';
import type { JsonObject } from './json-fields.js';

export const VERDICTS = ['ok', 'warning', 'critical', 'unknown'] as const;
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export const REPORT_ID = /^[0-9A-Z]{4,12}$/;
const RECORD_ID = /^[A-Za-z0-9._:-]{1,64}$/;
const TARGET = /^[a-z0-9_-]{1,32}$/;
/** Newer boxes may tell what this program does not know yet. */
const EVENT_KIND = /^[a-z-]{1,40}$/;
const METRICS = ['rttNs', 'lossRatio', 'jitterNs', 'coverage'] as const;
const MOST_AFFECTED = 200;
const MOST_EVIDENCE = 50;

export interface ToldEvent {
  readonly event: Omit<BoxEvent, 'kind'> & { readonly kind: string };
  /** As it was then; null where the event speaks of none. */
  readonly incident: Incident | null;
}

/** @throws ProtocolError */
export function parseToldEvent(json: JsonObject): ToldEvent {
  const target = orNull(json, 'target', (from, key) => readWord(from, key, TARGET));
  const told = orNull(json, 'incident', (from, key) => asObject(from[key], key));
  if (told !== null && target === null) throw new ProtocolError('an incident has no target');
  const incident = told === null || target === null ? null : parseToldIncident(told, target);
  return {
    event: {
      id: readWord(json, 'id', RECORD_ID),
      atMs: readTimeMs(json, 'at'),
      kind: readWord(json, 'event_type', EVENT_KIND),
      severity: readChoice(json, 'severity', SEVERITIES),
      target,
      incidentId: incident?.id ?? null,
      text: readSentence(json, 'text'),
    },
    incident,
  };
}

/** @throws ProtocolError */
export function parseToldIncident(json: JsonObject, target: string): Incident {
  const readId = (from: JsonObject, key: string): string => readWord(from, key, RECORD_ID);
  return {
    id: readId(json, 'id'),
    target,
    kind: readChoice(json, 'kind', INCIDENT_KINDS),
    severity: readChoice(json, 'severity', ['warning', 'critical']),
    state: readChoice(json, 'state', ['open', 'closed']),
    startedMs: readTimeMs(json, 'startedAt'),
    openedMs: readTimeMs(json, 'openedAt'),
    endedMs: orNull(json, 'endedAt', readTimeMs),
    metric: readChoice(json, 'metric', METRICS),
    expected: readNumber(json, 'expected'),
    worst: readNumber(json, 'worst'),
    segment: orNull(json, 'segment', (from, key) => readChoice(from, key, [...SEGMENTS, 'probe'])),
    alsoAffected: readList(json, 'alsoAffected', MOST_AFFECTED).map((name) => readWord({ name }, 'name', TARGET)),
    partOf: orNull(json, 'partOf', readId),
    reportId: orNull(json, 'reportId', (from, key) => readWord(from, key, REPORT_ID)),
    finding: orNull(json, 'finding', (from, key) => parseFinding(asObject(from[key], key))),
    verdict: orNull(json, 'verdict', (from, key) => readChoice(from, key, VERDICTS)),
    summary: readSentence(json, 'summary'),
  };
}

/** Without its picture, which is in the report. */
function parseFinding(json: JsonObject): Finding {
  const where = asObject(json['where'], 'where');
  return {
    condition: readChoice(json, 'condition', CONDITIONS),
    probability: readNumber(json, 'probability', 0, 1),
    severity: readChoice(json, 'severity', SEVERITIES),
    where: {
      kind: readChoice(where, 'kind', ['probe', 'first-hop', 'hop', 'path', 'target']),
      ...(where['hop'] === undefined ? {} : { hop: readNumber(where, 'hop', 0) }),
      ...(where['address'] === undefined ? {} : { address: readSentence(where, 'address') }),
    },
    direction: readChoice(json, 'direction', ['forward', 'reverse', 'both', 'unknown']),
    ...(json['halfSide'] === undefined ? {} : { halfSide: readChoice(json, 'halfSide', ['near', 'far', 'unknown']) }),
    evidence: readList(json, 'evidence', MOST_EVIDENCE).map((one) => parseEvidence(asObject(one, 'evidence'))),
    advice: readSentence(json, 'advice'),
    ...(json['confirm'] === undefined ? {} : { confirm: readSentence(json, 'confirm') }),
  };
}

function parseEvidence(json: JsonObject): Evidence {
  return {
    text: readSentence(json, 'text'),
    metric: readSentence(json, 'metric'),
    value: readFigure(json, 'value'),
    expected: readFigure(json, 'expected'),
  };
}

function readFigure(json: JsonObject, key: string): Evidence['value'] {
  const value = json[key];
  if (typeof value === 'string') return readSentence(json, key);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined)
    return value ?? null;
  throw new ProtocolError(`${key} is no figure`);
}
