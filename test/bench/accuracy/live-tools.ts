// The tools that people use and ours, each asked for one figure of the same live path: its value, the bytes it sent, the seconds.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DeviceError } from '../../../src/model/errors.js';
import { APPARENET } from '../../live/test-path.js';
import type { SharedLink } from '../../live/shared-link.js';
import type { Report } from '../../../src/model/report.js';
import { READINGS } from './readings.js';
import type { BenchQuantity } from './readings.js';

const run = promisify(execFile);
const LARGEST_OUTPUT = 64e6;

export interface LiveReading {
  /** In the unit of the quantity; NaN where the tool gave none. */
  readonly value: number;
  /** null for a tool that gives no interval. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** What kept it from being good, in its own words. */
  readonly isPoor: boolean;
  readonly bytes: number;
  readonly seconds: number;
}

/** One pass over all tools on one path. */
export interface LiveRound {
  readonly rateBitsPerSec: number;
  /** Ends the running tool. */
  readonly signal: AbortSignal;
  /** Words in front of each command: where it may run. */
  readonly before: readonly string[];
}

export interface LiveTool {
  readonly name: string;
  readonly measure: (path: SharedLink, round: LiveRound) => Promise<LiveReading>;
}

/** IP packet and Ethernet header of a full TCP segment with time stamps, against what iperf3 counts of it. */
const FRAME_PER_GOODPUT = 1514 / 1448;
const IP_PER_GOODPUT = 1500 / 1448;
export const IPERF_PORT = 5201;

export function createOwnTool(quantity: BenchQuantity): LiveTool {
  return {
    name: 'apparenet',
    async measure(path, round) {
      const report = await measureReport(path, [quantity], round);
      const estimate = READINGS[quantity].readEstimate(report);
      const { bytes } = report.cost;
      const seconds = report.durationMs / 1e3;
      if (estimate === null) return { value: NaN, interval: null, isPoor: true, bytes, seconds };
      return { value: estimate.value, interval: estimate, isPoor: estimate.quality === 'poor', bytes, seconds };
    },
  };
}

/** `measure` ends with the verdict as its status; a report is on stdout all the same. @throws DeviceError where none is. */
async function measureReport(path: SharedLink, words: readonly string[], round: LiveRound): Promise<Report> {
  const command = [process.execPath, APPARENET, 'measure', path.farAddress, ...words, '--json'];
  const said = await runIn(path, command, round).catch((error: unknown) => {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    if (stdout === '') throw new DeviceError('device.io', `measure ${words.join(' ')}: ${stderr.trim()}`);
    return stdout;
  });
  return JSON.parse(said) as Report;
}

interface TcpRun {
  readonly goodputBitsPerSec: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** The same run answers for every quantity of a round: people run them once, too. */
const tcpRuns = new WeakMap<LiveRound, Promise<TcpRun>>();

/**
 * Ten seconds of TCP, as most people test a line, on a slow one; five where they tell the same (measured: within 0.1 %). Counted as
 * frames for a capacity, as IP packets for the maximum.
 */
export function createIperf(quantity: 'capacity' | 'available' | 'maximum'): LiveTool {
  return {
    name: 'iperf3 TCP',
    async measure(path, round) {
      const known = tcpRuns.get(round) ?? runTcp(path, round);
      tcpRuns.set(round, known);
      const { goodputBitsPerSec, bytes, seconds } = await known;
      const scale = quantity === 'maximum' ? IP_PER_GOODPUT : FRAME_PER_GOODPUT;
      return { value: goodputBitsPerSec * scale, interval: null, isPoor: false, bytes, seconds };
    },
  };
}

const SLOW_BELOW = 5e6;

async function runTcp(path: SharedLink, round: LiveRound): Promise<TcpRun> {
  const seconds = round.rateBitsPerSec < SLOW_BELOW ? '10' : '5';
  const words = ['iperf3', '-c', path.farAddress, '-p', String(IPERF_PORT), '-t', seconds, '-J'];
  const said = await runIn(path, words, round);
  const { end } = JSON.parse(said) as {
    end: { sum_received: { bits_per_second: number; seconds: number }; sum_sent: { bytes: number } };
  };
  return {
    goodputBitsPerSec: end.sum_received.bits_per_second,
    bytes: end.sum_sent.bytes * FRAME_PER_GOODPUT,
    seconds: end.sum_received.seconds,
  };
}

const PING_COUNT = 200;
const PING_BYTES = 64 + 34;

/** ns, median round trip; 200 echoes 10 ms apart. */
export const PING: LiveTool = {
  name: 'ping',
  async measure(path, round) {
    const said = await runIn(path, ['ping', '-n', '-i', '0.01', '-c', String(PING_COUNT), path.farAddress], round);
    const times = [...said.matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1]) * 1e6);
    const middle = times.sort((a, b) => a - b)[times.length >> 1] ?? NaN;
    const bytes = PING_COUNT * PING_BYTES;
    return { value: middle, interval: null, isPoor: false, bytes, seconds: (PING_COUNT * 10) / 1e3 };
  },
};

const IRTT_PORT = 2112;
export const IRTT_SERVER = ['irtt', 'server', '-b', `:${IRTT_PORT}`, '-i', '0'];

/** ns, median round trip without the server's own time; 200 packets 10 ms apart. */
export const IRTT: LiveTool = {
  name: 'irtt',
  async measure(path, round) {
    const target = `${path.farAddress}:${IRTT_PORT}`;
    const words = ['irtt', 'client', '-i', '10ms', '-d', '2s', '-l', '92', '-Q', '-o', '-', target];
    const said = await runIn(path, words, round);
    const { stats } = JSON.parse(said) as { stats: { rtt: { median: number }; bytes_sent: number } };
    return { value: stats.rtt.median, interval: null, isPoor: false, bytes: stats.bytes_sent, seconds: 2 };
  },
};

/** ns, median round trip; `measure jitter` sends the same packets as `measure delay`, and no large ones. */
export const OWN_DELAY: LiveTool = {
  name: 'apparenet',
  async measure(path, round) {
    const report = await measureReport(path, ['jitter'], round);
    const value = report.estimates.rtt?.p50Ns ?? NaN;
    const seconds = report.durationMs / 1e3;
    return { value, interval: null, isPoor: false, bytes: report.cost.bytes, seconds };
  },
};

async function runIn(path: SharedLink, command: readonly string[], { before, signal }: LiveRound): Promise<string> {
  const words = ['netns', 'exec', path.namespaces.near, ...before, ...command];
  return (await run('ip', words, { maxBuffer: LARGEST_OUTPUT, signal })).stdout;
}
