// What watching many targets costs, all three parts counted: processor, memory, bytes on the wire; beside as many irtt and ping
// processes that send at the same pace. Between two namespaces, so that a sender's time holds what the far end does with its packet.
import { execFileSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CHECKOUT, createTestPath, startReady, type TestPath } from '../live/test-path.js';
import { parseCount } from './parse-count.js';
import { readPartEnvironment } from './part-environment.js';
import { sumMemory } from './process-memory.js';

const INTERVAL_MS = 500;
/** Paths are open and the first whole minute has begun. */
const WARM_UP_SEC = 75;
/** USER_HZ of every Linux that this runs on. */
const TICKS_PER_SEC = 100;
/** All addresses are within 10.66.0.0/24. */
const MOST_TARGETS = 200;

interface Usage {
  readonly who: string;
  readonly processorPercent: number;
  /** Of frames in both directions, per target. */
  readonly kbitPerSec: number;
  readonly residentMb: number;
  /** What is shared with others counted by its share. */
  readonly proportionalMb: number;
}

interface Reading {
  readonly ticks: number;
  readonly bytes: number;
  readonly atMs: number;
}

const { values } = parseArgs({ options: { targets: { type: 'string' }, seconds: { type: 'string' } } });
const targets = Math.min(MOST_TARGETS, parseCount('--targets', values.targets, 20));
const seconds = parseCount('--seconds', values.seconds, 120);
const note = (line: string): void => void process.stderr.write(`${line}\n`);

const path = createTestPath();
const folder = mkdtempSync(join(tmpdir(), 'apparenet-monitoring-'));
const addresses = Array.from({ length: targets }, (_, i) => `10.66.0.${i + 10}`);
try {
  for (const address of addresses) path.exec('far', 'ip', 'address', 'add', `${address}/24`, 'dev', 'fp');
  const usages = [await measureOurs(), await measurePeers('irtt'), await measurePeers('ping')];
  process.stdout.write(`${renderUsages(usages)}\n`);
} finally {
  path.remove();
  rmSync(folder, { recursive: true });
}

async function measureOurs(): Promise<Usage> {
  const part = (name: string, ...words: string[]): string[] => [
    'node',
    `${CHECKOUT}dist/src/main/${name}.js`,
    ...words,
  ];
  const config = join(folder, 'config.yaml');
  const lines = addresses.map((address, i) => `  - { name: t${i}, address: ${address}, intervalMs: ${INTERVAL_MS} }\n`);
  writeFileSync(config, `targets:\n${lines.join('')}`);
  const stopFar = await startReady(path, 'far', part('tps', '--tps-socket', join(folder, 'far.sock')), /sequencer/);
  const started: ChildProcess[] = [];
  const start: TestPath['start'] = (where, command, options) => {
    const child = path.start(where, command, { ...options, env: readPartEnvironment() });
    started.push(child);
    return child;
  };
  const stops: (() => Promise<void>)[] = [];
  try {
    for (const [command, ready] of [
      [part('tps', '--state-dir', folder, '--udp-port', '3237'), /sequencer/],
      [part('as', '--state-dir', folder, '--config', config), /analysis server/],
      [part('ui'), /page/],
    ] as const) {
      stops.unshift(await startReady({ start }, 'near', command, ready));
    }
    return await measure('appareNet, three parts', started);
  } finally {
    for (const stop of [...stops, stopFar]) await stop();
  }
}

async function measurePeers(name: 'irtt' | 'ping'): Promise<Usage> {
  const durationSec = WARM_UP_SEC + seconds + 10;
  const commands = {
    irtt: (address: string) => ['irtt', 'client', '-Q', '-i', `${INTERVAL_MS}ms`, '-d', `${durationSec}s`, address],
    ping: (address: string) => ['ping', '-q', '-i', String(INTERVAL_MS / 1000), '-w', String(durationSec), address],
  };
  const server =
    name === 'irtt' ? path.start('far', ['irtt', 'server', '-d', '0', '--set-src-ip'], { stdio: 'ignore' }) : null;
  await setTimeout(1_000);
  const clients = addresses.map((address) => path.start('near', commands[name](address), { stdio: 'ignore' }));
  try {
    return await measure(`${targets} × ${name}`, clients);
  } finally {
    for (const process of [...clients, ...(server === null ? [] : [server])]) process.kill('SIGKILL');
  }
}

async function measure(who: string, processes: readonly ChildProcess[]): Promise<Usage> {
  const pids = processes.map(({ pid }) => pid ?? 0);
  note(`${who}: ${WARM_UP_SEC} s to warm up, ${seconds} s measured`);
  await setTimeout(WARM_UP_SEC * 1_000);
  const from = readNow(pids);
  await setTimeout(seconds * 1_000);
  const to = readNow(pids);
  const elapsedSec = (to.atMs - from.atMs) / 1_000;
  const usage = {
    who,
    processorPercent: (100 * (to.ticks - from.ticks)) / TICKS_PER_SEC / elapsedSec,
    kbitPerSec: ((to.bytes - from.bytes) * 8) / 1_000 / elapsedSec / targets,
    residentMb: sumMemory(pids, 'Rss'),
    proportionalMb: sumMemory(pids, 'Pss'),
  };
  note(JSON.stringify(usage));
  return usage;
}

function readNow(pids: readonly number[]): Reading {
  const counters = ['rx_bytes', 'tx_bytes'].map((name) =>
    Number(path.exec('near', 'cat', `/sys/class/net/${path.port}/statistics/${name}`)),
  );
  const ticks = pids.reduce((sum, pid) => sum + readTicks(pid), 0);
  return { ticks, bytes: counters.reduce((sum, bytes) => sum + bytes, 0), atMs: performance.now() };
}

/** proc(5): utime and stime, the 14th and 15th field; the second, in brackets, may hold blanks. */
function readTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

function renderUsages(usages: readonly Usage[]): string {
  const rows = usages.map(
    ({ who, processorPercent, kbitPerSec, residentMb, proportionalMb }) =>
      `| ${who} | ${processorPercent.toFixed(2)} | ${kbitPerSec.toFixed(2)} | ${residentMb.toFixed(0)} | ${proportionalMb.toFixed(0)} |`,
  );
  const cores = execFileSync('nproc', { encoding: 'utf8' }).trim();
  return [
    `${targets} targets, one packet each ${INTERVAL_MS} ms, ${seconds} s, ${cores} cores`,
    '',
    '| who | % of one core | kbit/s per target | RSS, MiB | PSS, MiB |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
