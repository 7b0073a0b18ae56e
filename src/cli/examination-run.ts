// One examination as `diagnose`, `measure` and `simulate` share it: its request, its progress, Ctrl-C, and what to tell beside
// the report.
import { randomInt } from 'node:crypto';
import { ApparenetError, EXIT, type ExitCode } from '../model/errors.js';
import type { Depth, ExaminationEvent, ExaminationRequest, Quantity } from '../model/examination.js';
import type { Report, Verdict } from '../model/report.js';
import { writeNote, type CommandContext } from './command-context.js';
import { ProgressLine } from './progress.js';
import type { ExamineOptions } from './services.js';

export interface ExaminationPlan {
  readonly depth: Depth;
  /** Only this; null for everything. */
  readonly quantity: Quantity | null;
  readonly maxSeconds: number;
  readonly maxBytes: number;
  readonly maxLinkShare?: number;
  readonly seed: number;
}

export interface ExaminationResult {
  readonly report: Report;
  /** What a reader of the figures must know of the path. */
  readonly notes: readonly string[];
}

/** Without crossing glyphs (0 O, 1 I L), so that an id can be read out over a telephone. */
const ID_LETTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const ID_LENGTH = 4;

/** @throws what opening and examining throw; CanceledError if stopped before anything was known. */
export async function runExamination(
  context: CommandContext,
  examine: (request: ExaminationRequest, options: ExamineOptions) => Promise<Report>,
  plan: ExaminationPlan,
): Promise<ExaminationResult> {
  const interrupts = context.watchInterrupts();
  const progress = new ProgressLine(context.terminal.err, plan);
  let notes: readonly string[] = [];
  const onEvent = (event: ExaminationEvent): void => {
    if (event.kind === 'opened') notes = event.path.notes;
    progress.show(event);
  };
  try {
    const request = { ...plan, id: drawReportId(), startedAt: new Date().toISOString() };
    return { report: await examine(request, { signal: interrupts.signal, onEvent }), notes };
  } finally {
    progress.close();
    interrupts.close();
  }
}

/** So that `reports` lists it later. It has been printed: what comes in between is said, and changes nothing of the result. */
export async function keepReport(context: CommandContext, report: Report): Promise<void> {
  try {
    await context.services.keepReport(report);
  } catch (error) {
    if (!(error instanceof ApparenetError)) throw error;
    writeNote(context, `apparenet: the analysis server did not keep report ${report.id}: ${error.message}`);
  }
}

export function drawReportId(): string {
  return Array.from({ length: ID_LENGTH }, () => ID_LETTERS.charAt(randomInt(ID_LETTERS.length))).join('');
}

/** Largest seed that any generator takes. */
export const MAX_SEED = 2 ** 32 - 1;

export function drawSeed(): number {
  return randomInt(MAX_SEED);
}

/** Exit status of monitoring plugins. */
export function computeExitCode(verdict: Verdict): ExitCode {
  return EXIT[verdict];
}
