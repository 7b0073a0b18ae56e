// /health and /api/v1/health: which parts answer; for who has logged in also how the box is, whether it was the limit of its
// results, and what is wrong now.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { addConcerns } from '../../box/health/judge-health.js';
import { readBoxHealth } from '../../box/health/read-box-health.js';
import { judgeCertificate } from '../../box/tls/judge-certificate.js';
import type { BoxHealth, CertificateHealth, HealthConcern } from '../../model/box-health.js';
import type { Incident } from '../../model/incident.js';
import { VERSION } from '../../model/parts.js';
import { summarizeResults, type LastResults, type MqttState } from '../../model/server-health.js';
import { readStatus } from '../../prober/remote/read-status.js';
import type { HistorySource } from '../history-source.js';
import { describeProblem } from './problem.js';
import { problemReplies } from './problem-replies.js';
import type { ReportShelf } from '../report-shelf.js';
import { HEALTH_SCHEMA } from './schemas.js';

/** How long the sequencer may take to say how it is, ms. */
const STATUS_MS = 2_000;
const REPORTS_LOOKED_AT = 20;
/** Pages ask every few seconds; reports come every few minutes at most. */
const RESULTS_FRESH_MS = 20_000;
const MOST_INCIDENTS = 50;

export interface HealthSources {
  readonly shelf: ReportShelf;
  readonly history: HistorySource | null;
  readonly socketPath: string;
  readonly stateFolder: string;
  /** null where nothing is published. */
  readonly readMqtt: () => MqttState | null;
  /** null without TLS. */
  readonly readCertificate: () => CertificateHealth | null;
  /** What is known of beside the figures of the machine. */
  readonly listConcerns: () => readonly HealthConcern[];
  readonly readResults: ReadResults;
}

export type ReadResults = () => Promise<LastResults | null>;

export function addHealthRoutes(app: FastifyInstance, sources: HealthSources): void {
  const startedAtMs = performance.now();
  const answer = async ({ principal }: FastifyRequest) => {
    const sequencer = await readSequencerPart(sources.socketPath);
    const { name, up } = sequencer;
    return {
      status: up ? 'ok' : 'degraded',
      version: VERSION,
      uptimeSec: Math.round((performance.now() - startedAtMs) / 1000),
      // How it is, is for everybody who watches over it; with whom it works and what it found, for who has logged in.
      parts: [{ name: 'as', up: true }, principal === null ? { name, up } : sequencer],
    };
  };
  const { shelf, history, readCertificate, readResults } = sources;
  const answerAtLength = async (request: FastifyRequest) => ({
    ...(await answer(request)),
    ...(request.principal === null
      ? {}
      : {
          kept: await shelf.count(),
          box: readWholeHealth(sources),
          certificate: readCertificate(),
          results: await readResults(),
          mqtt: sources.readMqtt(),
          ...(history ? { openIncidents: await listOpen(history) } : {}),
        }),
  });
  const config = { need: 'nothing' } as const;
  const describe = (operationId: string, summary: string) => ({
    tags: ['health'],
    operationId,
    summary,
    response: { 200: HEALTH_SCHEMA, ...problemReplies() },
  });
  // Where every part that speaks HTTP says how it is; the page's server has its own there.
  app.get('/health', { config, schema: describe('readPartHealth', 'Whether the parts of the product answer') }, answer);
  const summary = 'The same, and how the box is for who has logged in';
  app.get('/api/v1/health', { config, schema: describe('readHealth', summary) }, answerAtLength);
}

function listOpen(history: HistorySource): Promise<Incident[]> {
  return history.listIncidents({ limit: MOST_INCIDENTS, state: 'open' });
}

/** Of the box, of the certificate that it shows, and of what it goes by. */
export function readWholeHealth({
  stateFolder,
  readCertificate,
  listConcerns,
}: Pick<HealthSources, 'stateFolder' | 'readCertificate' | 'listConcerns'>): BoxHealth {
  const concerns = [...judgeCertificate(readCertificate(), Date.now()), ...listConcerns()];
  return addConcerns(readBoxHealth(stateFolder), concerns);
}

/** Of the newest reports, read anew now and then. */
export function keepResults(shelf: ReportShelf): ReadResults {
  let kept: { readonly atMs: number; readonly results: Promise<LastResults | null> } | null = null;
  return () => {
    const nowMs = performance.now();
    if (kept === null || nowMs - kept.atMs > RESULTS_FRESH_MS)
      kept = { atMs: nowMs, results: shelf.list({ limit: REPORTS_LOOKED_AT }).then(summarizeResults) };
    return kept.results;
  };
}

/** Never rejects: that the sequencer does not answer is the answer. */
export async function readSequencerPart(socketPath: string) {
  try {
    return { name: 'tps', up: true, status: await readStatus(socketPath, AbortSignal.timeout(STATUS_MS)) };
  } catch (error) {
    return { name: 'tps', up: false, problem: describeProblem(error) };
  }
}
