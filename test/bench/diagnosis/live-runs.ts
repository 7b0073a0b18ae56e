// Drawn faults with real packets: each on an emulated path of its own, examined by the command as a person types it, one after
// the other, since two at once would disturb each other's timing. Needs root and cc.
import assert from 'node:assert/strict';
import { createRandom } from '../../../src/model/random.js';
import type { Depth } from '../../../src/model/examination.js';
import type { Report } from '../../../src/model/report.js';
import { createEmulatedPath } from '../../live/emulator/emulated-path.js';
import type { Delivery } from '../../live/emulator/emulated-path.js';
import { APPARENET, startReady } from '../../live/test-path.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { describeOutcome } from './case-outcome.js';
import type { CaseOutcome } from './case-outcome.js';
import { drawLiveCase, LIVE_KINDS } from './live-cases.js';
import type { LiveCase } from './live-cases.js';
import type { CasesOptions } from './simulated-cases.js';

const DEPTH_OPTIONS: Readonly<Record<Depth, readonly string[]>> = { quick: ['--quick'], normal: [], deep: ['--deep'] };

/** What was examined; `onCase` is told each outcome as it comes, and how well the emulator kept its instants. */
export async function runLiveCases(
  { kinds, draws, seed, depth }: CasesOptions,
  onCase: (outcome: CaseOutcome, delivery: Delivery) => void,
): Promise<CaseOutcome[]> {
  const outcomes: CaseOutcome[] = [];
  for (let i = 0; i < draws; i += 1) {
    for (const kind of kinds) {
      // Kinds do not share their draws.
      const own = (seed + i) * LIVE_KINDS.length + LIVE_KINDS.indexOf(kind);
      const drawn = drawLiveCase(kind, createRandom(own));
      const { report, delivery } = await diagnose(drawn, depth, own);
      const outcome = describeOutcome(kind, seed + i, drawn, report);
      onCase(outcome, delivery);
      outcomes.push(outcome);
    }
  }
  return outcomes;
}

interface Examined {
  readonly report: Report;
  readonly delivery: Delivery;
}

async function diagnose({ stages, ends }: LiveCase, depth: Depth, seed: number): Promise<Examined> {
  const path = await createEmulatedPath(stages, seed);
  const reflect = [process.execPath, APPARENET, 'reflect', '--port', path.port];
  try {
    const stop = ends === 'echo' ? null : await startReady(path, 'far', reflect, /reflecting/);
    const { stdout, stderr } = await runProgram(['diagnose', path.farAddress, ...DEPTH_OPTIONS[depth], '--json'], {
      before: [...path.before],
    });
    await stop?.();
    assert.match(stdout, /^\{/, `${stages.join(', ')}: ${stderr}`);
    return { report: JSON.parse(stdout) as Report, delivery: await path.endDelivery() };
  } finally {
    path.remove();
  }
}
