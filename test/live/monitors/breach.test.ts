// From the fault to the finding without anybody's doing, in the real server: a router begins to lose packets, the breach opens an
// incident, the calendar's queue examines the target, and the incident tells what was found wherever one looks.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { openForReading } from '../../../src/history/history.js';
import { askLocalApi } from '../../../src/main/commands/ask-local-api.js';
import type { Spent } from '../../../src/model/calendar.js';
import type { BoxEvent, Incident } from '../../../src/model/incident.js';
import { computeHistoryFolder, computeLocalSocketPath } from '../../../src/model/parts.js';
import type { Report } from '../../../src/model/report.js';
import { createRoutedPath, type RoutedPath } from '../routed-path.js';
import { APPARENET, CHECKOUT, liveSkip, runFailing, startReady } from '../test-path.js';

const hasNft = spawnSync('nft', ['--version']).status === 0;
const skip = liveSkip !== false ? liveSkip : hasNft ? false : 'needs nft';

const TPS = join(CHECKOUT, 'dist/src/main/tps.js');
const SERVER = join(CHECKOUT, 'dist/test/live/monitors/as-process.js');
const MINUTE_MS = 6_000;
/** Long enough for whatever is waited for on a busy machine; nothing is asserted of it. */
const MOST_MINUTES = 30;
/** Of the packets towards the host one in five is lost, each by itself. */
const LOSSES = `table ip losses { chain towards { type filter hook forward priority 0;
  ip daddr 10.67.0.2 numgen random mod 100 < 20 drop; } ; }`;

describe('a router that begins to lose packets', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-breach-'));
  const socketPath = join(folder, 'tps.sock');
  const configPath = join(folder, 'config.yaml');
  const stops: (() => Promise<void>)[] = [];
  let routed: RoutedPath;
  let incident: Incident;

  const ask = async <Document>(path: string): Promise<Document> => {
    const place = { port: 0, asSocketPath: computeLocalSocketPath(socketPath) };
    return (await askLocalApi(place, { method: 'GET', path })) as Document;
  };
  const listEvents = async (): Promise<BoxEvent[]> =>
    (await ask<{ events: BoxEvent[] }>('/api/v1/diary?limit=100')).events.reverse();
  const waitFor = async <Found>(what: string, find: () => Promise<Found | undefined>): Promise<Found> => {
    for (let waited = 0; waited < 2 * MOST_MINUTES; waited += 1) {
      const found = await find();
      if (found !== undefined) return found;
      await sleep(MINUTE_MS / 2);
    }
    const told = (await listEvents()).map(({ text }) => text);
    return assert.fail(`${what} did not come in ${MOST_MINUTES} minutes: ${told.join(' | ')}`);
  };
  const waitForIncident = (what: string, holds: (one: Incident) => boolean): Promise<Incident> =>
    waitFor(what, async () => (await ask<{ incidents: Incident[] }>('/api/v1/incidents')).incidents.find(holds));

  before(async () => {
    routed = createRoutedPath();
    writeFileSync(
      configPath,
      `targets:
  - { name: router, address: gateway, segment: gateway, intervalMs: 100 }
  - { name: host, address: ${routed.beyondAddress}, segment: beyond, intervalMs: 100, depth: deep }
`,
    );
    const sequencer = ['node', TPS, '--tps-socket', socketPath, '--udp-port', '3237'];
    stops.unshift(await startReady(routed.path, 'near', sequencer, /sequencer/));
    const server = ['node', SERVER, folder, socketPath, configPath, String(MINUTE_MS)];
    stops.unshift(await startReady(routed.path, 'near', server, /analysis server/));
    await waitFor('a measured minute', async () => {
      const { points } = await ask<{ points: { coverage: number }[] }>(
        `/api/v1/targets/host/history?from=${Date.now() - 600_000}&to=${Date.now()}&points=300`,
      );
      return points.find(({ coverage }) => coverage > 0.9);
    });
  });
  after(async () => {
    for (const stop of stops) await stop();
    routed.remove();
    rmSync(folder, { recursive: true });
  });

  test('is an incident of the host, which is examined by itself and carries the finding', async () => {
    execFileSync('ip', ['netns', 'exec', routed.path.far, 'nft', '-f', '-'], { input: LOSSES });
    incident = await waitForIncident('the finding', ({ finding }) => finding !== null);
    assert.deepEqual([incident.target, incident.kind, incident.state], ['host', 'loss', 'open']);
    assert.equal(incident.segment, 'beyond');
    assert.equal(incident.finding?.condition, 'random-loss');
    const { incidents } = await ask<{ incidents: Incident[] }>('/api/v1/incidents');
    assert.deepEqual(
      incidents.map(({ id }) => id),
      [incident.id],
    );
  });

  test('its report is kept, and its cost is counted', async () => {
    const report = await ask<Report>(`/api/v1/reports/${incident.reportId ?? ''}`);
    assert.equal(report.target.address, routed.beyondAddress);
    assert.deepEqual([report.findings[0], report.verdict], [incident.finding, incident.verdict]);
    const { day } = await ask<{ day: Spent['day'] }>('/api/v1/spending');
    assert.ok(day.bytes >= report.cost.bytes && report.cost.bytes > 0, `${day.bytes} of ${report.cost.bytes} bytes`);
  });

  test('the diary tells it in its order: opened, then what was found', async () => {
    const told = (await listEvents()).filter(({ incidentId }) => incidentId === incident.id);
    assert.equal(told[0]?.kind, 'opened');
    const found = told.find(({ text }) => text.startsWith('host was examined: '));
    assert.equal(found?.kind, 'updated');
  });

  test('history and command line show the same', async () => {
    const askOnce = (): Promise<Incident> => ask<Incident>(`/api/v1/incidents/${incident.id}`);
    const command = ['node', APPARENET, 'incidents', incident.id, '--state-dir', folder];
    // It goes on meanwhile: what is compared is to be of the same moment.
    const { known, kept, shown } = await waitFor('a moment without news', async () => {
      const before = await askOnce();
      const history = await openForReading(computeHistoryFolder(folder));
      const [ofHistory, ofCommand] = [
        await history.readIncident(incident.id),
        runFailing(routed.path, 'near', [...command, '--json']),
      ];
      const isQuiet = isDeepStrictEqual(before, await askOnce());
      return isQuiet ? { known: before, kept: ofHistory, shown: ofCommand.stdout } : undefined;
    });
    assert.deepEqual(kept, known);
    assert.deepEqual(JSON.parse(shown), known);
    const { stdout, status } = runFailing(routed.path, 'near', command);
    assert.match(stdout, /random loss/);
    assert.match(stdout, new RegExp(known.reportId ?? 'no report'));
    assert.equal(status, known.severity === 'critical' ? 2 : 1);
  });

  test('is over when the router loses nothing any more, and keeps its finding', async () => {
    routed.path.exec('far', 'nft', 'delete', 'table', 'ip', 'losses');
    const closed = await waitForIncident('the end', ({ state }) => state === 'closed');
    assert.equal(closed.id, incident.id);
    assert.deepEqual([closed.reportId, closed.finding], [incident.reportId, incident.finding]);
    assert.ok((closed.endedMs ?? 0) > closed.startedMs);
    const kinds = (await listEvents()).filter(({ incidentId }) => incidentId === incident.id).map(({ kind }) => kind);
    assert.deepEqual([kinds[0], kinds.at(-1)], ['opened', 'recovered']);
  });
});
