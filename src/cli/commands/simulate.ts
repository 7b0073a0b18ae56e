// `apparenet simulate`: the same examination on a simulated path in virtual time; without a name it lists the paths there are.
import type { Command } from 'commander';
import { EXIT } from '../../model/errors.js';
import { DEPTH_BUDGET, type ExaminationRequest } from '../../model/examination.js';
import type { Report } from '../../model/report.js';
import { parseWholeNumber } from '../arguments.js';
import { writeJson, type CommandContext } from '../command-context.js';
import { computeExitCode, MAX_SEED, runExamination } from '../examination-run.js';
import { alignRows } from '../layout.js';
import { renderReport } from '../report-text.js';
import type { ExamineOptions } from '../services.js';
import { addJsonOption, addPlotOption, finishPlot, type PlotOptions } from './examination-options.js';

interface SimulateOptions extends PlotOptions {
  readonly seed: number;
  readonly json?: true;
}

const HELP = `
Examples:
  apparenet simulate                      the scenarios there are
  apparenet simulate lossy --seed 7       one of them; the same seed gives the same path and packets
  apparenet simulate lossy --plot a.svg   with a picture of what decided it

Nothing is sent. Exit status: the verdict (0 ok, 1 warning, 2 critical, 3 unknown); 0 for the list.`;

export function addSimulate(program: Command, context: CommandContext): void {
  const command = program
    .command('simulate')
    .summary('an examination on a simulated path')
    .description('Runs an examination on a simulated path, in virtual time. Without SCENARIO it lists them.')
    .argument('[SCENARIO]', 'name of a scenario')
    .option(
      '--seed <n>',
      'seed of every random choice',
      (text) => parseWholeNumber('--seed', { low: 0, high: MAX_SEED }, text),
      1,
    );
  addJsonOption(addPlotOption(command))
    .addHelpText('after', HELP)
    .action(async (scenario: string | undefined, options: SimulateOptions) => {
      if (scenario === undefined) await listScenarios(options, context);
      else await simulate(scenario, options, context);
    });
}

async function simulate(scenario: string, options: SimulateOptions, context: CommandContext): Promise<void> {
  const examine = (request: ExaminationRequest, watch: ExamineOptions): Promise<Report> =>
    context.services.examineScenario(scenario, request, watch);
  const { report, notes } = await runExamination(context, examine, {
    depth: 'normal',
    quantity: null,
    seed: options.seed,
    ...DEPTH_BUDGET.normal,
  });
  const { out } = context.terminal;
  if (options.json) writeJson(context, report);
  else out.write(renderReport(report, { columns: out.columns, ink: out.ink, notes }));
  finishPlot(context, options, report);
  context.finish(computeExitCode(report.verdict));
}

async function listScenarios(options: SimulateOptions, context: CommandContext): Promise<void> {
  const scenarios = await context.services.listScenarios();
  if (options.json) writeJson(context, { scenarios });
  else
    context.terminal.out.write(
      `${alignRows(scenarios.map(({ name, description }) => [name, description])).join('\n')}\n`,
    );
  context.finish(EXIT.ok);
}
