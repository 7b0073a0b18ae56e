// What a person reads and what a script gets when a command cannot do its work: one reason on stderr and an exit status.
import {
  ApparenetError,
  CanceledError,
  EXIT,
  InvariantError,
  PermissionError,
  type ExitCode,
} from '../model/errors.js';

export interface Failure {
  readonly exitCode: ExitCode;
  /** What to print on stderr, in lines; none where all was said already. */
  readonly lines: readonly string[];
}

/** `commandLine` is what was typed, to show how to run it with more rights. */
export function describeFailure(error: unknown, commandLine: readonly string[], withStack: boolean): Failure {
  const failure = classifyFailure(error, commandLine);
  const stack = withStack && error instanceof Error && error.stack !== undefined ? error.stack.split('\n') : [];
  return { ...failure, lines: [...failure.lines, ...stack] };
}

function classifyFailure(error: unknown, commandLine: readonly string[]): Failure {
  if (error instanceof CanceledError)
    return { exitCode: error.exitCode, lines: [prefix('stopped before anything was known')] };
  if (error instanceof PermissionError) return describePermission(error, commandLine);
  if (error instanceof InvariantError || !(error instanceof ApparenetError)) {
    return { exitCode: EXIT.unknown, lines: [prefix(`a defect in apparenet: ${oneLine(error)}; please report it`)] };
  }
  return { exitCode: error.exitCode, lines: [prefix(error.message)] };
}

function describePermission(error: PermissionError, commandLine: readonly string[]): Failure {
  const again = commandLine.map(quoteWord).join(' ');
  const mayRoot = error.code === 'permission.raw-packets' || error.code === 'permission.socket';
  const lines = [
    prefix(error.message),
    `  grant it:          ${error.remedy}`,
    ...(mayRoot ? [`  or only this once: sudo ${again}`] : []),
  ];
  return { exitCode: error.exitCode, lines };
}

function prefix(text: string): string {
  return `apparenet: ${text.replace(/\s*\n\s*/g, ' ')}`;
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ').trim();
}

function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
