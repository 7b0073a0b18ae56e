// Every quantity through the parts as they stand on a box: the sequencer in a namespace, the analysis server and the command line
// of an ordinary user as its clients, and a reflector of ours behind a router. What one process can measure three can.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Quantity } from '../../../src/model/examination.js';
import { QUANTITIES } from '../../../src/model/examination.js';
import type { Estimates } from '../../../src/model/estimates.js';
import type { Report } from '../../../src/model/report.js';
import { startTestAs } from '../../contract/parts/simulated-parts.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { createSharedLink, type SharedLink } from '../shared-link.js';
import { APPARENET, AS_NOBODY, CHECKOUT, liveSkip, ordinaryUserSkip, startReady } from '../test-path.js';

const TPS = join(CHECKOUT, 'dist/src/main/tps.js');
/** Of the router, in both directions: slower than the machine, so that it is the path that is measured. */
const BUCKET = ['tbf', 'rate', '50mbit', 'burst', '3000', 'latency', '100ms'];

/** What a report on one quantity must hold. */
const MEASURED: Readonly<Record<Quantity, (estimates: Estimates) => unknown>> = {
  capacity: ({ capacity }) => capacity.forward,
  available: ({ available }) => available.forward,
  utilization: ({ utilization }) => utilization.forward,
  maximum: ({ maximum }) => maximum.forward && maximum.reverse,
  loss: ({ loss, lossTable }) => loss.forward && loss.reverse && lossTable,
  delay: ({ rtt, oneWay, queueing }) => rtt && oneWay.forward && oneWay.reverse && queueing,
  propagation: ({ propagation, serialisation }) => propagation && serialisation,
  jitter: ({ jitter }) => jitter,
  voice: ({ voice }) => voice,
  reordering: ({ reordering, reorderingBySpacing }) => reordering && reorderingBySpacing,
  duplication: ({ duplication }) => duplication,
  mtu: ({ mtu }) => mtu?.reverseBytes,
  dscp: ({ dscp }) => dscp?.every(({ forward }) => forward !== null) && dscp.some(({ reverse }) => reverse !== null),
  responsiveness: ({ loaded }) => loaded?.up?.otherFlow,
};

describe('every quantity through the sequencer', { skip: liveSkip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-'));
  const socketPath = join(folder, 'apparenet', 'tps.sock');
  let link: SharedLink;
  const stops: (() => Promise<void>)[] = [];
  before(async () => {
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'apparenet'));
    link = createSharedLink();
    link.shape(...BUCKET);
    link.shapeBack(...BUCKET);
    const reflect = [process.execPath, APPARENET, 'reflect', '--udp-port', '3237'];
    stops.push(await startReady(link, 'far', reflect, /reflecting on udp\/3237/));
    const tps = [process.execPath, TPS, '--tps-socket', socketPath, '--udp-port', '0'];
    stops.push(await startReady(link, 'near', tps, /sequencer/));
  });
  after(async () => {
    for (const stop of stops) await stop();
    link.remove();
    rmSync(folder, { recursive: true });
  });

  for (const quantity of QUANTITIES) {
    test(`the analysis server measures ${quantity}`, async (context) => {
      const { url } = await startTestAs(context, socketPath);
      const response = await fetch(`${url}/api/v1/examinations?wait=true`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ target: link.farAddress, quantity }),
      });
      const report = (await response.json()) as Report;
      assert.equal(response.status, 200, JSON.stringify(report));
      assert.ok(MEASURED[quantity](report.estimates), JSON.stringify(report));
    });
  }

  // The far end's own train, the marks of both directions and a load of two flows: what needs more than the columns of a probe.
  for (const quantity of ['capacity', 'dscp', 'responsiveness'] as const) {
    test(`an ordinary user measures ${quantity}`, { skip: ordinaryUserSkip }, async () => {
      chownSync(socketPath, 65534, 65534);
      const { exitCode, stdout, stderr } = await runProgram(['measure', link.farAddress, quantity, '--json'], {
        before: ['ip', 'netns', 'exec', link.namespaces.near, ...AS_NOBODY],
        env: { XDG_RUNTIME_DIR: folder },
      });
      assert.ok(exitCode === 0 || exitCode === 1, stderr);
      assert.ok(MEASURED[quantity]((JSON.parse(stdout) as Report).estimates), stdout);
    });
  }
});
