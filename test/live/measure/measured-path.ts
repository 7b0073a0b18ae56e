// `apparenet measure` as a person runs it, over the emulator of ../emulator/, whose truth is known, towards a reflector of ours at
// its far end.
import assert from 'node:assert/strict';
import type { Quantity } from '../../../src/model/examination.js';
import type { Estimate } from '../../../src/model/estimates.js';
import type { Report } from '../../../src/model/report.js';
import { assertValidReport } from '../../unit/analysis/report-schema.js';
import { runProgram, type Outcome, type RunOptions } from '../../unit/cli/run-program.js';
import { createEmulatedPath, type EmulatedPath } from '../emulator/emulated-path.js';
import { APPARENET, startReady } from '../test-path.js';

export interface MeasuredPath {
  readonly emulated: EmulatedPath;
  /** `measure` at the near end, with these words behind the target. */
  run(quantity: string, words: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Its report, after a check that it keeps to the schema and that stdout holds nothing else. */
  measure(quantity: Quantity, ...words: string[]): Promise<Report>;
  /** What left the port of one end so far. */
  countSent(where: 'near' | 'far'): { readonly packets: number; readonly bytes: number };
  remove(): Promise<void>;
}

/** `stages` as path-emulator.c knows them. */
export async function createMeasuredPath(...stages: string[]): Promise<MeasuredPath> {
  const emulated = await createEmulatedPath(stages);
  const reflect = [process.execPath, APPARENET, 'reflect', '--port', emulated.port];
  const stop = await startReady(emulated, 'far', reflect, /reflecting/);
  const run = (quantity: string, words: readonly string[], options: RunOptions = {}): Promise<Outcome> =>
    runProgram(['measure', emulated.farAddress, quantity, ...words], { ...options, before: emulated.before });
  return {
    emulated,
    run,
    async measure(quantity, ...words) {
      const { stdout, stderr } = await run(quantity, [...words, '--json']);
      assert.match(stdout, /^\{/, stderr);
      const report = JSON.parse(stdout) as Report;
      assertValidReport(report);
      return report;
    },
    countSent(where) {
      const port = `/sys/class/net/${emulated.port}/statistics`;
      const [packets = NaN, bytes = NaN] = emulated
        .exec(where, 'cat', `${port}/tx_packets`, `${port}/tx_bytes`)
        .trim()
        .split('\n')
        .map(Number);
      return { packets, bytes };
    },
    async remove() {
      await stop();
      emulated.remove();
    },
  };
}

/**
 * The value is within `share` of the truth, and its interval says so: a 95 % interval of twice that width leaves out the truth once
 * in 10,000 runs.
 */
export function assertNear(estimate: Estimate | null | undefined, truth: number, share: number): void {
  assert.ok(estimate, 'not measured');
  const { value, low, high } = estimate;
  const told = `${value} (${low} to ${high}) instead of ${truth}`;
  assert.ok(Math.abs(value - truth) <= share * truth, told);
  assert.ok(truth >= value - 2 * (value - low) && truth <= value + 2 * (high - value), told);
}
