// /api/v1/events: what happens on the box as server-sent events (HTML Living Standard, 9.2), resumed by Last-Event-ID.
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { DeviceError } from '../../model/errors.js';
import type { BoxEvent } from '../../model/incident.js';
import type { EventFeed } from '../event-feed.js';
import type { HistorySource } from '../history-source.js';
import { problemReplies } from './problem-replies.js';
import { EVENT_STREAM_SCHEMA } from './schemas.js';

const MAX_READERS = 32;
/** How far back a reader that returns is told from the diary. */
const MOST_MISSED = 1000;
/** A reader that takes nothing is cut off at so many bytes; it can come back with its last id. */
const MOST_WAITING_BYTES = 256 * 1024;
const KEEP_ALIVE_MS = 15_000;
/** Asked of the browser before it comes back, ms. */
const RETRY_MS = 5_000;

export function addEventRoutes(app: FastifyInstance, feed: EventFeed, history: HistorySource | null): void {
  let readers = 0;
  app.get(
    '/api/v1/events',
    {
      schema: {
        tags: ['events'],
        operationId: 'followEvents',
        summary: 'What happens, as server-sent events; with Last-Event-ID from there on',
        headers: { type: 'object', properties: { 'last-event-id': { type: 'string', maxLength: 64 } } },
        response: { 200: EVENT_STREAM_SCHEMA, ...problemReplies(400, 401, 503) },
      },
    },
    async (request, reply) => {
      if (readers >= MAX_READERS) throw new DeviceError('device.busy', `${readers} event streams are open already`);
      readers += 1;
      const lastId = request.headers['last-event-id'];
      reply.hijack();
      const stream = openStream(reply.raw, feed);
      reply.raw.once('close', () => {
        readers -= 1;
        stream.end();
      });
      // What cannot be looked up is not silently left out: the reader comes back and asks again.
      const missed = typeof lastId === 'string' ? listMissed(lastId, feed, history) : Promise.resolve([]);
      await missed.then(stream.begin, () => reply.raw.destroy());
    },
  );
}

/** Oldest first. A reader without a history hears only what the feed still has. */
async function listMissed(
  lastId: string,
  feed: EventFeed,
  history: HistorySource | null,
): Promise<readonly BoxEvent[]> {
  const kept = feed.listAfter(lastId);
  if (kept !== null || history === null) return kept ?? [];
  const newest = await history.listEvents({ limit: MOST_MISSED });
  return newest.filter(({ id }) => id > lastId).reverse();
}

/** Events that come while the missed ones are looked up wait for `begin`, and none is told twice. */
function openStream(response: ServerResponse, feed: EventFeed) {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
  const early: BoxEvent[] = [];
  let told: string | null = null;
  let hasBegun = false;
  const write = (event: BoxEvent) => {
    if (told !== null && event.id <= told) return;
    told = event.id;
    response.write(`id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
    if (response.writableLength > MOST_WAITING_BYTES) response.destroy();
  };
  const stopListening = feed.subscribe((event) => {
    if (hasBegun) write(event);
    else early.push(event);
  });
  const keepAlive = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': still here\n\n');
  }, KEEP_ALIVE_MS);
  return {
    begin: (missed: readonly BoxEvent[]) => {
      hasBegun = true;
      for (const event of [...missed, ...early]) write(event);
    },
    end: () => {
      clearInterval(keepAlive);
      stopListening();
    },
  };
}
