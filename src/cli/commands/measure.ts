// `apparenet measure`: one quantity with its interval.
import type { Command } from 'commander';
import { parseTarget } from '../../box/parse-target.js';
import { requirePort } from '../../box/port-facts.js';
import { EXIT } from '../../model/errors.js';
import {
  fillsPath,
  QUANTITIES,
  type ExaminationRequest,
  type Quantity,
  type SpendingBounds,
} from '../../model/examination.js';
import type { Report } from '../../model/report.js';
import { parseQuantity } from '../arguments.js';
import { writeJson, writeNote, type CommandContext } from '../command-context.js';
import { computeExitCode, drawSeed, keepReport, runExamination, type ExaminationResult } from '../examination-run.js';
import { formatFigure, VOLUME } from '../../model/figures.js';
import { wrapText } from '../layout.js';
import { describeQuantity } from '../quantity-text.js';
import { renderCost, renderNotes, renderPortLine } from '../report-text.js';
import type { ExamineOptions } from '../services.js';
import type { Terminal } from '../terminal.js';
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

interface MeasureOptions extends PathOptions, BudgetOptions, CaptureOptions, PlotOptions {}

const HELP = `
Examples:
  apparenet measure 192.0.2.1 capacity            the narrow link's rate, with its 95 % interval
  apparenet measure example.org loss --json       the whole report of that measurement

Exit status: the verdict (0 ok, 1 warning, 2 critical), 3 if the quantity could not be measured.`;

export function addMeasure(program: Command, context: CommandContext): void {
  const command = program
    .command('measure')
    .summary('measure one quantity of a path')
    .description('Measures one quantity of the path to TARGET.')
    .argument('<TARGET>', 'host name, IPv4 or IPv6 address')
    .argument('<QUANTITY>', `one of ${QUANTITIES.join(', ')}`);
  addJsonOption(addPlotOption(addCaptureOption(addBudgetOptions(addPathOptions(command)))))
    .addHelpText('after', HELP)
    .action(async (target: string, quantity: string, options: MeasureOptions) => {
      await measure(target, parseQuantity(quantity), options, context);
    });
}

async function measure(
  text: string,
  quantity: Quantity,
  options: MeasureOptions,
  context: CommandContext,
): Promise<void> {
  const target = parseTarget(text);
  if (options.port !== undefined) requirePort(options.port);
  const path = { target, via: options.via, ...(options.port === undefined ? {} : { port: options.port }) };
  const examine = (request: ExaminationRequest, watch: ExamineOptions): Promise<Report> =>
    context.services.examinePath(path, request, { ...watch, ...chooseCapture(options) });
  const budget = chooseBudget(options, 'normal', quantity);
  if (fillsPath(quantity)) writeNote(context, describeFilling(budget));
  const result = await runExamination(context, examine, { depth: 'normal', quantity, seed: drawSeed(), ...budget });
  const lines = describeQuantity(result.report, quantity);
  if (options.json) writeJson(context, result.report);
  else if (lines.length > 0) context.terminal.out.write(renderMeasurement(result, lines, context));
  if (lines.length === 0) writeNote(context, explainMissing(result, quantity, context.terminal));
  finishPlot(context, options, result.report);
  await keepReport(context, result.report);
  context.finish(lines.length > 0 ? computeExitCode(result.report.verdict) : EXIT.unknown);
}

/** Others on the path will notice, so that it is said before. */
function describeFilling({ maxBytes, maxSeconds }: SpendingBounds): string {
  const most = `up to ${formatFigure(maxBytes, VOLUME)} in ${maxSeconds} s`;
  return `This fills the path: ${most}, less where it is slower; --max-bytes and --max-seconds bound it.`;
}

/** The figures first; a verdict that is not ok follows, because it changes what the figures mean. */
function renderMeasurement(
  { report, notes }: ExaminationResult,
  lines: readonly string[],
  context: CommandContext,
): string {
  const { columns, ink } = context.terminal.out;
  const trouble = report.verdict === 'ok' ? [] : wrapText(report.summary, `${report.verdict.toUpperCase()}  `, columns);
  const view = { columns, ink, notes };
  const tail = [...renderNotes(report, view), ink('quiet', renderCost(report))];
  const figures = lines.flatMap((line) => wrapText(line, '', columns));
  return `${[...renderPortLine(report, view), ...figures, ...trouble, ...tail].join('\n')}\n`;
}

/** For stderr: what is missing, and what is known of why. A summary without a fault explains nothing. */
function explainMissing({ report, notes }: ExaminationResult, quantity: Quantity, { err }: Terminal): string {
  const why = report.verdict === 'ok' ? '' : `: ${report.summary}`;
  const reason = wrapText(`${quantity} could not be measured${why}`, 'apparenet: ', err.columns);
  return [...reason, ...renderNotes(report, { columns: err.columns, ink: err.ink, notes })].join('\n');
}
