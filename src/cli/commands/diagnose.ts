// `apparenet diagnose`: one examination of a path and its report; the exit status is its verdict.
import { Option, type Command } from 'commander';
import { parseTarget } from '../../box/parse-target.js';
import { requirePort } from '../../box/port-facts.js';
import type { Depth, ExaminationRequest } from '../../model/examination.js';
import type { Report } from '../../model/report.js';
import { writeJson, type CommandContext } from '../command-context.js';
import { computeExitCode, drawSeed, keepReport, runExamination } from '../examination-run.js';
import { renderReport } from '../report-text.js';
import type { ExamineOptions } from '../services.js';
import {
  addBudgetOptions,
  addCaptureOption,
  addJsonOption,
  addPathOptions,
  addPlotOption,
  chooseBudget,
  chooseCapture,
  finishPlot,
  type BudgetOptions,
  type CaptureOptions,
  type PathOptions,
  type PlotOptions,
} from './examination-options.js';

interface DiagnoseOptions extends PathOptions, BudgetOptions, CaptureOptions, PlotOptions {
  readonly quick?: true;
  readonly deep?: true;
}

const HELP = `
Examples:
  apparenet diagnose 192.0.2.1                    verdict, evidence and figures in about 15 seconds
  apparenet diagnose example.org --quick --json   for a script; the exit status is the verdict
  apparenet diagnose fe80::1%eth0 --via icmp      a neighbour on the link
  apparenet diagnose 192.0.2.1 --plot why.svg     and a picture of what decided it

Exit status: 0 ok, 1 warning, 2 critical, 3 could not measure, 64 wrong usage, 77 no permission.
Ctrl-C stops the sending and reports what is known so far.`;

export function addDiagnose(program: Command, context: CommandContext): void {
  const command = program
    .command('diagnose')
    .summary('examine a path and name what is wrong with it')
    .description('Examines the path to TARGET and names what is wrong with it, with evidence and advice.')
    .argument('<TARGET>', 'host name, IPv4 or IPv6 address');
  addPathOptions(command)
    .addOption(new Option('--quick', 'at most 4 s and 1 MB').conflicts('deep'))
    .addOption(new Option('--deep', 'at most 60 s and 20 MB, for faint faults'));
  addJsonOption(addPlotOption(addCaptureOption(addBudgetOptions(command))))
    .addHelpText('after', HELP)
    .action(async (target: string, options: DiagnoseOptions) => {
      await diagnose(target, options, context);
    });
}

async function diagnose(text: string, options: DiagnoseOptions, context: CommandContext): Promise<void> {
  const target = parseTarget(text);
  if (options.port !== undefined) requirePort(options.port);
  const depth: Depth = options.quick ? 'quick' : options.deep ? 'deep' : 'normal';
  const path = { target, via: options.via, ...(options.port === undefined ? {} : { port: options.port }) };
  const examine = (request: ExaminationRequest, watch: ExamineOptions): Promise<Report> =>
    context.services.examinePath(path, request, { ...watch, ...chooseCapture(options) });
  const { report, notes } = await runExamination(context, examine, {
    depth,
    quantity: null,
    seed: drawSeed(),
    ...chooseBudget(options, depth, null),
  });
  const { out } = context.terminal;
  if (options.json) writeJson(context, report);
  else out.write(renderReport(report, { columns: out.columns, ink: out.ink, notes }));
  finishPlot(context, options, report);
  await keepReport(context, report);
  context.finish(computeExitCode(report.verdict));
}
