// `apparenet schedule`: examinations at times of the calendar; works on the configuration file.
import { Option, type Command } from 'commander';
import { readConfiguration } from '../../box/config/configuration-file.js';
import { addEntry, removeEntry, setKey } from '../../box/config/edit-configuration.js';
import type { ScheduledJob } from '../../model/configuration.js';
import { EXIT, UsageError, type ExitCode } from '../../model/errors.js';
import { computeDefaultBudget, DEPTHS } from '../../model/examination.js';
import { CONFIG_PATH } from '../../model/parts.js';
import type { Report } from '../../model/report.js';
import { renderCalendar } from '../calendar-text.js';
import { writeJson, type CommandContext } from '../command-context.js';
import { refuseUnknownWords } from '../default-command.js';
import { computeExitCode, drawSeed, runExamination } from '../examination-run.js';
import { alignRows } from '../layout.js';
import { renderReport } from '../report-text.js';
import { addConfigurationOptions, changeConfiguration, type ConfigurationOptions } from './configuration-options.js';

interface AddOptions extends ConfigurationOptions {
  readonly targets?: string;
  readonly depth?: string;
}

interface ShowOptions extends ConfigurationOptions {
  readonly stateDir?: string;
}

const HELP = `
Examples:
  apparenet schedule                                                     next times, last results, what was spent
  apparenet schedule list
  sudo apparenet schedule add nightly "30 3 * * *"                       all targets, at 03:30
  sudo apparenet schedule add lunch "0 12 * * mon-fri" --targets office  one of them, on working days
  sudo apparenet schedule run nightly                                    now

The fields are minute, hour, day of the month, month and day of the week.`;

export function addSchedule(program: Command, context: CommandContext): void {
  const schedule = program
    .command('schedule')
    .summary('examinations at times of the calendar')
    .description('Shows, changes and runs the examinations that are planned for times of the calendar.')
    .addHelpText('after', HELP);
  const show = schedule
    .command('show', { isDefault: true })
    .description('next times, last results, what was spent')
    .option('--state-dir <folder>', 'the folder of what was run and spent, where it is not in its usual place');
  addConfigurationOptions(refuseUnknownWords(show))
    .addHelpText('after', '\nExample:\n  apparenet schedule --json')
    .action((options: ShowOptions) => showCalendar(options, context));
  addConfigurationOptions(schedule.command('list').description('all jobs of the configuration'))
    .addHelpText('after', '\nExample:\n  apparenet schedule list --json')
    .action((options: ConfigurationOptions) => listSchedule(options, context));
  const add = schedule
    .command('add <NAME> <AT>')
    .description('examine at these times')
    .option('--targets <names>', 'only these, separated by commas')
    .addOption(new Option('--depth <depth>', 'of the examinations').choices(DEPTHS));
  addConfigurationOptions(add)
    .addHelpText('after', '\nExample:\n  sudo apparenet schedule add nightly "30 3 * * *"')
    .action((name: string, at: string, options: AddOptions) => addJob({ name, at }, options, context));
  addConfigurationOptions(schedule.command('remove <NAME>').description('take one job out'))
    .addHelpText('after', '\nExample:\n  sudo apparenet schedule remove nightly')
    .action((name: string, options: ConfigurationOptions) =>
      changeConfiguration(
        context,
        options,
        (text) => removeEntry(text, 'schedule', name),
        (all) => all.schedule,
      ),
    );
  for (const [verb, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    addConfigurationOptions(schedule.command(`${verb} <NAME>`).description(`${verb} one job`))
      .addHelpText('after', `\nExample:\n  sudo apparenet schedule ${verb} nightly`)
      .action((name: string, options: ConfigurationOptions) =>
        changeConfiguration(
          context,
          options,
          (text) => setKey(text, `schedule.${name}.enabled`, enabled),
          (all) => all.schedule,
        ),
      );
  }
  addConfigurationOptions(schedule.command('run <NAME>').description('its examinations, now and one after the other'))
    .addHelpText('after', '\nExample:\n  sudo apparenet schedule run nightly\n\nThe exit status is the worst verdict.')
    .action((name: string, options: ConfigurationOptions) => runJob(name, options, context));
}

async function showCalendar(options: ShowOptions, context: CommandContext): Promise<void> {
  const { stateDir, config: configPath } = options;
  const standing = await context.services.readCalendar({
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(configPath === undefined ? {} : { configPath }),
  });
  if (options.json) writeJson(context, standing);
  else context.terminal.out.write(renderCalendar(standing));
}

function addJob(job: { name: string; at: string }, options: AddOptions, context: CommandContext): void {
  const { targets, depth } = options;
  const entry = {
    ...job,
    ...(targets === undefined ? {} : { targets: targets.split(',') }),
    ...(depth === undefined ? {} : { depth }),
  };
  changeConfiguration(
    context,
    options,
    (text) => addEntry(text, 'schedule', entry),
    (all) => all.schedule,
  );
}

function listSchedule(options: ConfigurationOptions, context: CommandContext): void {
  const path = options.config ?? CONFIG_PATH;
  const { schedule, timeZone } = readConfiguration(path, options.config !== undefined);
  if (options.json) writeJson(context, { timeZone, schedule });
  else context.terminal.out.write(renderSchedule(schedule, path));
}

/** Ends in a line break. */
export function renderSchedule(schedule: readonly ScheduledJob[], path: string): string {
  if (schedule.length === 0) return `no jobs in ${path}. Add one: apparenet schedule add NAME "30 3 * * *"\n`;
  const rows = schedule.map(({ name, at, targets, depth, enabled }) => [
    name,
    at,
    enabled ? 'on' : 'off',
    depth,
    targets.length === 0 ? 'all targets' : targets.join(', '),
  ]);
  return `${alignRows([['name', 'at', '', 'depth', 'targets'], ...rows]).join('\n')}\n`;
}

const WORST_FIRST: readonly ExitCode[] = [EXIT.critical, EXIT.warning, EXIT.unknown, EXIT.ok];

async function runJob(name: string, options: ConfigurationOptions, context: CommandContext): Promise<void> {
  const { schedule, targets } = readConfiguration(options.config ?? CONFIG_PATH, options.config !== undefined);
  const job = schedule.find((one) => one.name === name);
  if (!job)
    throw new UsageError('usage.argument', `no job of the schedule is called ${name}; see apparenet schedule list`);
  const chosen = targets.filter((target) =>
    job.targets.length === 0 ? target.enabled : job.targets.includes(target.name),
  );
  const { out } = context.terminal;
  const reports: Report[] = [];
  for (const { address, via, port } of chosen) {
    const path = { target: address, via, ...(port === undefined ? {} : { port }) };
    const budget = computeDefaultBudget(job.depth, null);
    const plan = { depth: job.depth, quantity: null, seed: drawSeed(), ...budget };
    const { report, notes } = await runExamination(
      context,
      (request, watch) => context.services.examinePath(path, request, watch),
      plan,
    );
    reports.push(report);
    if (!options.json) out.write(`${renderReport(report, { columns: out.columns, ink: out.ink, notes })}\n`);
  }
  if (options.json) writeJson(context, { job: name, reports });
  const exits = reports.map(({ verdict }) => computeExitCode(verdict));
  context.finish(WORST_FIRST.find((exit) => exits.includes(exit)) ?? EXIT.unknown);
}
