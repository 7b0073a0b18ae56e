// What a part that speaks HTTP says of itself at /health.
import { readHttpText } from './http-text.js';

export interface PartHealth {
  readonly version: string;
  readonly uptimeSec: number;
  /** `degraded`: it works, but something it needs does not. */
  readonly status: 'ok' | 'degraded';
}

const MAX_VERSION_LENGTH = 64;

/** null where nothing answers in time, or what answers is no part of the product; with TLS where it does not answer without. */
export async function readHealth(address: string, port: number, timeoutMs: number): Promise<PartHealth | null> {
  for (const scheme of ['http', 'https'] as const) {
    const body = await readHttpText({ address, port, path: '/health', scheme }, timeoutMs);
    const health = body === null ? null : parseHealth(body);
    if (health) return health;
  }
  return null;
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
