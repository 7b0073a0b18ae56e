// /metrics: the last minute of each target, open incidents, the history and the box, in base units (seconds, bytes, ratios).
// Percentiles are gauges: they are of one minute each, which a summary, cumulative since the start, is not.
import type { FastifyInstance } from 'fastify';
import { computeDigestPercentile } from '../../analysis/statistics/delay-digest.js';
import { VERSION } from '../../model/parts.js';
import { PERIODS_MS } from '../../model/period-summary.js';
import type { PeriodSummary } from '../../model/period-summary.js';
import type { BoxHealth, CertificateHealth, HealthConcern } from '../../model/box-health.js';
import type { LastResults, MqttState } from '../../model/server-health.js';
import { NS_PER_SEC } from '../../model/units.js';
import { readWholeHealth } from './health-routes.js';
import type { ReadResults } from './health-routes.js';
import type { HistorySource } from '../history-source.js';
import { encodeMetrics, METRICS_TYPE } from './metrics-text.js';
import type { MetricFamily, MetricSample } from './metrics-text.js';
import { problemReplies } from './problem-replies.js';

const SHARES = [0.5, 0.95, 0.99];
/** A target whose last minute is older is not shown: what is not measured any more has no figure. */
const FRESH_MS = 3 * PERIODS_MS.minute;
/** More are never open at once. */
const MOST_INCIDENTS = 1000;

export interface MetricSources {
  readonly history: HistorySource | null;
  /** Folder of the history, whose disk is watched. */
  readonly stateFolder: string;
  /** null where nothing is published over MQTT. */
  readonly readMqtt: () => MqttState | null;
  /** Whether the sequencer answers. */
  readonly isSequencerUp: () => Promise<boolean>;
  readonly countReports: () => Promise<number>;
  readonly readResults: ReadResults;
  /** null without TLS. */
  readonly readCertificate: () => CertificateHealth | null;
  readonly listConcerns: () => readonly HealthConcern[];
}

export function addMetricsRoute(app: FastifyInstance, sources: MetricSources): void {
  app.get(
    '/metrics',
    {
      schema: {
        tags: ['metrics'],
        operationId: 'readMetrics',
        summary: 'Figures for Prometheus',
        response: {
          200: { description: 'text format 0.0.4', content: { 'text/plain': { schema: { type: 'string' } } } },
          ...problemReplies(401),
        },
      },
    },
    async (_request, reply) => {
      const families = [
        ...(await listPartMetrics(sources)),
        ...(sources.history ? await listHistoryMetrics(sources.history) : []),
        ...listMqttMetrics(sources.readMqtt()),
        ...listResultMetrics(await sources.readResults()),
        ...listBoxMetrics(readWholeHealth(sources)),
        ...listCertificateMetrics(sources.readCertificate()),
      ];
      return reply.type(METRICS_TYPE).send(encodeMetrics(families));
    },
  );
}

async function listPartMetrics(sources: MetricSources): Promise<MetricFamily[]> {
  const isUp = await sources.isSequencerUp();
  return [
    gauge('apparenet_build_info', 'Version of the analysis server.', [{ labels: { version: VERSION }, value: 1 }]),
    gauge('apparenet_part_up', 'Whether a part of the product answers.', [
      { labels: { part: 'as' }, value: 1 },
      { labels: { part: 'tps' }, value: isUp ? 1 : 0 },
    ]),
    gauge('apparenet_reports_kept', 'Reports that the API gives out.', [{ value: await sources.countReports() }]),
  ];
}

async function listHistoryMetrics(history: HistorySource): Promise<MetricFamily[]> {
  const toMs = Date.now();
  const names = await history.listTargets();
  const minutes = await Promise.all(
    names.map(async (target) => {
      const query = { target, fromMs: toMs - FRESH_MS, toMs, period: 'minute' } as const;
      return (await history.querySummaries(query)).summaries.at(-1) ?? null;
    }),
  );
  const open = await history.listIncidents({ limit: MOST_INCIDENTS, state: 'open' });
  const use = Object.entries(await history.measureUse());
  return [
    ...listTargetMetrics(minutes.filter((minute) => minute !== null)),
    gauge('apparenet_incidents_open', 'Incidents that are open, by severity.', [
      ...(['warning', 'critical'] as const).map((severity) => ({
        labels: { severity },
        value: open.filter((incident) => incident.severity === severity).length,
      })),
    ]),
    gauge(
      'apparenet_history_size_bytes',
      'Size of the history, by kind of record.',
      use.map(([kind, { bytes }]) => ({ labels: { kind }, value: bytes })),
    ),
  ];
}

/** `minutes` holds the last one of each target. */
export function listTargetMetrics(minutes: readonly PeriodSummary[]): MetricFamily[] {
  const each = (read: (minute: PeriodSummary) => number | null): MetricSample[] =>
    minutes.flatMap((minute) => {
      const value = read(minute);
      return value === null ? [] : [{ labels: { target: minute.target }, value }];
    });
  const percentiles = minutes.flatMap(({ target, rtt }) =>
    rtt === null
      ? []
      : SHARES.map((share) => ({
          labels: { target, percentile: String(share * 100) },
          value: computeDigestPercentile(rtt, share) / NS_PER_SEC,
        })),
  );
  return [
    gauge(
      'apparenet_target_up',
      'Whether the target answered at all in the last minute.',
      each(({ rtt }) => (rtt ? 1 : 0)),
    ),
    gauge('apparenet_target_rtt_seconds', 'Round-trip time in the last minute, by percentile.', percentiles),
    gauge(
      'apparenet_target_rtt_min_seconds',
      'Shortest round-trip time in the last minute.',
      each(({ rtt }) => rtt && rtt.minNs / NS_PER_SEC),
    ),
    gauge(
      'apparenet_target_loss_ratio',
      'Share of packets lost in the last minute.',
      each(({ sent, lost }) => (sent > 0 ? lost / sent : null)),
    ),
    gauge(
      'apparenet_target_jitter_seconds',
      'Interarrival jitter (RFC 3550) of the last minute.',
      each(({ jitterNs }) => (jitterNs === null ? null : jitterNs / NS_PER_SEC)),
    ),
    gauge(
      'apparenet_target_coverage_ratio',
      'Share of the last minute that was measured.',
      each(({ coverage }) => coverage),
    ),
    gauge(
      'apparenet_target_last_minute_timestamp_seconds',
      'Begin of the last minute, Unix time.',
      each(({ startMs }) => startMs / 1000),
    ),
  ];
}

function listMqttMetrics(state: MqttState | null): MetricFamily[] {
  if (state === null) return [];
  const { connected, messages, bytes, dropped } = state;
  return [
    gauge('apparenet_mqtt_connected', 'Whether the MQTT broker takes messages.', [{ value: connected ? 1 : 0 }]),
    gauge('apparenet_mqtt_spool_messages', 'Events and reports that wait for the broker.', [{ value: messages }]),
    gauge('apparenet_mqtt_spool_bytes', 'Size of the events and reports that wait.', [{ value: bytes }]),
    {
      name: 'apparenet_mqtt_dropped_total',
      help: 'Messages given up since the start, because the spool was full or they were too old.',
      type: 'counter',
      samples: [{ value: dropped }],
    },
  ];
}

/** Gauges: of the newest reports, as the health tells them, whenever the server started. */
export function listResultMetrics(results: LastResults | null): MetricFamily[] {
  const each = (key: 'reports' | 'limitedByProbe'): MetricSample[] =>
    (results?.ports ?? []).map((of) => ({ labels: { port: of.port }, value: of[key] }));
  return [
    gauge('apparenet_recent_reports', 'Newest reports that were looked at, by local port.', each('reports')),
    gauge(
      'apparenet_recent_reports_probe_limited',
      'Of these, how many tell of the box itself instead of the path, by local port.',
      each('limitedByProbe'),
    ),
  ];
}

export function listCertificateMetrics(certificate: CertificateHealth | null): MetricFamily[] {
  const samples = certificate === null ? [] : [{ value: certificate.expiresMs / 1000 }];
  return [
    gauge(
      'apparenet_certificate_expiry_timestamp_seconds',
      'When the certificate of API and page expires, Unix time.',
      samples,
    ),
  ];
}

export function listBoxMetrics({ temperatures, memory, storage, load, clock, concerns }: BoxHealth): MetricFamily[] {
  const one = (value: number | null | undefined): MetricSample[] => (value == null ? [] : [{ value }]);
  const isSynchronized = clock.synchronized === null ? null : Number(clock.synchronized);
  return [
    gauge(
      'apparenet_box_temperature_celsius',
      'Temperature, by sensor.',
      temperatures.map(({ sensor, celsius }, i) => ({ labels: { sensor, index: String(i) }, value: celsius })),
    ),
    gauge('apparenet_box_memory_available_bytes', 'Memory that programs may still have.', one(memory?.availableBytes)),
    gauge('apparenet_box_memory_total_bytes', 'Memory of the box.', one(memory?.totalBytes)),
    gauge('apparenet_box_storage_available_bytes', 'Room on the disk of the history.', one(storage?.availableBytes)),
    gauge('apparenet_box_storage_size_bytes', 'Size of the disk of the history.', one(storage?.totalBytes)),
    gauge('apparenet_box_storage_wear_ratio', 'Share of the life of the flash that is used.', one(storage?.wear)),
    gauge('apparenet_box_load1', 'Programs that ran or waited to, mean of a minute.', one(load?.load1)),
    gauge('apparenet_box_clock_synchronized', 'Whether the clock follows an outside source.', one(isSynchronized)),
    gauge(
      'apparenet_box_concerns',
      'What somebody should do something about, by severity.',
      (['info', 'warning', 'critical'] as const).map((severity) => ({
        labels: { severity },
        value: concerns.filter((concern) => concern.severity === severity).length,
      })),
    ),
  ];
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help, type: 'gauge', samples };
}
