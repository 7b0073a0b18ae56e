// The refusals of a route, for its schema: each status that it can answer with, as problem+json.
import { PROBLEM_SCHEMA } from './schemas.js';

const WORDS: Readonly<Record<number, string>> = {
  400: 'the request has the wrong form',
  401: 'somebody must log in first',
  403: 'whoever is logged in may not do this',
  404: 'there is no such thing',
  409: 'not possible, or not any more',
  413: 'the body is too large',
  414: 'a name in the path is too long',
  415: 'the body is no JSON',
  429: 'too many attempts; retry-after says when to come again',
  502: 'it could not be done on this network',
  503: 'another part is not ready; retry-after may say when to come again',
};

/** By status, as Fastify and OpenAPI have it; 414, 421 and 500 may come from anywhere. */
export function problemReplies(...statuses: readonly number[]): Record<string, object> {
  const all = [...statuses, 414, 421, 500];
  return Object.fromEntries(
    all.map((status) => [
      status,
      {
        description: WORDS[status] ?? (status === 421 ? 'asked for by a foreign name' : 'a defect of the server'),
        content: { 'application/problem+json': { schema: PROBLEM_SCHEMA } },
      },
    ]),
  );
}
