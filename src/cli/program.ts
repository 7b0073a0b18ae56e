// The command line as a whole: parse, ask, render. Each command lives in commands/; here they meet, and every way to fail ends in
// one exit status and one reason.
import { Command, CommanderError } from 'commander';
import { EXIT, UsageError, type ExitCode } from '../model/errors.js';
import { VERSION } from '../model/parts.js';
import type { CommandContext } from './command-context.js';
import { addAccess } from './commands/access.js';
import { addAnalyze } from './commands/analyze.js';
import { addBundle } from './commands/bundle.js';
import { addCalibrate } from './commands/calibrate.js';
import { addConfig } from './commands/config.js';
import { addConsole } from './commands/console.js';
import { addDiagnose } from './commands/diagnose.js';
import { addHistory } from './commands/history.js';
import { addIncidents } from './commands/incidents.js';
import { addMeasure } from './commands/measure.js';
import { addPath } from './commands/path.js';
import { addPorts } from './commands/ports.js';
import { addReports } from './commands/reports.js';
import { addRun } from './commands/run.js';
import { addSchedule } from './commands/schedule.js';
import { addStatus } from './commands/status.js';
import { addReflect } from './commands/reflect.js';
import { addSimulate } from './commands/simulate.js';
import { addTargets } from './commands/targets.js';
import { describeFailure } from './failure.js';
import { watchInterrupts } from './interrupts.js';
import type { Services } from './services.js';
import type { Terminal } from './terminal.js';

const HELP = `
Examples:
  apparenet diagnose 192.0.2.1     what is wrong with the path to that address
  apparenet simulate               try it without a network

Nothing is sent without a target. Each command has its own --help.`;

/** `name` is how the program was called, `words` what was typed after it. Resolves with the exit status; never rejects. */
export async function runCommandLine(
  [name, ...words]: readonly [string, ...string[]],
  services: Services,
  terminal: Terminal,
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const context: CommandContext = {
    services,
    terminal,
    watchInterrupts: () => watchInterrupts(() => announceStop(terminal), terminal.readerGone),
    finish: (code) => (exitCode = code),
  };
  const program = createProgram(context);
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed help and version itself.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
    const failure = describeFailure(
      explainUsage(error, nameCommand(program, words)),
      [name, ...words],
      (process.env['APPARENET_DEBUG'] ?? '') !== '',
    );
    for (const line of failure.lines) terminal.err.write(`${line}\n`);
    return failure.exitCode;
  }
}

function createProgram(context: CommandContext): Command {
  const { out, err } = context.terminal;
  const program = new Command('apparenet')
    .description('Measures a network path with precisely timed packets and names the fault.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      // Reasons are printed in one place, by runCommandLine.
      outputError: () => undefined,
      getOutHelpWidth: () => out.columns,
      getErrHelpWidth: () => err.columns,
    })
    .addHelpText('after', (help) => (help.command.parent === null ? HELP : ''));
  for (const add of [
    addRun,
    addDiagnose,
    addMeasure,
    addPath,
    addAnalyze,
    addCalibrate,
    addReflect,
    addPorts,
    addTargets,
    addSchedule,
    addConfig,
    addAccess,
    addStatus,
    addBundle,
    addHistory,
    addIncidents,
    addReports,
    addConsole,
    addSimulate,
  ])
    add(program, context);
  return program;
}

/** Such as `targets add`: as far as the words name commands. Ends with the first that does not. */
function nameCommand(program: Command, words: readonly string[]): string {
  let command: Command | undefined = program;
  const named: string[] = [];
  for (const word of words) {
    command = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (command === undefined) break;
    named.push(word);
  }
  return named.join(' ');
}

/** What commander objects to, in one line with its suggestion; `command` is what was called, whose help tells what it takes. */
function explainUsage(error: unknown, command: string): unknown {
  if (!(error instanceof CommanderError)) return error;
  const reason = error.message.replace(/^error: /, '').replace(/\.$/, '');
  const lost = error.code === 'commander.unknownCommand' && !reason.includes('Did you mean');
  const isCount = error.code === 'commander.missingArgument' || error.code === 'commander.excessArguments';
  const help = lost ? '; see apparenet --help' : isCount && command !== '' ? `; see apparenet ${command} --help` : '';
  return new UsageError('usage.argument', `${reason}${help}`, { cause: error });
}

function announceStop(terminal: Terminal): void {
  if (terminal.err.isTty) terminal.err.write('\nstopping; once more ends at once\n');
}
