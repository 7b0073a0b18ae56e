// Asks the analysis server of this machine as one of its administrators: through its socket file where there is one, which takes
// no password, else through loopback, which takes none until somebody has claimed the box.
import { request as startRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { DeviceError } from '../../model/errors.js';
import type { ApparenetError } from '../../model/errors.js';
import { LOOPBACK_ADDRESS } from '../../model/loopback.js';
import { parseError } from '../../sequencer/control/errors-on-the-wire.js';

export interface LocalApiPlace {
  /** On loopback. */
  readonly port: number;
  /** Goes before the port. */
  readonly asSocketPath?: string;
}

export interface LocalApiRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly signal?: AbortSignal;
}

/** The document of the answer; null for an answer without one. @throws what it was refused with; DeviceError `peer.unreachable` */
export async function askLocalApi(place: LocalApiPlace, request: LocalApiRequest): Promise<unknown> {
  const { status, document } = await open(place, request)
    .then(async (response) => ({ status: response.statusCode ?? 0, document: await readDocument(response) }))
    .catch((cause: unknown) => refuseSilence(place, cause));
  if (status >= 400) throw parseProblem(document as object);
  return document;
}

/** The same for an answer that is text, as it comes. An answer that breaks off throws, too. */
export async function* streamLocalApi(place: LocalApiPlace, request: LocalApiRequest): AsyncGenerator<string, void> {
  const response = await open(place, request).catch((cause: unknown) => refuseSilence(place, cause));
  if ((response.statusCode ?? 0) >= 400) throw parseProblem((await readDocument(response)) as object);
  response.setEncoding('utf8');
  try {
    for await (const piece of response) yield String(piece);
  } catch (cause) {
    refuseSilence(place, cause);
  }
}

function refuseSilence({ port, asSocketPath }: LocalApiPlace, cause: unknown): never {
  const where = asSocketPath ?? `http://${LOOPBACK_ADDRESS}:${port}`;
  throw new DeviceError('peer.unreachable', `the analysis server does not answer at ${where}`, undefined, { cause });
}

/** RFC 9457 calls the words `detail`. */
export function parseProblem(problem: object): ApparenetError {
  const fields = problem as Readonly<Record<string, unknown>>;
  return parseError({ ...fields, message: fields['detail'] });
}

function open(
  { port, asSocketPath }: LocalApiPlace,
  { method, path, body, signal }: LocalApiRequest,
): Promise<IncomingMessage> {
  const text = body === undefined ? null : JSON.stringify(body);
  const where = asSocketPath === undefined ? { host: LOOPBACK_ADDRESS, port } : { socketPath: asSocketPath };
  const headers =
    text === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const request = startRequest({ ...where, method, path, headers, ...(signal ? { signal } : {}) }, resolve);
    request.on('error', reject);
    request.end(text ?? undefined);
  });
}

async function readDocument(response: IncomingMessage): Promise<unknown> {
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) text += String(chunk);
  return text === '' ? null : (JSON.parse(text) as unknown);
}
