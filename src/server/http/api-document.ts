// The OpenAPI 3.1 document at /openapi.json, made of the schemas that requests and replies are held to: one source.
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { VERSION } from '../../model/parts.js';
import { problemReplies } from './problem-replies.js';

const DESCRIPTION =
  'The analysis server of an appareNet probe. Times are Unix ms or ISO 8601 UTC, durations ns, rates bit/s, shares 0-1. ' +
  'Failures are problem+json (RFC 9457) with the codes of docs/errors.md.';

/** Before the routes are added. */
export async function addApiDocument(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'appareNet',
        version: VERSION,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'a token of a program, apn_ID_SECRET' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'apparenet_session',
            description: 'set by log-in; what changes something needs the header x-csrf-token as well',
          },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
  });
  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'readApiDocument',
        summary: 'This document',
        response: {
          200: { description: 'OpenAPI 3.1', type: 'object', additionalProperties: true },
          ...problemReplies(401),
        },
      },
    },
    () => app.swagger(),
  );
}
