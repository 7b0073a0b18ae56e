// The prober that another process serves, under the contract of all probers: nothing may get lost on the socket.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openRemote } from '../../../src/prober/remote/open-remote.js';
import { openSimulated } from '../../../src/prober/simulated/simulated-prober.js';
import { startControlServer } from '../../../src/sequencer/control/server.js';
import { findScenario } from '../../../src/simulator/scenarios.js';
import { describeProberContract } from '../prober/prober-contract.js';

const SCENARIO = { answering: 'healthy', silent: 'unreachable' } as const;

describeProberContract('The remote prober over a simulated one', async (target, context) => {
  const socketPath = makeSocketPath(context);
  const server = await startControlServer({
    socketPath,
    version: '0',
    open: () => Promise.resolve(openSimulated(findScenario(SCENARIO[target]), 1)),
    readReflector: () => null,
    readProblems: () => [],
    onDefect: (error) => assert.fail(String(error)),
  });
  context.after(() => server.close());
  return openRemote(socketPath)({ target: '192.0.2.1', via: 'auto' }, new AbortController().signal);
});

function makeSocketPath(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'tps.sock');
}
