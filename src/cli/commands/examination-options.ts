// The options that commands with an examination share.
import { Option, type Command } from 'commander';
import {
  computeDefaultBudget,
  type Depth,
  type ExaminationRequest,
  type Quantity,
  type SpendingBounds,
} from '../../model/examination.js';
import type { ViaChoice } from '../../model/path.js';
import type { Report } from '../../model/report.js';
import { parseByteCount, parseVia, parseWholeNumber } from '../arguments.js';
import { writeNote, type CommandContext } from '../command-context.js';
import { parsePlotFile, writePlot } from '../plot-file.js';

export interface PathOptions {
  readonly port?: string;
  readonly via: ViaChoice;
  readonly json?: true;
}

export interface BudgetOptions {
  readonly maxSeconds?: number;
  readonly maxBytes?: number;
  /** Per cent of the narrow link. */
  readonly maxShare?: number;
}

export function addPathOptions(command: Command): Command {
  return command
    .option('--port <name>', 'local network port to send from; without it the route decides')
    .addOption(
      new Option('--via <way>', 'what answers the probes: auto, tps, stamp, icmp, udp or tcp')
        .argParser(parseVia)
        .default('auto'),
    );
}

export function addBudgetOptions(command: Command): Command {
  return command
    .option('--max-seconds <n>', 'end after this time, 1 to 3600 s', (text) =>
      parseWholeNumber('--max-seconds', { low: 1, high: 3600 }, text),
    )
    .option('--max-bytes <n>', 'send no more than this, such as 500k or 5M', (text) =>
      parseByteCount('--max-bytes', text),
    )
    .option('--max-share <percent>', 'use no more of the narrow link than this on average, 1 to 100', (text) =>
      parseWholeNumber('--max-share', { low: 1, high: 100 }, text),
    );
}

export interface CaptureOptions {
  readonly saveCapture?: string;
}

export function addCaptureOption(command: Command): Command {
  return command.option('--save-capture <file>', 'keep all frames in a new file for tcpdump or apparenet analyze');
}

/** What an examination is told of it. */
export function chooseCapture({ saveCapture }: CaptureOptions): { readonly captureFile?: string } {
  return saveCapture === undefined ? {} : { captureFile: saveCapture };
}

export interface PlotOptions {
  readonly plot?: string;
}

export function addPlotOption(command: Command): Command {
  return command.option('--plot <file>', 'draw what decided the leading finding, as an SVG file', parsePlotFile);
}

/** Behind the report, so that a disk that is full takes away the picture only. */
export function finishPlot(context: CommandContext, { plot }: PlotOptions, report: Report): void {
  if (plot !== undefined) writeNote(context, writePlot(plot, report));
}

export function addJsonOption(command: Command): Command {
  return command.option('--json', 'one JSON document on stdout and nothing else there');
}

/** What the person said, else what the depth or the quantity stands for. */
export function chooseBudget(
  options: BudgetOptions,
  depth: Depth,
  quantity: Quantity | null,
): SpendingBounds & Pick<ExaminationRequest, 'maxLinkShare'> {
  const budget = computeDefaultBudget(depth, quantity);
  return {
    maxSeconds: options.maxSeconds ?? budget.maxSeconds,
    maxBytes: options.maxBytes ?? budget.maxBytes,
    ...(options.maxShare === undefined ? {} : { maxLinkShare: options.maxShare / 100 }),
  };
}
