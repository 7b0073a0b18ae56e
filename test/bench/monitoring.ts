// What watching many targets costs, all three parts counted, in three processes and in one: processor, memory, bytes on the wire; beside as many irtt and ping
// processes that send at the same pace. Between two namespaces, so that a sender's time holds what the far end does with its packet.
// With --minutes: the parts alone, and how what they hold and take goes on.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createTestPath } from '../live/test-path.js';
import { parseCount } from './parse-count.js';
import {
  addAddresses,
  computeProcessor,
  INTERVAL_MS,
  MOST_TARGETS,
  readProcesses,
  startWatchedParts,
  type Arrangement,
} from './watched-parts.js';

/** Paths are open and the first whole minute has begun. */
const WARM_UP_SEC = 75;
/** Rows of a long watch. */
const STEPS = 12;

interface Usage {
  readonly who: string;
  readonly processorPercent: number;
  /** Of frames in both directions, per target. */
  readonly kbitPerSec: number;
  readonly residentMb: number;
  readonly proportionalMb: number;
}

const { values } = parseArgs({
  options: { targets: { type: 'string' }, seconds: { type: 'string' }, minutes: { type: 'string' } },
});
const targets = Math.min(MOST_TARGETS, parseCount('--targets', values.targets, 20));
const seconds = parseCount('--seconds', values.seconds, 120);
const minutes = parseCount('--minutes', values.minutes, 0);
const note = (line: string): void => void process.stderr.write(`${line}\n`);

const path = createTestPath();
const folder = mkdtempSync(join(tmpdir(), 'apparenet-monitoring-'));
try {
  const addresses = addAddresses(path, targets);
  if (minutes > 0) process.stdout.write(`${await watchLong(addresses)}\n`);
  else {
    const usages = [
      await measureOurs('appareNet, three processes', addresses, 'apart'),
      await measureOurs('appareNet, one process', addresses, 'together'),
      await measurePeers('irtt', addresses),
      await measurePeers('ping', addresses),
    ];
    process.stdout.write(`${renderUsages(usages)}\n`);
  }
} finally {
  path.remove();
  rmSync(folder, { recursive: true });
}

async function measureOurs(who: string, addresses: readonly string[], arrangement: Arrangement): Promise<Usage> {
  const own = mkdtempSync(join(folder, `${arrangement}-`));
  const parts = await startWatchedParts(path, own, addresses, arrangement);
  try {
    return await measure(who, parts.pids);
  } finally {
    await parts.stop();
  }
}

async function measurePeers(name: 'irtt' | 'ping', addresses: readonly string[]): Promise<Usage> {
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
    return await measure(
      `${targets} × ${name}`,
      clients.map(({ pid }) => pid ?? 0),
    );
  } finally {
    for (const process of [...clients, ...(server === null ? [] : [server])]) process.kill('SIGKILL');
  }
}

async function measure(who: string, pids: readonly number[]): Promise<Usage> {
  note(`${who}: ${WARM_UP_SEC} s to warm up, ${seconds} s measured`);
  await setTimeout(WARM_UP_SEC * 1_000);
  const [fromBytes, from] = [readBytes(), readProcesses(pids)];
  await setTimeout(seconds * 1_000);
  const [toBytes, to] = [readBytes(), readProcesses(pids)];
  const usage = {
    who,
    processorPercent: computeProcessor(from, to),
    kbitPerSec: ((toBytes - fromBytes) * 8) / (to.atMs - from.atMs) / targets,
    residentMb: to.residentMb,
    proportionalMb: to.proportionalMb,
  };
  note(JSON.stringify(usage));
  return usage;
}

function readBytes(): number {
  const counters = ['rx_bytes', 'tx_bytes'].map((name) =>
    Number(path.exec('near', 'cat', `/sys/class/net/${path.port}/statistics/${name}`)),
  );
  return counters.reduce((sum, bytes) => sum + bytes, 0);
}

/** The processor of each row is that of the time since the row before. */
async function watchLong(addresses: readonly string[]): Promise<string> {
  const parts = await startWatchedParts(path, folder, addresses);
  const { pids } = parts;
  const lines = [
    describeSetting(`${minutes} min`),
    '',
    '| after, min | % of one core | RSS, MiB: sequencer | analysis server | page | all, PSS |',
    '|---|---|---|---|---|---|',
  ];
  try {
    let before = readProcesses(pids);
    const begunMs = before.atMs;
    for (let step = 1; step <= STEPS; step += 1) {
      const afterMin = (minutes * step) / STEPS;
      await setTimeout(begunMs + afterMin * 60_000 - performance.now());
      const now = readProcesses(pids);
      const each = pids.map((pid) => readProcesses([pid]).residentMb.toFixed(0));
      const cells = [
        afterMin.toFixed(0),
        computeProcessor(before, now).toFixed(2),
        ...each,
        now.proportionalMb.toFixed(0),
      ];
      lines.push(`| ${cells.join(' | ')} |`);
      note(lines.at(-1) ?? '');
      before = now;
    }
    return lines.join('\n');
  } finally {
    await parts.stop();
  }
}

function describeSetting(duration: string): string {
  const cores = execFileSync('nproc', { encoding: 'utf8' }).trim();
  return `${targets} targets, one packet each ${INTERVAL_MS} ms, ${duration}, ${cores} cores`;
}

function renderUsages(usages: readonly Usage[]): string {
  const rows = usages.map(
    ({ who, processorPercent, kbitPerSec, residentMb, proportionalMb }) =>
      `| ${who} | ${processorPercent.toFixed(2)} | ${kbitPerSec.toFixed(2)} | ${residentMb.toFixed(0)} | ${proportionalMb.toFixed(0)} |`,
  );
  return [
    describeSetting(`${seconds} s`),
    '',
    '| who | % of one core | kbit/s per target | RSS, MiB | PSS, MiB |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
