// `apparenet incidents`: what went wrong with watched targets; the exit status is the worst that is open.
import type { Command } from 'commander';
import { UsageError } from '../../model/errors.js';
import { parseWholeNumber } from '../arguments.js';
import { writeJson, writeNote, type CommandContext } from '../command-context.js';
import { computeIncidentsExit, renderIncident, renderIncidents } from '../incidents-text.js';
import { openKept } from '../open-kept.js';
import type { Past } from '../services.js';
import { addJsonOption } from './examination-options.js';

const HELP = `
Examples:
  apparenet incidents                     the last 20, the newest first
  apparenet incidents --open              only those that are not over
  apparenet incidents --target gateway --limit 100
  apparenet incidents 0mkz7d2xw-gateway-delay-4    one at length

Exit status: 0 where none of those shown is open, 1 where one is, 2 where a critical one is.`;

const USUAL_LIMIT = 20;
const MOST = 1000;

interface IncidentsOptions {
  readonly open?: true;
  readonly target?: string;
  readonly limit: number;
  readonly stateDir?: string;
  readonly json?: true;
}

export function addIncidents(program: Command, context: CommandContext): void {
  const command = program
    .command('incidents')
    .summary('what went wrong with the watched targets')
    .description('Lists incidents of watched targets, the newest first, or shows the one with this ID at length.')
    .argument('[ID]', 'of one incident')
    .option('--open', 'only those that are not over')
    .option('--target <name>', 'only those of one target')
    .option(
      '--limit <n>',
      `at most so many, 1 to ${MOST}`,
      (text: string) => parseWholeNumber('--limit', { low: 1, high: MOST }, text),
      USUAL_LIMIT,
    )
    .option('--state-dir <folder>', 'the folder of the history, where it is not in its usual place');
  addJsonOption(command)
    .addHelpText('after', HELP)
    .action((id: string | undefined, options: IncidentsOptions) => showIncidents(id, options, context));
}

async function showIncidents(
  id: string | undefined,
  options: IncidentsOptions,
  context: CommandContext,
): Promise<void> {
  const past = await openKept(options.stateDir, context);
  const { out } = context.terminal;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const view = { ink: out.ink, columns: out.columns, timeZone, nowMs: Date.now() };
  if (id !== undefined) {
    const incident = await past.readIncident(id);
    if (incident === null) {
      throw new UsageError('usage.argument', `no incident "${id}" is kept: "apparenet incidents" lists those that are`);
    }
    if (options.json) writeJson(context, incident);
    else out.write(renderIncident(incident, view));
    context.finish(computeIncidentsExit([incident]));
    return;
  }
  const { target, limit } = options;
  if (target !== undefined) await noteUnknown(target, past, context);
  const incidents = await past.listIncidents({
    limit,
    ...(options.open ? { state: 'open' as const } : {}),
    ...(target === undefined ? {} : { target }),
  });
  if (options.json) writeJson(context, { incidents });
  else out.write(renderIncidents(incidents, view));
  context.finish(computeIncidentsExit(incidents));
}

/** A name that was mistyped has no incidents either; one that was added a minute ago is not known yet, and no error. */
async function noteUnknown(target: string, past: Past, context: CommandContext): Promise<void> {
  const known = await past.listTargets();
  if (known.includes(target)) return;
  const names = known.length === 0 ? 'nothing is kept yet' : `there are ${known.join(', ')}`;
  writeNote(context, `apparenet: no history of "${target}" is kept: ${names}`);
}
