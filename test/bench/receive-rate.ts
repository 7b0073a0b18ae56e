// Packets received and stamped: the highest rate at which the far side keeps every frame with its kernel stamp, and whether
// what it loses above that is counted. tcpdump does the same job as peer: every frame with a stamp, into a file.
import { join } from 'node:path';
import type { TestPath } from '../live/test-path.js';
import { DISCARD_PORT, prepareBenchFrame, toHex } from './bench-frame.js';
import { contender, finishTcpdump, onCore, parseLastLine, runToEnd, startCompanion } from './contest.js';
import type { Figure } from './figure.js';
import type { BenchOptions } from './send-rate.js';

const SENDING_CORE = 0;
/** What the sender is asked for; a slow machine sends less, and what it really sent is what counts. */
const ASKED_KPPS = [50, 100, 200, 300, 400, 500, 600, 800] as const;
const SECONDS = 1;

/** Sends `count` frames and tells at which rate they really left. */
type Send = (count: number) => Promise<{ readonly kpps: number }>;

interface Reception {
  readonly kept: number;
  /** Lost by the receiver and counted; NaN where it does not say. */
  readonly countedLost: number;
  readonly kpps: number;
}

type Receiver = (path: TestPath, send: Send, count: number) => Promise<Reception>;

interface Ladder {
  /** Highest rate that was kept whole, with all rates asked for below it kept whole too; 0 for none. */
  readonly bestKpps: number;
  /** Frames neither kept nor counted as lost, over all rates. */
  readonly unaccounted: number;
}

export async function benchReceiveRate(path: TestPath, options: BenchOptions): Promise<Figure[]> {
  const hex = toHex(prepareBenchFrame(path));
  const loop = join(options.workDir, 'sendmmsg-loop');
  const send: Send = async (count) => {
    const command = [loop, path.port, hex, String(count), String(count / SECONDS)];
    const [sent = NaN, ns = NaN] = (await runToEnd(path, 'near', onCore(SENDING_CORE, command))).split(' ').map(Number);
    return { kpps: (sent * 1e6) / ns };
  };
  const ours: Ladder[] = [];
  const theirs: Ladder[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const note = (line: string): void => options.note(`packets received, round ${round}: ${line}`);
    ours.push(await climb(path, send, receiveOurs, (line) => note(`ours ${line}`)));
    theirs.push(await climb(path, send, receiveTcpdump, (line) => note(`tcpdump ${line}`)));
  }
  return [
    {
      what: 'received and stamped without loss, kpps',
      better: 'higher',
      ours: ours.map((ladder) => ladder.bestKpps),
      peer: { name: 'tcpdump', values: theirs.map((ladder) => ladder.bestKpps) },
    },
    {
      what: 'packets neither received nor counted as lost',
      better: 'lower',
      ours: ours.map((ladder) => ladder.unaccounted),
      peer: null,
    },
  ];
}

async function climb(path: TestPath, send: Send, receive: Receiver, note: (line: string) => void): Promise<Ladder> {
  let bestKpps = 0;
  let unaccounted = 0;
  let whole = true;
  for (const asked of ASKED_KPPS) {
    const count = asked * 1000 * SECONDS;
    const { kept, countedLost, kpps } = await receive(path, send, count);
    note(`kept ${kept} of ${count} sent at ${kpps.toFixed(0)} kpps, ${countedLost} counted as lost`);
    unaccounted += Math.abs(count - kept - countedLost);
    whole &&= kept === count;
    if (whole) bestKpps = Math.max(bestKpps, kpps);
  }
  return { bestKpps, unaccounted };
}

const receiveOurs: Receiver = async (path, send, count) => {
  const receiver = await startCompanion(path, 'far', contender('engine-receive', 'fp', count + 1000), 'ready');
  const { kpps } = await send(count);
  const told = parseLastLine(await receiver.finish()) as Record<'received' | 'stamped' | 'dropped', number>;
  return { kept: told.stamped, countedLost: told.dropped + told.received - told.stamped, kpps };
};

const receiveTcpdump: Receiver = async (path, send, count) => {
  const capture = ['-i', 'fp', '-n', '-s', '64', '-B', '65536', '-w', '/dev/null'];
  const command = ['tcpdump', ...capture, `udp dst port ${DISCARD_PORT}`];
  const receiver = await startCompanion(path, 'far', command, 'listening on');
  const { kpps } = await send(count);
  const said = await finishTcpdump(receiver);
  const read = (what: RegExp): number => Number(what.exec(said)?.[1] ?? NaN);
  return { kept: read(/(\d+) packets captured/), countedLost: read(/(\d+) packets dropped by kernel/), kpps };
};
