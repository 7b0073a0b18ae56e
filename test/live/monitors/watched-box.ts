// A box in a namespace that watches by a configuration file, with short minutes: its sequencer, its watching process and what its
// history says. Which faults it meets is the test's business.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryReader } from '../../../src/history/history-reader.js';
import { openForReading } from '../../../src/history/history.js';
import type { BoxEvent } from '../../../src/model/incident.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import { CHECKOUT, startReady, type TestPath } from '../test-path.js';

const TPS = join(CHECKOUT, 'dist/src/main/tps.js');
const WATCH = join(CHECKOUT, 'dist/test/live/monitors/watch-process.js');
export const MINUTE_MS = 6_000;
/** Long enough for whatever is waited for on a busy machine; nothing is asserted of it. */
const MOST_MINUTES = 40;

export class WatchedBox {
  /** State and sockets. */
  readonly folder = mkdtempSync(join(tmpdir(), 'apparenet-watch-'));
  readonly socketPath = join(this.folder, 'tps.sock');
  readonly #configPath = join(this.folder, 'config.yaml');
  readonly #startedMs = Date.now();
  #stopTps: () => Promise<void> = () => Promise.resolve();
  #watcherPid = 0;

  private constructor(private readonly path: Pick<TestPath, 'start'>) {}

  /** In the namespace `near` of the path. */
  static async start(path: Pick<TestPath, 'start'>, configuration: string): Promise<WatchedBox> {
    const box = new WatchedBox(path);
    writeFileSync(box.#configPath, configuration);
    await box.startSequencer();
    await box.startWatcher();
    return box;
  }

  async startSequencer(): Promise<void> {
    const command = ['node', TPS, '--tps-socket', this.socketPath, '--udp-port', '3237'];
    this.#stopTps = await startReady(this.path, 'near', command, /sequencer/);
  }

  stopSequencer(): Promise<void> {
    return this.#stopTps();
  }

  async startWatcher(): Promise<void> {
    const command = ['node', WATCH, this.folder, this.socketPath, this.#configPath, String(MINUTE_MS)];
    const child = this.path.start('near', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#watcherPid = child.pid ?? 0;
    await once(child.stdout ?? child, 'data');
  }

  /** Without any warning. */
  async killWatcher(): Promise<void> {
    process.kill(this.#watcherPid, 'SIGKILL');
    await sleep(100);
  }

  read(): Promise<HistoryReader> {
    return openForReading(join(this.folder, 'history'));
  }

  async listMinutes(target: string): Promise<readonly PeriodSummary[]> {
    const range = { fromMs: this.#startedMs - MINUTE_MS, toMs: Date.now() };
    return (await (await this.read()).querySummaries({ target, period: 'minute', ...range })).summaries;
  }

  /** The newest first. */
  async listEvents(): Promise<BoxEvent[]> {
    return (await this.read()).listEvents({ limit: 100 });
  }

  async waitFor(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (let waited = 0; waited < 2 * MOST_MINUTES; waited += 1) {
      if (await holds()) return;
      await sleep(MINUTE_MS / 2);
    }
    assert.fail(`${what} did not happen in ${MOST_MINUTES} minutes: ${JSON.stringify(await this.listEvents())}`);
  }

  /** The newest one of the kind, once there is one. */
  async waitForEvent(kind: BoxEvent['kind']): Promise<BoxEvent> {
    let found: BoxEvent | undefined;
    await this.waitFor(`an event ${kind}`, async () => {
      found = (await this.listEvents()).find((event) => event.kind === kind);
      return found !== undefined;
    });
    return found ?? assert.fail(kind);
  }

  /** So many minutes of the target more that were measured almost whole. */
  async waitForMinutes(target: string, more: number): Promise<void> {
    const countWhole = async (): Promise<number> =>
      (await this.listMinutes(target)).filter(({ coverage }) => coverage > 0.9).length;
    const before = await countWhole();
    await this.waitFor(`${more} whole minutes more of ${target}`, async () => (await countWhole()) >= before + more);
  }

  async remove(): Promise<void> {
    await this.killWatcher();
    await this.#stopTps();
    rmSync(this.folder, { recursive: true });
  }
}
