// A recording -> the report of its main exchange, by the estimators and signatures of a live examination. What a recording cannot
// tell is said among the limits. Pure.
import { composeReport } from '../../analysis/examination/report/compose-report.js';
import { createNoTraces } from '../../analysis/examination/knowledge.js';
import type { Knowledge, TracesByPhase } from '../../analysis/examination/knowledge.js';
import { UsageError } from '../../model/errors.js';
import type { PathDescription } from '../../model/path.js';
import type { Report } from '../../model/report.js';
import type { StampSources } from '../../model/trace.js';
import { composeTrace } from './compose-trace.js';
import { describeOrigin, describePlace, describeRest } from './describe-recording.js';
import type { Exchange } from './exchange.js';
import { findExchanges } from './find-exchanges.js';
import type { Recording } from './read-recording.js';
import { describeRun, placeRuns, type PlacedRun } from './run-shape.js';
import { splitRuns } from './split-runs.js';
import { describeTransferPath, describeTransfer, estimateTransfer, traceTransfer } from './transfer-report.js';
import { findTransfers, type TcpTransfer } from './tcp-transfer.js';

export interface AnalysisRequest {
  readonly id: string;
  /** Only exchanges with this target, or sent by this probe; null takes the one with the most packets. */
  readonly target: string | null;
  readonly probe: string | null;
}

type Found =
  | { readonly kind: 'exchange'; readonly packets: number; readonly exchange: Exchange }
  | { readonly kind: 'transfer'; readonly packets: number; readonly exchange: TcpTransfer };

/** @throws UsageError where the recording holds no exchange that is understood, none of those asked for, or one whose answers it cut. */
export function analyzeRecording(recording: Recording, request: AnalysisRequest): Report {
  const found = listExchanges(recording);
  if (found.length === 0) {
    const kinds = 'ICMP echo, STAMP or TWAMP, UDP to a closed port, or TCP';
    throw refuse(recording, `none of its ${recording.packets.length} packets belongs to an exchange of ${kinds}`);
  }
  const wanted = found.filter(({ exchange }) => {
    return (
      [exchange.target, request.target ?? exchange.target].every((address) => address === exchange.target) &&
      [exchange.probe, request.probe ?? exchange.probe].every((address) => address === exchange.probe)
    );
  });
  const [main, ...others] = wanted;
  if (main === undefined) throw refuse(recording, `it holds ${describeFound(found)}: choose one of these`);
  if (main.kind === 'exchange' && main.exchange.cutAnswers > 0) throw refuse(recording, describeCut(main.exchange));
  const rest = describeRest(others.length + found.length - wanted.length, describeFound(found));
  return main.kind === 'exchange'
    ? reportExchange(recording, main.exchange, request, rest)
    : reportTransfer(recording, main.exchange, request, rest);
}

/** The largest first. */
function listExchanges({ packets }: Recording): Found[] {
  const exchanges = findExchanges(packets).map((exchange): Found => {
    const answers = exchange.rows.filter(({ answer }) => answer !== null).length;
    return { kind: 'exchange', packets: exchange.rows.length + answers, exchange };
  });
  const transfers = findTransfers(packets).map((exchange): Found => ({
    kind: 'transfer',
    packets: exchange.packets,
    exchange,
  }));
  return [...exchanges, ...transfers].sort((a, b) => b.packets - a.packets);
}

function describeCut({ probe, target, cutAnswers }: Exchange): string {
  return (
    `${cutAnswers} answers of ${target} to ${probe} are cut too short to tell what they answer: ` +
    'record at least 128 bytes of each packet, as in tcpdump -s 128, or name another exchange with --target or --probe'
  );
}

const MOST_NAMED = 4;

function describeFound(found: readonly Found[]): string {
  const names = [...new Set(found.map(({ exchange }) => `${exchange.probe} to ${exchange.target}`))];
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}

function refuse({ name }: Recording, why: string): UsageError {
  return new UsageError('usage.argument', `${name} cannot be analysed: ${why}`);
}

function reportExchange(
  recording: Recording,
  exchange: Exchange,
  request: AnalysisRequest,
  rest: readonly string[],
): Report {
  const { rows } = exchange;
  const endNs = recording.packets.at(-1)?.atNs ?? 0;
  const placed = placeRuns(splitRuns(rows).map(describeRun));
  const traces = createNoTraces();
  for (const run of placed) {
    traces[run.phase].push(composeTrace(run, { exchange, baseNs: recording.baseNs, endNs }));
  }
  const far = Object.values(traces)
    .flat()
    .find(({ stamps }) => stamps.far !== null)?.stamps.far;
  const path = describePath(recording, exchange, { far: far ?? null });
  const last = rows.at(-1);
  const spanNs = (last?.answer?.atNs ?? last?.atNs ?? 0) - (rows[0]?.atNs ?? 0);
  const remarks = [
    ...describeOrigin(recording),
    ...describePlace(exchange.probe, rows[0]?.ttl ?? 0),
    ...rest,
    ...describeLeftOut(exchange, placed),
  ];
  const startNs = rows[0]?.atNs ?? 0;
  const bytes = rows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return finish({
    knowledge: createKnowledge({ recording, request, path, traces, startNs }),
    cost: { packets: rows.length, bytes },
    elapsedNs: spanNs,
    remarks,
  });
}

function reportTransfer(
  recording: Recording,
  transfer: TcpTransfer,
  request: AnalysisRequest,
  rest: readonly string[],
): Report {
  const traces = traceTransfer(transfer, recording.baseNs);
  const path = { ...describePath(recording, transfer, { far: null }), ...describeTransferPath(transfer) };
  const remarks = [
    ...describeOrigin(recording),
    ...describePlace(transfer.probe, transfer.ttl),
    ...rest,
    ...describeTransfer(transfer),
  ];
  const knowledge = createKnowledge({ recording, request, path, traces, startNs: transfer.firstNs });
  const bytes = [...transfer.forward, ...transfer.reverse]
    .flatMap(({ passed }) => passed)
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return finish({
    knowledge,
    cost: { packets: transfer.packets, bytes },
    elapsedNs: transfer.lastNs - transfer.firstNs,
    remarks,
    estimates: estimateTransfer(knowledge, transfer),
  });
}

function finish(input: Parameters<typeof composeReport>[0]): Report {
  const report = composeReport(input);
  const findings = report.findings.map((finding) =>
    finding.condition === 'unreachable' ? { ...finding, advice: SILENT_ADVICE } : finding,
  );
  return { ...report, findings, summary: `From a recording: ${report.summary}` };
}

const SILENT_ADVICE =
  'Either nothing came back or only one direction was recorded: record where both pass, or name another exchange with ' +
  '--target or --probe.';

interface KnowledgeSource {
  readonly recording: Recording;
  readonly request: AnalysisRequest;
  readonly path: PathDescription;
  readonly traces: TracesByPhase;
  readonly startNs: number;
}

function createKnowledge({ recording, request, path, traces, startNs }: KnowledgeSource): Knowledge {
  const startedMs = Number((recording.baseNs + BigInt(Math.round(startNs))) / 1_000_000n);
  return {
    request: {
      id: request.id,
      startedAt: new Date(startedMs).toISOString(),
      depth: 'normal',
      quantity: null,
      maxSeconds: 0,
      maxBytes: 0,
      seed: 0,
    },
    path,
    traces,
    allowance: { packets: 0, bytes: 0, ns: 0 },
  };
}

/** What is known of the path by its packets alone; nothing of the port. */
function describePath(
  { name }: Recording,
  exchange: { readonly target: string; readonly rows?: Exchange['rows']; readonly messages?: Exchange['messages'] },
  { far }: Pick<StampSources, 'far'>,
): PathDescription {
  const sizes = (exchange.rows ?? []).map(({ sizeBytes }) => sizeBytes);
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  const tooBig = [...(exchange.messages?.values() ?? [])].find(
    ({ kind, mtuBytes }) => kind === 'packet-too-big' && mtuBytes !== null && mtuBytes < largest,
  );
  const mtuBytes = Math.min(largest, tooBig?.mtuBytes ?? largest);
  const isSmall = (exchange.rows ?? []).some(({ answer, sizeBytes }) => (answer?.sizeBytes ?? sizeBytes) < sizeBytes);
  return {
    target: { address: exchange.target, via: 'capture' },
    port: {
      name,
      mtuBytes: largest,
      linkUp: true,
      speedBitsPerSec: null,
      duplex: 'unknown',
      autoNegotiation: null,
      supportedModes: [],
      advertisedModes: [],
      partnerModes: null,
    },
    stamps: { tx: 'kernel', rx: 'kernel', far },
    nextHop: { address: exchange.target, resolved: true },
    mtuBytes,
    ...(tooBig === undefined
      ? {}
      : { announcedMtu: { from: tooBig.from, bytes: tooBig.mtuBytes ?? 0, refusedBytes: largest } }),
    minSizeBytes: sizes.reduce((least, size) => Math.min(least, size), largest),
    replySize: isSmall ? 'small' : 'same',
    maxProbesPerSec: null,
    farSends: false,
    abilities: null,
    notes: [],
  };
}

function describeLeftOut({ rows, repeated }: Exchange, placed: readonly PlacedRun[]): string[] {
  const used = placed.reduce((sum, { shape }) => sum + shape.rows.length, 0);
  return [
    ...(used < rows.length
      ? [`Requests sent in a way that tells none of these figures, left out: ${rows.length - used}`]
      : []),
    ...(repeated > 0
      ? [
          `Packets recorded twice, as on several ports of one machine: ${repeated} requests; copies cannot be told from that`,
        ]
      : []),
  ];
}
