// /api/v1/fleet/events: what happens to all boxes as server-sent events, in the order in which it came here: what a box tells late is
// told late, and has its own time in it.
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { DeviceError } from '../../model/errors.js';
import type { FleetEvent } from '../../model/fleet.js';
import { problemReplies } from '../http/problem-replies.js';
import { EVENT_STREAM_SCHEMA } from '../http/schemas.js';

const MAX_READERS = 32;
/** For readers that come back; older ones are in the diary. */
const KEPT = 1_000;
/** A reader that takes nothing is cut off at so many bytes; it can come back with its last id. */
const MOST_WAITING_BYTES = 256 * 1024;
const KEEP_ALIVE_MS = 15_000;
/** Asked of the browser before it comes back, ms. */
const RETRY_MS = 5_000;

interface Arrived {
  readonly serial: number;
  readonly event: FleetEvent;
}

export class FleetFeed {
  /** Another one after each start: a serial of the one before means nothing here. */
  readonly #start = randomBytes(4).toString('hex');
  readonly #kept: Arrived[] = [];
  readonly #readers = new Set<(arrived: Arrived) => void>();
  #serial = 0;

  publish(event: FleetEvent): void {
    this.#serial += 1;
    const arrived = { serial: this.#serial, event };
    this.#kept.push(arrived);
    if (this.#kept.length > KEPT) this.#kept.shift();
    for (const tell of this.#readers) tell(arrived);
  }

  /** Those after `lastId` that are kept, none for an id of another start; then each one from now on until the returned function is called. */
  follow(lastId: string | undefined, tell: (id: string, event: FleetEvent) => void): () => void {
    const [start, serial] = (lastId ?? '').split('-');
    const reader = (arrived: Arrived): void => tell(`${this.#start}-${arrived.serial}`, arrived.event);
    if (start === this.#start) {
      for (const arrived of this.#kept) if (arrived.serial > Number(serial)) reader(arrived);
    }
    this.#readers.add(reader);
    return () => void this.#readers.delete(reader);
  }
}

export function addFleetEventRoute(app: FastifyInstance, feed: FleetFeed): void {
  let readers = 0;
  app.get(
    '/api/v1/fleet/events',
    {
      schema: {
        tags: ['fleet'],
        operationId: 'followFleetEvents',
        summary: 'What happens to all boxes, as server-sent events; with Last-Event-ID from there on',
        headers: { type: 'object', properties: { 'last-event-id': { type: 'string', maxLength: 64 } } },
        response: { 200: EVENT_STREAM_SCHEMA, ...problemReplies(400, 401, 503) },
      },
    },
    (request, reply) => {
      if (readers >= MAX_READERS) throw new DeviceError('device.busy', `${readers} event streams are open already`);
      readers += 1;
      const lastId = request.headers['last-event-id'];
      reply.hijack();
      const end = stream(reply.raw, feed, typeof lastId === 'string' ? lastId : undefined);
      reply.raw.once('close', () => {
        readers -= 1;
        end();
      });
    },
  );
}

function stream(response: ServerResponse, feed: FleetFeed, lastId: string | undefined): () => void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
  // One kind for all: a reader need not know the names of what newer boxes tell.
  const stop = feed.follow(lastId, (id, event) => {
    response.write(`id: ${id}\nevent: fleet\ndata: ${JSON.stringify(event)}\n\n`);
    if (response.writableLength > MOST_WAITING_BYTES) response.destroy();
  });
  const keepAlive = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': still here\n\n');
  }, KEEP_ALIVE_MS);
  return () => {
    clearInterval(keepAlive);
    stop();
  };
}
