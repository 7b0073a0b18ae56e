// Adding, changing and removing one target or job of the configuration file, the same for both.
import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  addEntry,
  removeEntry,
  replaceEntry,
  type EntryList,
  type WrittenEntry,
} from '../../box/config/edit-configuration.js';
import type { Configuration } from '../../model/configuration.js';
import { UsageError } from '../../model/errors.js';
import { NOTHING_SCHEMA } from '../access/access-schemas.js';
import { leaveBodyToEdit } from './body-of-edit.js';
import type { ConfigurationDesk } from '../configuration-desk.js';
import { NAMED_PARAMS_SCHEMA } from './configuration-schemas.js';
import { problemReplies } from './problem-replies.js';
import { sendMissing } from './refusals.js';

export interface EntryRoutes {
  readonly list: EntryList;
  readonly word: 'target' | 'job';
  /** Ends the operation ids. */
  readonly title: 'Target' | 'Job';
  readonly body: object;
  /** Where the path holds the name. */
  readonly namedBody: object;
  readonly reply: object;
}

interface Named {
  Params: { name: string };
}
const REFUSALS = problemReplies(400, 401, 403, 404, 409, 413, 415, 503);

export function addEntryRoutes(app: FastifyInstance, open: () => ConfigurationDesk, routes: EntryRoutes): void {
  const { list, word, title, reply: shape } = routes;
  const path = `/api/v1/${list}/:name`;
  const [tags, params, validatorCompiler] = [[list], NAMED_PARAMS_SCHEMA, leaveBodyToEdit(app)];
  const find = (configuration: Configuration, name: string) => configuration[list].find((one) => one.name === name);
  const refuseUnknown = (reply: FastifyReply, name: string) =>
    sendMissing(reply, `no ${word} of the configuration is called ${name}`);

  const reading = { tags, params, operationId: `read${title}`, summary: `One ${word}` };
  app.get<Named>(path, { schema: { ...reading, response: { 200: shape, ...REFUSALS } } }, ({ params }, reply) => {
    const found = find(open().read(), params.name);
    return found ? reply.send(found) : refuseUnknown(reply, params.name);
  });

  const adding = { tags, body: routes.body, operationId: `add${title}`, summary: `Add a ${word}` };
  app.post<{ Body: WrittenEntry }>(
    `/api/v1/${list}`,
    { validatorCompiler, schema: { ...adding, response: { 201: shape, ...REFUSALS } } },
    ({ body }, reply) => {
      const changed = open().change((text) => addEntry(text, list, body));
      return reply.code(201).send(find(changed, body.name));
    },
  );

  const putting = { tags, params, body: routes.namedBody, operationId: `put${title}` };
  const summary = `Make a ${word} what the body says, or add it`;
  app.put<Named & { Body: Readonly<Record<string, unknown>> }>(
    path,
    { validatorCompiler, schema: { ...putting, summary, response: { 200: shape, 201: shape, ...REFUSALS } } },
    ({ params: { name }, body }, reply) => {
      const entry = nameEntry(name, body);
      const isNew = !find(open().read(), name);
      const changed = open().change((text) => (isNew ? addEntry : replaceEntry)(text, list, entry));
      return reply.code(isNew ? 201 : 200).send(find(changed, name));
    },
  );

  const removing = { tags, params, operationId: `remove${title}`, summary: `Take a ${word} out; its history stays` };
  app.delete<Named>(
    path,
    { schema: { ...removing, response: { 204: NOTHING_SCHEMA, ...REFUSALS } } },
    (request, reply) => {
      const { name } = request.params;
      if (!find(open().read(), name)) return refuseUnknown(reply, name);
      open().change((text) => removeEntry(text, list, name));
      return reply.code(204).send();
    },
  );
}

/** A history belongs to its name, so that a name does not change. @throws UsageError */
function nameEntry(name: string, body: Readonly<Record<string, unknown>>): WrittenEntry {
  if (body['name'] !== undefined && body['name'] !== name)
    throw new UsageError('usage.argument', `body/name must be ${name}, as in the path, or be left out`);
  return { name, ...body };
}
