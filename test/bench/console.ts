// What a console of many boxes takes, and how late it is: drawn boxes publish to a broker on loopback as fast as it takes their minute,
// a console hears them in a process of its own. Time is pressed: a minute of messages is sent each few seconds.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { computeMedian, computePercentile, sortAscending } from '../../src/analysis/statistics/quantile.js';
import { UsageError } from '../../src/model/errors.js';
import type { BrokerStanding, FleetBoxDetail, FleetEvent } from '../../src/model/fleet.js';
import { APPARENET } from '../live/test-path.js';
import { FleetSender, startBenchBroker, stopChild } from './console/bench-broker.js';
import { measureKept } from './console/measure-kept.js';
import { MINUTE_MS, nameBox, tellMinute, tellStart } from './console/told-fleet.js';
import type { Told } from './console/told-fleet.js';
import { parseCount } from './parse-count.js';
import { readProcessorSec, sumMemory } from './process-usage.js';

/** USER_HZ of every Linux that this runs on. */
const BROKER_PORT = 28_830;
const POLL_MS = 20;
/** What is not there by then is lost. */
const PATIENCE_MS = 60_000;
/** So many histories are looked through for minutes that are missing. */
const LOOKED = 50;
const OPTIONS = ['boxes', 'targets', 'minutes', 'pace-ms', 'connections', 'queue', 'broker'] as const;

const { values } = parseArgs({
  options: Object.fromEntries(OPTIONS.map((name) => [name, { type: 'string' as const }])),
});
const count = (name: (typeof OPTIONS)[number], otherwise: number): number =>
  parseCount(`--${name}`, values[name], otherwise);
const size = { boxes: count('boxes', 1_000), targets: count('targets', 3) };
const minutes = count('minutes', 60);
const paceMs = count('pace-ms', 2_000);
const program = values['broker'] ?? 'mosquitto';
if (!['mosquitto', 'nats-server'].includes(program))
  throw new UsageError('usage.argument', '--broker takes mosquitto or nats-server');
const note = (line: string): void => void process.stderr.write(`${line}\n`);

const folder = mkdtempSync(join(tmpdir(), 'apparenet-console-'));
const broker = await startBenchBroker({ program, port: BROKER_PORT, folder, queue: count('queue', 1_000_000) });
const consoleProcess = startConsole();
const ended = new AbortController();
try {
  const url = await readAddress(consoleProcess);
  const sender = await FleetSender.open(broker.url, count('connections', 4));
  const rows = await run(url, sender);
  ended.abort();
  await sender.close();
  await stopChild(consoleProcess);
  process.stdout.write(`${[...rows, ...(await describeKept())].join('\n')}\n`);
} finally {
  ended.abort();
  await stopChild(consoleProcess);
  await broker.stop();
  rmSync(folder, { recursive: true });
}

function startConsole(): ChildProcess {
  const words = ['console', '--broker', broker.url, '--state-dir', join(folder, 'state'), '--max-mb', '100000'];
  return spawn(process.execPath, [APPARENET, ...words, '--as-port', '0', '--ui-port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

async function readAddress({ stderr }: ChildProcess): Promise<string> {
  let printed = '';
  for await (const chunk of stderr ?? []) {
    printed += String(chunk);
    const url = /^console +(http:\S+)[\s\S]*^broker/m.exec(printed)?.[1];
    if (url !== undefined) {
      stderr?.on('data', (more: Buffer) => note(more.toString().trim()));
      return url;
    }
  }
  throw new UsageError('usage.argument', `the console did not start: ${printed}`);
}

async function ask<T>(url: string, path: string): Promise<T> {
  return (await (await fetch(`${url}${path}`)).json()) as T;
}

async function run(url: string, sender: FleetSender): Promise<string[]> {
  const boxes = Array.from({ length: size.boxes }, (_, i) => i);
  const sentAt = new Map<string, number>();
  const lags: number[] = [];
  void followEvents(url, ({ id }) => {
    const at = sentAt.get(id);
    if (at !== undefined) lags.push(performance.now() - at);
  });
  await waitFor(async () => (await ask<{ broker: BrokerStanding }>(url, '/api/v1/fleet?limit=1')).broker.connected);
  const greetings = boxes.flatMap((index) => tellStart(index, size));
  await sender.send(greetings, () => undefined);
  const firstMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - minutes * MINUTE_MS;
  const [whole, rss]: [number[], number[]] = [[], []];
  const before = [broker.pid, consoleProcess.pid ?? 0].map(readProcessorSec);
  const totals = new Map<string, Total>();
  for (let minute = 0; minute < minutes; minute += 1) {
    const startMs = firstMs + minute * MINUTE_MS;
    const all = boxes.flatMap((index) => tellMinute(index, size, minute, startMs));
    for (const told of all) add(totals, told);
    const begunMs = performance.now();
    await sender.send(all, (told) => noteEvent(told, sentAt));
    const isHeard = await waitFor(() => hasMinute(url, startMs));
    whole.push(isHeard ? performance.now() - begunMs : Infinity);
    rss.push(sumMemory([consoleProcess.pid ?? 0], 'Rss'));
    note(`minute ${minute + 1}: ${whole.at(-1)?.toFixed(0)} ms, ${rss.at(-1)?.toFixed(0)} MiB`);
    await sleep(Math.max(0, paceMs - (performance.now() - begunMs)));
  }
  await waitFor(() => Promise.resolve(lags.length >= sentAt.size));
  const [brokerSec = 0, consoleSec = 0] = [broker.pid, consoleProcess.pid ?? 0].map(
    (pid, i) => (readProcessorSec(pid) - (before[i] ?? 0)) / minutes,
  );
  const sum = sumTotals(totals);
  const heard = (await ask<{ broker: BrokerStanding }>(url, '/api/v1/fleet?limit=1')).broker;
  const answers = await timeAnswers(url, firstMs);
  const missing = await countMissing(url, firstMs);
  return [
    '| what | value |',
    '|---|---|',
    `| boxes, targets each, minutes | ${size.boxes}, ${size.targets}, ${minutes} |`,
    `| messages a minute, kB | ${(sum.messages / minutes).toFixed(0)}, ${(sum.bytes / minutes / 1_000).toFixed(0)} |`,
    `| bytes of a message | ${describeBytes(totals)} |`,
    `| processor of the console, s for a minute | ${consoleSec.toFixed(2)} (${((100 * consoleSec) / 60).toFixed(1)} % of one) |`,
    `| processor of ${program}, s for a minute | ${brokerSec.toFixed(2)} |`,
    `| memory of the console, MiB | ${rss[0]?.toFixed(0)} after a minute, ${Math.max(...rss).toFixed(0)} at most |`,
    `| all of a minute seen after its first was sent, ms | ${tell(whole)} |`,
    `| an event on the page after it was sent, ms | ${tell(lags)} |`,
    `| messages sent, heard, not readable | ${sum.messages + greetings.length}, ${heard.messages}, ${heard.faults} |`,
    `| events sent, seen | ${sentAt.size}, ${lags.length} |`,
    `| minutes missing in ${answers.looked} histories | ${missing} |`,
    `| the list of all boxes, ms | ${answers.listMs.toFixed(0)} |`,
    `| one target's chart, ms | ${answers.chartMs.toFixed(0)} |`,
  ];
}

async function describeKept(): Promise<string[]> {
  const { openSec, compactSec, longestMs } = await measureKept(join(folder, 'state/fleet'));
  return [
    `| processor to read it all again at a start, s | ${openSec.toFixed(1)} |`,
    `| processor to compact it, s; longest share, ms | ${compactSec.toFixed(1)}; ${longestMs.toFixed(0)} |`,
  ];
}

function tell(all: readonly number[]): string {
  const sorted = sortAscending(all);
  return `median ${computePercentile(sorted, 0.5).toFixed(0)}, p95 ${computePercentile(sorted, 0.95).toFixed(0)}, most ${sorted.at(-1)?.toFixed(0)}`;
}

interface Total {
  readonly messages: number;
  readonly bytes: number;
}

function add(totals: Map<string, Total>, { topic, payload }: Told): void {
  const [kind = ''] = topic.split('/');
  const { messages, bytes } = totals.get(kind) ?? { messages: 0, bytes: 0 };
  totals.set(kind, { messages: messages + 1, bytes: bytes + payload.length });
}

function sumTotals(totals: ReadonlyMap<string, Total>): Total {
  const sum = { messages: 0, bytes: 0 };
  for (const { messages, bytes } of totals.values()) {
    sum.messages += messages;
    sum.bytes += bytes;
  }
  return sum;
}

function describeBytes(totals: ReadonlyMap<string, Total>): string {
  return [...totals].map(([kind, { messages, bytes }]) => `${kind} ${(bytes / messages).toFixed(0)}`).join(', ');
}

/** By the id that the console gives it. */
function noteEvent({ box, topic, payload }: Told, sentAt: Map<string, number>): void {
  if (topic === 'event') sentAt.set(`${(JSON.parse(payload) as { id: string }).id}@${box}`, performance.now());
}

/** Whether every tenth box has the minute, and those that spoke last. */
async function hasMinute(url: string, startMs: number): Promise<boolean> {
  const last = Array.from({ length: Math.min(10, size.boxes) }, (_, i) => size.boxes - 1 - i);
  for (const index of last) {
    const { watched } = await ask<FleetBoxDetail>(url, `/api/v1/fleet/boxes/${nameBox(index)}`);
    if (watched.length < size.targets || watched.some(({ atMs }) => atMs !== startMs)) return false;
  }
  return true;
}

async function waitFor(condition: () => Promise<boolean>): Promise<boolean> {
  const untilMs = performance.now() + PATIENCE_MS;
  while (performance.now() < untilMs) {
    if (await condition()) return true;
    await sleep(POLL_MS);
  }
  return false;
}

async function followEvents(url: string, tellOf: (event: FleetEvent) => void): Promise<void> {
  const { body } = await fetch(`${url}/api/v1/fleet/events`, { signal: ended.signal });
  let text = '';
  try {
    for await (const chunk of body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) tellOf(JSON.parse(data) as FleetEvent);
      }
    }
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  }
}

async function readPoints(url: string, index: number, firstMs: number): Promise<number> {
  const range = `from=${firstMs}&to=${firstMs + minutes * MINUTE_MS}&points=${minutes}`;
  const path = `/api/v1/fleet/boxes/${nameBox(index)}/targets/target-0/history?${range}`;
  return (await ask<{ points: unknown[] }>(url, path)).points.length;
}

async function countMissing(url: string, firstMs: number): Promise<number> {
  let missing = 0;
  for (let i = 0; i < LOOKED; i += 1)
    missing += minutes - (await readPoints(url, Math.floor((i * size.boxes) / LOOKED), firstMs));
  return missing;
}

async function timeAnswers(url: string, firstMs: number) {
  const time = async (work: () => Promise<unknown>): Promise<number> => {
    const all: number[] = [];
    for (let i = 0; i < 11; i += 1) {
      const begunMs = performance.now();
      await work();
      all.push(performance.now() - begunMs);
    }
    return computeMedian(all);
  };
  return {
    looked: LOOKED,
    listMs: await time(() => ask(url, '/api/v1/fleet?limit=2000')),
    chartMs: await time(() => readPoints(url, Math.floor(size.boxes / 2), firstMs)),
  };
}
