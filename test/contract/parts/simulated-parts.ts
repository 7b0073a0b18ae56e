// The parts over simulated paths: the target's name chooses the scenario, everything else is the real thing - sockets, servers,
// examination. Used where a test is about the parts and not about packets.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import type { StartExamination } from '../../../src/model/examination.js';
import type { OpenProber, Prober, RunOptions } from '../../../src/model/path.js';
import type { Sequence } from '../../../src/model/sequence.js';
import type { Trace } from '../../../src/model/trace.js';
import { openSimulated } from '../../../src/prober/simulated/simulated-prober.js';
import { startControlServer } from '../../../src/sequencer/control/server.js';
import type { ControlServer } from '../../../src/sequencer/control/server.js';
import { startAnalysisServer } from '../../../src/server/server.js';
import type { AnalysisServer } from '../../../src/server/server.js';
import { findScenario } from '../../../src/simulator/scenarios.js';

/** Long enough for a test to act in the middle of a run. */
const SLOW_RUN_MS = 400;
const failOnDefect = (error: unknown) =>
  assert.fail(error instanceof Error ? (error.stack ?? error.message) : String(error));

/** Opens the scenario that the target names; `slow-NAME` takes real time for each run. */
export const openScenario: OpenProber = (request) => {
  const slow = request.target.startsWith('slow-');
  const prober = openSimulated(findScenario(slow ? request.target.slice('slow-'.length) : request.target), 1);
  return Promise.resolve(slow ? new SlowProber(prober) : prober);
};

class SlowProber implements Prober {
  readonly path;
  readonly openingCost;

  constructor(private readonly inner: Prober) {
    this.path = inner.path;
    this.openingCost = inner.openingCost;
  }

  async run(sequence: Sequence, options: RunOptions): Promise<Trace> {
    await sleep(SLOW_RUN_MS, undefined, { signal: options.signal }).catch(() => undefined);
    return this.inner.run(sequence, options);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** A folder for sockets, removed after the test. */
const folders: string[] = [];
// Not after the test that made one: hooks run in the order they were given, and what writes there is closed by later ones.
process.once('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-'));
  folders.push(folder);
  return folder;
}

export async function startSimulatedTps(context: TestContext, socketPath: string): Promise<ControlServer> {
  const server = await startControlServer({
    socketPath,
    version: '0',
    open: openScenario,
    readReflector: () => null,
    listNeighbours: () => [],
    readProblems: () => [],
    onDefect: failOnDefect,
  });
  context.after(() => server.close());
  return server;
}

/** `start` stands in for the examination where a test is about what comes after it. */
export async function startTestAs(
  context: TestContext,
  socketPath: string,
  start: StartExamination = startExamination,
): Promise<AnalysisServer> {
  const accessPath = join(makeFolder(), 'access.json');
  const loadExamination = () => Promise.resolve(start);
  const server = await startAnalysisServer({
    port: 0,
    socketPath,
    accessPath,
    loadExamination,
    onDefect: failOnDefect,
  });
  context.after(() => server.close());
  return server;
}
