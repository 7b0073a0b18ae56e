// The sequencer as a service inside a namespace, asked from outside through its socket: the prober contract with real packets,
// and an examination that the analysis server makes of a real path.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Report } from '../../../src/model/report.js';
import { openRemote } from '../../../src/prober/remote/open-remote.js';
import { readStatus } from '../../../src/prober/remote/read-status.js';
import { readNetworkNamespace } from '../../../src/sequencer/control/server.js';
import { describeProberContract } from '../../contract/prober/prober-contract.js';
import { startTestAs } from '../../contract/parts/simulated-parts.js';
import { CHECKOUT, createTestPath, liveSkip, startReady, type TestPath } from '../test-path.js';

const TPS = join(CHECKOUT, 'dist/src/main/tps.js');
const NOBODY = '10.66.0.77';

describe('a sequencer in a namespace of its own', { skip: liveSkip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-'));
  const socketPath = join(folder, 'tps.sock');
  let path: TestPath;
  let stopTps: () => Promise<void>;
  before(async () => {
    path = createTestPath();
    stopTps = await startReady(path, 'near', ['node', TPS, '--tps-socket', socketPath], /sequencer/);
  });
  after(async () => {
    await stopTps();
    path.remove();
    rmSync(folder, { recursive: true });
  });

  test('tells in which namespace it sends', async () => {
    const { networkNamespace, problems, reflector } = await readStatus(socketPath);
    assert.match(networkNamespace, /^net:\[\d+\]$/);
    assert.notEqual(networkNamespace, readNetworkNamespace());
    assert.deepEqual(problems, []);
    assert.deepEqual(reflector?.udpPorts, [3237, 862]);
  });

  describeProberContract('The remote prober over the native one', (target) => {
    const address = target === 'answering' ? path.farAddress : NOBODY;
    return openRemote(socketPath)({ target: address, via: 'icmp' }, new AbortController().signal);
  });

  for (const [target, verdict] of [
    ['10.66.0.2', 'ok'],
    [NOBODY, 'critical'],
  ] as const) {
    test(`the analysis server finds ${target} ${verdict}`, async (context) => {
      const { url } = await startTestAs(context, socketPath);
      const response = await fetch(`${url}/api/v1/examinations?wait=true`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ target, depth: 'quick', quantity: 'loss' }),
      });
      const report = (await response.json()) as Report;
      assert.equal(report.verdict, verdict, JSON.stringify(report));
      assert.equal(report.port.name, path.port);
      assert.equal(report.estimates.loss.roundTrip?.value, verdict === 'ok' ? 0 : 1);
    });
  }
});
