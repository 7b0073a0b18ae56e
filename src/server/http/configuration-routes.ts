// /api/v1/targets, schedule and configuration: what the box is to do by itself, and changing it. The words of a refusal are those of
// box/config, so that API and command line say the same of the same mistake.
import type { FastifyInstance } from 'fastify';
import { mergePatch } from '../../box/config/edit-configuration.js';
import { DeviceError } from '../../model/errors.js';
import { leaveBodyToEdit } from './body-of-edit.js';
import type { ConfigurationDesk } from '../configuration-desk.js';
import {
  CONFIGURATION_SCHEMA,
  JOB_BODY_SCHEMA,
  JOB_SCHEMA,
  LISTED_TARGETS_SCHEMA,
  NAMED_JOB_BODY_SCHEMA,
  NAMED_TARGET_BODY_SCHEMA,
  PATCH_SCHEMA,
  SCHEDULE_SCHEMA,
  TARGET_BODY_SCHEMA,
  TARGET_SCHEMA,
} from './configuration-schemas.js';
import { addEntryRoutes } from './entry-routes.js';
import type { HistorySource } from '../history-source.js';
import { problemReplies } from './problem-replies.js';

export interface ConfigurationSources {
  /** null where no file is named. */
  readonly configuration: ConfigurationDesk | null;
  readonly history: HistorySource | null;
}

type Open = () => ConfigurationDesk;
const REFUSALS = problemReplies(400, 401, 403, 409, 503);

export function addConfigurationRoutes(app: FastifyInstance, sources: ConfigurationSources): void {
  const open = () => {
    if (sources.configuration) return sources.configuration;
    throw new DeviceError('peer.unreachable', 'this server was started without a configuration file');
  };
  addLists(app, open, sources);
  addEntryRoutes(app, open, {
    list: 'targets',
    word: 'target',
    title: 'Target',
    body: TARGET_BODY_SCHEMA,
    namedBody: NAMED_TARGET_BODY_SCHEMA,
    reply: TARGET_SCHEMA,
  });
  addEntryRoutes(app, open, {
    list: 'schedule',
    word: 'job',
    title: 'Job',
    body: JOB_BODY_SCHEMA,
    namedBody: NAMED_JOB_BODY_SCHEMA,
    reply: JOB_SCHEMA,
  });
  addWholeRoutes(app, open);
}

function addLists(app: FastifyInstance, open: Open, { configuration, history }: ConfigurationSources): void {
  const targets = {
    tags: ['targets'],
    operationId: 'listTargets',
    summary: 'Targets of the configuration, and those with a history only',
    response: { 200: LISTED_TARGETS_SCHEMA, ...REFUSALS },
  };
  app.get('/api/v1/targets', { schema: targets }, async () => {
    const configured = configuration || !history ? open().read().targets : [];
    const watched = configured.map((target) => ({ name: target.name, watched: target }));
    const names = new Set(watched.map(({ name }) => name));
    const past = ((await history?.listTargets()) ?? []).filter((name) => !names.has(name));
    return { targets: [...watched, ...past.map((name) => ({ name, watched: null }))] };
  });
  const schedule = {
    tags: ['schedule'],
    operationId: 'listSchedule',
    summary: 'Examinations at times of the calendar',
    response: { 200: SCHEDULE_SCHEMA, ...REFUSALS },
  };
  app.get('/api/v1/schedule', { schema: schedule }, () => {
    const { timeZone, schedule: jobs } = open().read();
    return { timeZone, schedule: jobs };
  });
}

function addWholeRoutes(app: FastifyInstance, open: Open): void {
  const tags = ['configuration'];
  const reading = { tags, operationId: 'readConfiguration', summary: 'The configuration with every default' };
  app.get(
    '/api/v1/configuration',
    { config: { need: 'act' }, schema: { ...reading, response: { 200: CONFIGURATION_SCHEMA, ...REFUSALS } } },
    () => open().read(),
  );
  const changing = {
    tags,
    operationId: 'patchConfiguration',
    summary: 'Change keys (RFC 7396); null takes one out',
    body: PATCH_SCHEMA,
    response: { 200: CONFIGURATION_SCHEMA, ...REFUSALS, ...problemReplies(413, 415) },
  };
  app.patch<{ Body: Readonly<Record<string, unknown>> }>(
    '/api/v1/configuration',
    { validatorCompiler: leaveBodyToEdit(app), schema: changing },
    ({ body }) => open().change((text) => mergePatch(text, body)),
  );
}
