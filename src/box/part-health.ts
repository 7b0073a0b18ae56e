// What a part that speaks HTTP says of itself at /health, and what the analysis server found last.
import type { Report, Verdict } from '../model/report.js';
import { readHttpText } from './http-text.js';

export interface PartHealth {
  readonly version: string;
  readonly uptimeSec: number;
  /** `degraded`: it works, but something it needs does not. */
  readonly status: 'ok' | 'degraded';
}

const MAX_VERSION_LENGTH = 64;

/** null where nothing answers in time, or what answers is no part of the product. */
export async function readHealth(address: string, port: number, timeoutMs: number): Promise<PartHealth | null> {
  const body = await readHttpText({ address, port, path: '/health' }, timeoutMs);
  return body === null ? null : parseHealth(body);
}

/** null for anything but the health of a part. */
function parseHealth(body: string): PartHealth | null {
  const { version, uptimeSec, status } = parseObject(body);
  if (typeof version !== 'string' || typeof uptimeSec !== 'number') return null;
  if (status !== 'ok' && status !== 'degraded') return null;
  return { version: version.slice(0, MAX_VERSION_LENGTH), uptimeSec, status };
}

/** No fields for what is no JSON object. */
function parseObject(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

export type LastVerdict = Pick<Report, 'id' | 'target' | 'startedAt' | 'summary'> & { readonly verdict: Verdict };

/** The newest report of the analysis server on this machine; null where it keeps none or does not answer. */
export async function readLastVerdict(port: number, timeoutMs: number): Promise<LastVerdict | null> {
  const where = { address: '127.0.0.1', port, path: '/api/v1/reports?limit=1' };
  const body = await readHttpText(where, timeoutMs);
  const { reports } = body === null ? {} : parseObject(body);
  // Our own server's word, the same program of the same version: its shape is trusted.
  const report = Array.isArray(reports) ? (reports[0] as Report | undefined) : undefined;
  if (!report) return null;
  const { id, target, startedAt, summary, verdict } = report;
  return { id, target, startedAt, summary, verdict };
}
