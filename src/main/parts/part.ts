// What the runner needs to know of a part: where it is, whether it still works, how it ends.
import type { PartName } from '../../model/parts.js';

export interface Part {
  readonly name: PartName;
  /** Where it listens, for a person. */
  readonly where: string;
  /** What it has to do without, one sentence each. */
  readonly problems: readonly string[];
  /** What a person at the console should know, one sentence each. */
  readonly notes?: readonly string[];
  /** Resolves when the part has answered a question as a client of it would ask. Rejects otherwise. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Where a defect is written: stderr, which the service manager keeps. */
export function writeDefect(part: PartName, error: unknown): void {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`apparenet-${part}: defect: ${words}\n`);
}

/** What a part goes on with, for the service manager's log: one sentence. */
export function writeTrouble(part: PartName, text: string): void {
  process.stderr.write(`apparenet-${part}: ${text}\n`);
}
