// `apparenet reports`: what was examined, by whomever, and each report again as `diagnose` printed it; the exit status is its verdict.
import type { Command } from 'commander';
import { UsageError } from '../../model/errors.js';
import { findNearestName } from '../../model/nearest-name.js';
import { parseWholeNumber } from '../arguments.js';
import { writeJson, type CommandContext } from '../command-context.js';
import { computeExitCode } from '../examination-run.js';
import { openKept } from '../open-kept.js';
import { renderReport } from '../report-text.js';
import { renderReports } from '../reports-text.js';
import type { Past } from '../services.js';
import { addJsonOption, addPlotOption, finishPlot, type PlotOptions } from './examination-options.js';

const HELP = `
Examples:
  apparenet reports                       the last 20, the newest first
  apparenet reports --limit 100 --json    for a script
  apparenet report 7K3Q2                  one again, as diagnose printed it
  apparenet report 7K3Q2 --plot why.svg   and a picture of what decided it

Exit status: 0 for a list; for one report its verdict, as with diagnose.
The analysis server keeps its own, and what diagnose and measure find while it runs.`;

const USUAL_LIMIT = 20;
const MOST = 500;
/** So many are looked through for an id like the one that was typed. */
const LOOKED_THROUGH = 100;

interface ReportsOptions extends PlotOptions {
  readonly limit: number;
  readonly stateDir?: string;
  readonly json?: true;
}

export function addReports(program: Command, context: CommandContext): void {
  const command = program
    .command('reports')
    .alias('report')
    .summary('what was examined, and each report again')
    .description('Lists the reports that the analysis server keeps, the newest first, or prints the one with this ID.')
    .argument('[ID]', 'of one report; small letters are as good')
    .option(
      '--limit <n>',
      `at most so many, 1 to ${MOST}`,
      (text: string) => parseWholeNumber('--limit', { low: 1, high: MOST }, text),
      USUAL_LIMIT,
    )
    .option('--state-dir <folder>', 'the folder of the history, where it is not in its usual place');
  addJsonOption(addPlotOption(command))
    .addHelpText('after', HELP)
    .action((id: string | undefined, options: ReportsOptions) =>
      id === undefined ? listReports(options, context) : showReport(id.toUpperCase(), options, context),
    );
}

async function listReports(options: ReportsOptions, context: CommandContext): Promise<void> {
  if (options.plot !== undefined)
    throw new UsageError('usage.argument', '--plot draws one report: name its ID, apparenet reports ID --plot FILE');
  const past = await openKept(options.stateDir, context);
  const reports = await past.listReports(options.limit);
  const { out } = context.terminal;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if (options.json) writeJson(context, { reports });
  else if (reports.length === 0) out.write(`${explainNone(past)}\n`);
  else out.write(renderReports(reports, { ink: out.ink, timeZone }));
}

async function showReport(id: string, options: ReportsOptions, context: CommandContext): Promise<void> {
  const past = await openKept(options.stateDir, context);
  const report = await past.readReport(id);
  if (report === null) throw await createUnknown(id, past);
  const { out } = context.terminal;
  if (options.json) writeJson(context, report);
  else out.write(renderReport(report, { columns: out.columns, ink: out.ink, notes: [] }));
  finishPlot(context, options, report);
  context.finish(computeExitCode(report.verdict));
}

async function createUnknown(id: string, past: Past): Promise<UsageError> {
  const ids = (await past.listReports(LOOKED_THROUGH)).map((report) => report.id);
  if (ids.length === 0) return new UsageError('usage.argument', `no report "${id}" is kept. ${explainNone(past)}`);
  const near = findNearestName(
    id,
    ids.map((one) => one.toLowerCase()),
  );
  const hint = near === null ? '"apparenet reports" lists those that are' : `did you mean ${near.toUpperCase()}?`;
  return new UsageError('usage.argument', `no report "${id}" is kept: ${hint}`);
}

function explainNone({ isOfServer }: Past): string {
  if (isOfServer)
    return 'The analysis server keeps no report yet: it will keep what diagnose and measure find from now on.';
  return 'No report is kept here, and no analysis server runs: start one with "apparenet run" or "systemctl start apparenet-as".';
}
