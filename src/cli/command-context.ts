// What every command is given: the services, the terminal, and how to end. Commands know no process and no globals.
import type { ExitCode } from '../model/errors.js';
import type { Interrupts } from './interrupts.js';
import type { Services } from './services.js';
import type { Terminal } from './terminal.js';

export interface CommandContext {
  readonly services: Services;
  readonly terminal: Terminal;
  /** Takes Ctrl-C over for as long as the command works; the command gives it back. */
  readonly watchInterrupts: () => Interrupts;
  /** The exit status of the command that ran. */
  readonly finish: (exitCode: ExitCode) => void;
}

/** Exactly one JSON document on stdout. */
export function writeJson(context: CommandContext, document: unknown): void {
  context.terminal.out.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** A remark for a person, on stderr. */
export function writeNote(context: CommandContext, text: string): void {
  context.terminal.err.write(`${text}\n`);
}
