// `apparenet analyze`: the report of what a recording holds. Sends nothing.
import { isIP } from 'node:net';
import type { Command } from 'commander';
import { UsageError } from '../../model/errors.js';
import { formatAddress, parseAddress } from '../../packet/address.js';
import { writeJson, type CommandContext } from '../command-context.js';
import { computeExitCode, drawReportId } from '../examination-run.js';
import { renderReport } from '../report-text.js';
import { addJsonOption, addPlotOption, finishPlot, type PlotOptions } from './examination-options.js';

interface AnalyzeOptions extends PlotOptions {
  readonly target?: string;
  readonly probe?: string;
  readonly json?: true;
}

const HELP = `
Examples:
  apparenet analyze ping.pcap                          what tcpdump -w ping.pcap recorded
  apparenet analyze day.pcapng --target 192.0.2.1      of several exchanges the one with that address

Understood are ICMP echo, STAMP and TWAMP, UDP to a closed port, and TCP. Nothing is sent.
Exit status: the verdict (0 ok, 1 warning, 2 critical, 3 unknown), 64 for a file that cannot be analysed.`;

export function addAnalyze(program: Command, context: CommandContext): void {
  const command = program
    .command('analyze')
    .summary('the same analysis of a recording')
    .description('Analyses the largest exchange of requests and answers in a recording (pcap or pcapng).')
    .argument('<FILE>', 'recording, as tcpdump -w or diagnose --save-capture write it')
    .option('--target <address>', 'the exchange with this target', (text) => parseAddressOption('--target', text))
    .option('--probe <address>', 'the exchange that this host began', (text) => parseAddressOption('--probe', text));
  addJsonOption(addPlotOption(command))
    .addHelpText('after', HELP)
    .action(async (file: string, options: AnalyzeOptions) => {
      await analyze(file, options, context);
    });
}

async function analyze(file: string, options: AnalyzeOptions, context: CommandContext): Promise<void> {
  const { target = null, probe = null } = options;
  const report = await context.services.analyzeRecording(file, { id: drawReportId(), target, probe });
  const { out } = context.terminal;
  if (options.json) writeJson(context, report);
  else out.write(renderReport(report, { columns: out.columns, ink: out.ink, notes: [] }));
  finishPlot(context, options, report);
  context.finish(computeExitCode(report.verdict));
}

/** Recordings hold addresses, not names. @throws UsageError `usage.argument` */
function parseAddressOption(option: string, text: string): string {
  if (isIP(text) !== 0) return formatAddress(parseAddress(text).bytes);
  throw new UsageError('usage.argument', `${option} cannot be "${text}": give an address, such as 192.0.2.1`);
}
