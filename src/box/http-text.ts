// One small text by HTTP. Bounded in time and size, because the other side may be anything.
import { get, type IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

export interface HttpPlace {
  readonly address: string;
  readonly port: number;
  /** With its query. */
  readonly path: string;
}

const MAX_BODY_BYTES = 65_536;

/** The body of one GET; null where nothing answers HTTP in time, or with too much. */
export function readHttpText({ address, port, path }: HttpPlace, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const host = isIPv6(address) ? `[${address}]` : address;
    const request = get({
      host: address,
      port,
      path,
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
