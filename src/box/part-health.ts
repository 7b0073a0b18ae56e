// What a part that speaks HTTP says of itself at /health. Bounded in time and size, because the other side may be anything.
import { get, type IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

export interface PartHealth {
  readonly version: string;
  readonly uptimeSec: number;
  /** `degraded`: it works, but something it needs does not. */
  readonly status: 'ok' | 'degraded';
}

const MAX_BODY_BYTES = 65_536;
const MAX_VERSION_LENGTH = 64;

/** null where nothing answers in time, or what answers is no part of the product. */
export async function readHealth(address: string, port: number, timeoutMs: number): Promise<PartHealth | null> {
  const body = await readBody(address, port, timeoutMs);
  return body === null ? null : parseHealth(body);
}

function readBody(address: string, port: number, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const host = isIPv6(address) ? `[${address}]` : address;
    const request = get({
      host: address,
      port,
      path: '/health',
      headers: { host },
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.once('response', (response) => {
      void collectBody(response).then(resolve, () => resolve(null));
    });
    request.on('error', () => resolve(null));
  });
}

/** null once the body exceeds its bound. */
async function collectBody(response: IncomingMessage): Promise<string | null> {
  let body = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    body += String(chunk);
    if (body.length > MAX_BODY_BYTES) return null; // Leaving the loop destroys the connection.
  }
  return body;
}

/** null for anything but the health of a part. */
export function parseHealth(body: string): PartHealth | null {
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
