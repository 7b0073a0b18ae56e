// `apparenet path`: the way to a target hop by hop; the exit status is its verdict.
import { Option, type Command } from 'commander';
import { parseTarget } from '../../box/parse-target.js';
import { requirePort } from '../../box/port-facts.js';
import {
  DEFAULT_MAX_HOPS,
  MOST_HOPS,
  MULTIPATH_BUDGET,
  ROUTE_BUDGET,
  type RouteReport,
  type RouteRequest,
  type RouteViaChoice,
} from '../../model/route.js';
import { parseRouteVia, parseWholeNumber } from '../arguments.js';
import { writeJson, type CommandContext } from '../command-context.js';
import { computeExitCode, drawSeed } from '../examination-run.js';
import { ProgressLine } from '../progress.js';
import { renderRoute } from '../route-text.js';
import { addBudgetOptions, addJsonOption, type BudgetOptions } from './examination-options.js';

interface PathCommandOptions extends BudgetOptions {
  readonly port?: string;
  readonly via: RouteViaChoice;
  readonly maxHops: number;
  readonly multipath?: true;
  readonly names?: true;
  readonly json?: true;
}

const HELP = `
Examples:
  apparenet path 192.0.2.1                  who is on the way, where delay and loss begin
  apparenet path example.org --names        the same, and asks the name servers what the hops are called
  apparenet path 2001:db8::1 --multipath    looks for routers side by side; takes up to 30 s

Takes about ${ROUTE_BUDGET.maxSeconds} s and at most ${ROUTE_BUDGET.maxBytes / 1000} kB, unless told otherwise.
Exit status: 0 ok, 1 warning, 2 critical (the target is not reached, or much is lost), 3 could not tell, 64 wrong
usage, 77 no permission. Ctrl-C stops the sending and shows what is known so far.`;

export function addPath(program: Command, context: CommandContext): void {
  const command = program
    .command('path')
    .summary('the way to a target hop by hop, and where delay and loss begin')
    .description('Shows the routers on the way to TARGET, and where delay, loss and narrow links begin.')
    .argument('<TARGET>', 'host name, IPv4 or IPv6 address')
    .option('--port <name>', 'local network port to send from; without it the route decides')
    .addOption(
      new Option('--via <way>', 'what the probes are: auto, icmp, udp or tcp').argParser(parseRouteVia).default('auto'),
    )
    .addOption(
      new Option('--max-hops <n>', `look no further than this, 1 to ${MOST_HOPS}`)
        .argParser((text) => parseWholeNumber('--max-hops', { low: 1, high: MOST_HOPS }, text))
        .default(DEFAULT_MAX_HOPS),
    )
    .option('--multipath', 'look for routers side by side, with up to 16 flows')
    .option('--names', 'ask the name servers for the names of the hops');
  addJsonOption(addBudgetOptions(command))
    .addHelpText('after', HELP)
    .action(async (target: string, options: PathCommandOptions) => {
      await showPath(target, options, context);
    });
}

async function showPath(text: string, options: PathCommandOptions, context: CommandContext): Promise<void> {
  const target = parseTarget(text);
  if (options.port !== undefined) requirePort(options.port);
  const report = await trace({ target, ...composeRequest(options) }, context);
  const { out } = context.terminal;
  if (options.json) writeJson(context, report);
  else out.write(renderRoute(report, { columns: out.columns, ink: out.ink }));
  context.finish(computeExitCode(report.verdict));
}

function composeRequest(options: PathCommandOptions): Omit<RouteRequest, 'target'> {
  const multipath = options.multipath === true;
  const more = multipath ? MULTIPATH_BUDGET : { maxSeconds: 0, maxBytes: 0 };
  return {
    via: options.via,
    ...(options.port === undefined ? {} : { port: options.port }),
    maxHops: options.maxHops,
    maxSeconds: options.maxSeconds ?? ROUTE_BUDGET.maxSeconds + more.maxSeconds,
    maxBytes: options.maxBytes ?? ROUTE_BUDGET.maxBytes + more.maxBytes,
    multipath,
    names: options.names === true,
    startedAt: new Date().toISOString(),
    seed: drawSeed(),
  };
}

async function trace(request: RouteRequest, context: CommandContext): Promise<RouteReport> {
  const interrupts = context.watchInterrupts();
  const progress = new ProgressLine(context.terminal.err, request);
  try {
    const { signal } = interrupts;
    return await context.services.traceRoute(request, { signal, onEvent: (event) => progress.show(event) });
  } finally {
    progress.close();
    interrupts.close();
  }
}
