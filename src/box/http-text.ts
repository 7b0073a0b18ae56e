// One small text by HTTP. Bounded in time and size, because the other side may be anything.
import { get, type IncomingMessage } from 'node:http';
import { get as getEncrypted } from 'node:https';
import { isIPv6 } from 'node:net';

export interface HttpPlace {
  readonly address: string;
  readonly port: number;
  /** With its query. */
  readonly path: string;
  readonly scheme?: 'http' | 'https';
}

const MAX_BODY_BYTES = 65_536;

/** The body of one GET; null where nothing answers HTTP in time, or with too much. */
export function readHttpText({ address, port, path, scheme }: HttpPlace, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const host = isIPv6(address) ? `[${address}]` : address;
    const request = (scheme === 'https' ? getEncrypted : get)({
      // Who answers is not proven: nothing secret is sent, and what comes back is checked.
      rejectUnauthorized: false,
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
