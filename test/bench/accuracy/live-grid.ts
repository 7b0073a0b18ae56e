// The live part of the accuracy bench: shaped links between namespaces with real traffic of a neighbour, ours and the peers one
// after the other in the same minute, round after round.
import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSharedLink } from '../../live/shared-link.js';
import type { SharedLink } from '../../live/shared-link.js';
import { APPARENET } from '../../live/test-path.js';
import { createIperf, createOwnTool, IPERF_PORT, IRTT, IRTT_SERVER, OWN_DELAY, PING } from './live-tools.js';
import type { LiveReading, LiveTool } from './live-tools.js';

export interface LiveCell {
  readonly rateBitsPerSec: number;
  /** Share of the rate that the neighbour's UDP takes. */
  readonly crossShare: number;
}

export interface LiveOutcome {
  readonly cell: LiveCell;
  readonly quantity: LiveQuantity;
  readonly tool: string;
  readonly readings: readonly LiveReading[];
  /** NaN where nothing independent tells it. */
  readonly truth: number;
}

export type LiveQuantity = 'capacity' | 'available' | 'maximum' | 'round trip';

const RATES = [2e6, 10e6, 100e6, 500e6];
const SHARES = [0, 0.3, 0.6];
/** 1,458 bytes of payload make an IP packet of 1,486 and a frame of 1,500. */
const CROSS_PAYLOAD_BYTES = 1_458;
const CROSS_FRAME_BYTES = 1_500;
const CROSS_PORT = 5202;
const SETTLE_MS = 1_000;
const PACKET_BYTES = 1_500;
const FRAME_BYTES = 1_514;

const TOOLS: Readonly<Record<LiveQuantity, readonly LiveTool[]>> = {
  capacity: [createOwnTool('capacity'), createIperf('capacity')],
  available: [createOwnTool('available'), createIperf('available')],
  maximum: [createOwnTool('maximum'), createIperf('maximum')],
  'round trip': [OWN_DELAY, IRTT, PING],
};
export const LIVE_QUANTITIES = Object.keys(TOOLS) as readonly LiveQuantity[];

export interface LiveOptions {
  readonly rounds: number;
  readonly quantities: readonly LiveQuantity[];
  readonly note: (line: string) => void;
  /** Ends the running tool at once; what was measured until then is the outcome. */
  readonly signal: AbortSignal;
}

/** Round after round over all cells, so that one that is stopped early has seen all of them, and a bad minute hits one round only. */
export async function runLiveGrid(options: LiveOptions): Promise<LiveOutcome[]> {
  const { rounds, quantities, note, signal } = options;
  const path = createSharedLink();
  path.shape('handle', '1:', 'htb', 'default', '1');
  const servers = [
    [process.execPath, APPARENET, 'reflect'],
    ['iperf3', '-s', '-p', String(IPERF_PORT)],
    ['iperf3', '-s', '-p', String(CROSS_PORT)],
    IRTT_SERVER,
  ];
  const children = servers.map((words) => path.start('far', words, { stdio: 'ignore' }));
  const end = (): void => {
    for (const child of children) child.kill('SIGKILL');
    path.remove();
  };
  process.once('exit', end);
  await sleep(SETTLE_MS);
  const cells = RATES.flatMap((rateBitsPerSec) =>
    SHARES.map((crossShare): LiveCell => ({ rateBitsPerSec, crossShare })),
  );
  const tables = cells.map((cell) => ({ cell, readings: new Map<string, LiveReading[]>() }));
  const startedMs = performance.now();
  for (let turn = 0; turn < rounds * tables.length && !signal.aborted; turn += 1) {
    const table = tables[turn % tables.length];
    if (table === undefined) break;
    note(
      `round ${Math.floor(turn / tables.length) + 1}, ${describeCell(table.cell)}${describeRest(turn, rounds * tables.length, startedMs)}`,
    );
    // Where nothing tells the truth, one round shows what each tool got.
    const isFirst = turn < tables.length;
    const asked = quantities.filter(
      (quantity) => isFirst || quantity === 'round trip' || !Number.isNaN(computeTruth(quantity, table.cell)),
    );
    await runCell({ path, servers: children }, table, { ...options, quantities: asked });
  }
  process.off('exit', end);
  end();
  return tables.flatMap(({ cell, readings }) =>
    quantities.flatMap((quantity) =>
      TOOLS[quantity].map(({ name: tool }) => ({
        cell,
        quantity,
        tool,
        readings: readings.get(`${quantity}/${tool}`) ?? [],
        truth: computeTruth(quantity, cell),
      })),
    ),
  );
}

function describeCell({ rateBitsPerSec, crossShare }: LiveCell): string {
  return `${rateBitsPerSec / 1e6} Mb/s, ${crossShare * 100} % cross traffic`;
}

/** From the turns so far. */
function describeRest(turn: number, turns: number, startedMs: number): string {
  if (turn === 0) return '';
  const minutes = ((performance.now() - startedMs) / turn / 60_000) * (turns - turn);
  return ` (${turn} of ${turns} done, about ${minutes.toFixed(0)} min left)`;
}

/** A tool that failed once costs its figure, not the table. */
const NO_READING: LiveReading = { value: NaN, interval: null, isPoor: true, bytes: NaN, seconds: NaN };

interface CellTable {
  readonly cell: LiveCell;
  /** By `quantity/tool`. */
  readonly readings: Map<string, LiveReading[]>;
}

/** A neighbour that sends needs a processor, too: on fewer, the one of the router's is his. */
const LEAST_PROCESSORS_BESIDE = 3;

/** One round of all tools; ends early when the signal aborts. */
async function runCell(
  { path, servers }: { readonly path: SharedLink; readonly servers: readonly ChildProcess[] },
  { cell, readings }: CellTable,
  options: LiveOptions,
): Promise<void> {
  const { quantities, note, signal } = options;
  shapeCell(path, cell.rateBitsPerSec);
  const isApart = cell.crossShare === 0 || availableParallelism() >= LEAST_PROCESSORS_BESIDE;
  const before = path.forwardApart(isApart, servers);
  const stopCross = await startCross(path, cell);
  const round = { rateBitsPerSec: cell.rateBitsPerSec, signal, before };
  for (const quantity of quantities) {
    for (const tool of TOOLS[quantity]) {
      const startedMs = performance.now();
      const reading = await tool.measure(path, round).catch((error: unknown) => {
        if (!signal.aborted) note(`${quantity} by ${tool.name}: ${String(error)}`);
        return NO_READING;
      });
      if (signal.aborted) break;
      note(`  ${quantity} by ${tool.name}: ${((performance.now() - startedMs) / 1e3).toFixed(1)} s`);
      const key = `${quantity}/${tool.name}`;
      readings.set(key, [...(readings.get(key) ?? []), reading]);
    }
    if (signal.aborted) break;
  }
  await stopCross();
}

/** A load that fills a queue shares it with a neighbour who does not yield, by how much each offers: no maximum is then the right one. */
function computeTruth(quantity: LiveQuantity, { rateBitsPerSec, crossShare }: LiveCell): number {
  if (quantity === 'capacity') return rateBitsPerSec;
  if (quantity === 'available') return rateBitsPerSec * (1 - crossShare);
  return quantity === 'maximum' && crossShare === 0 ? (rateBitsPerSec * PACKET_BYTES) / FRAME_BYTES : NaN;
}

/** htb with a bucket of two frames or a tenth of a millisecond, and a queue of 100 ms. */
function shapeCell(path: SharedLink, rateBitsPerSec: number): void {
  const burstBytes = Math.max(2 * FRAME_BYTES, Math.round(rateBitsPerSec / 8 / 10_000));
  const queuePackets = Math.max(50, Math.round((rateBitsPerSec * 0.1) / 8 / FRAME_BYTES));
  path.exec(
    'router',
    'tc',
    'class',
    'replace',
    'dev',
    'to-far',
    'parent',
    '1:',
    'classid',
    '1:1',
    'htb',
    'rate',
    `${rateBitsPerSec}bit`,
    'burst',
    `${burstBytes}`,
    'cburst',
    `${burstBytes}`,
    'quantum',
    '1514',
  );
  path.exec(
    'router',
    'tc',
    'qdisc',
    'replace',
    'dev',
    'to-far',
    'parent',
    '1:1',
    'handle',
    '10:',
    'pfifo',
    'limit',
    String(queuePackets),
  );
}

async function startCross(path: SharedLink, { rateBitsPerSec, crossShare }: LiveCell): Promise<() => Promise<void>> {
  if (crossShare === 0) return () => Promise.resolve();
  const payloadRate = Math.round((rateBitsPerSec * crossShare * CROSS_PAYLOAD_BYTES) / CROSS_FRAME_BYTES);
  const child = path.start(
    'side',
    [
      'iperf3',
      '-c',
      path.farAddress,
      '-p',
      String(CROSS_PORT),
      '-u',
      '-b',
      String(payloadRate),
      '-l',
      String(CROSS_PAYLOAD_BYTES),
      '-t',
      '3600',
      '--pacing-timer',
      '100',
    ],
    { stdio: 'ignore' },
  );
  const kill = (): unknown => child.kill('SIGKILL');
  process.once('exit', kill);
  await sleep(SETTLE_MS);
  return async () => {
    process.off('exit', kill);
    // Ctrl-C reaches it, too.
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    const ended = hasEnded ? Promise.resolve() : new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    // The server notices the end of a client a moment later; until then it refuses the next.
    await sleep(SETTLE_MS);
  };
}
