// Packets received and stamped: the highest offered rate at which the far side keeps every frame with its kernel stamp, and
// whether what it loses above that is counted. tcpdump does the same job as peer: every frame with a stamp, into a file.
import { join } from 'node:path';
import type { TestPath } from '../live/test-path.js';
import { DISCARD_PORT, prepareBenchFrame, toHex } from './bench-frame.js';
import { contender, finishTcpdump, onCore, parseLastLine, runToEnd, startCompanion } from './contest.js';
import type { Figure } from './figure.js';
import type { BenchOptions } from './send-rate.js';

const SENDING_CORE = 0;
const OFFERED_KPPS = [50, 100, 200, 300, 400, 500, 600] as const;
const SECONDS = 1;

interface Kept {
  readonly received: number;
  readonly stamped: number;
  readonly dropped: number;
}

export async function benchReceiveRate(path: TestPath, options: BenchOptions): Promise<Figure[]> {
  const hex = toHex(prepareBenchFrame(path));
  const ours: number[] = [];
  const theirs: number[] = [];
  const unaccounted: number[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    let best = 0;
    let missing = 0;
    let bestOfPeer = 0;
    for (const kpps of OFFERED_KPPS) {
      const count = kpps * 1000 * SECONDS;
      const send = onCore(SENDING_CORE, [
        join(options.workDir, 'sendmmsg-loop'),
        path.port,
        hex,
        String(count),
        String(count),
      ]);
      const kept = await receiveOurs(path, send, count);
      missing += Math.abs(count - kept.received - kept.dropped);
      if (kept.stamped === count && best === previousRate(kpps)) best = kpps;
      const keptByPeer = await receiveTcpdump(path, send);
      if (keptByPeer === count && bestOfPeer === previousRate(kpps)) bestOfPeer = kpps;
      options.note(
        `packets received, round ${round + 1}, ${kpps} kpps: ours ${kept.stamped} of ${count}, ${kept.dropped} counted as dropped; tcpdump ${keptByPeer}`,
      );
    }
    ours.push(best);
    theirs.push(bestOfPeer);
    unaccounted.push(missing);
  }
  return [
    {
      what: 'received and stamped without loss, kpps',
      better: 'higher',
      ours,
      peer: { name: 'tcpdump', values: theirs },
    },
    { what: 'packets neither received nor counted as lost', better: 'lower', ours: unaccounted, peer: null },
  ];
}

/** A rate counts only if all below it went without loss too. */
function previousRate(kpps: number): number {
  return OFFERED_KPPS.findLast((rate) => rate < kpps) ?? 0;
}

async function receiveOurs(path: TestPath, send: readonly string[], count: number): Promise<Kept> {
  const receiver = await startCompanion(path, 'far', contender('engine-receive', 'fp', count + 1000), 'ready');
  await runToEnd(path, 'near', send);
  return parseLastLine(await receiver.finish()) as Kept;
}

async function receiveTcpdump(path: TestPath, send: readonly string[]): Promise<number> {
  const command = [
    'tcpdump',
    '-i',
    'fp',
    '-n',
    '-s',
    '64',
    '-B',
    '65536',
    '-w',
    '/dev/null',
    `udp dst port ${DISCARD_PORT}`,
  ];
  const receiver = await startCompanion(path, 'far', command, 'listening on');
  await runToEnd(path, 'near', send);
  const said = await finishTcpdump(receiver);
  return Number(/(\d+) packets captured/.exec(said)?.[1] ?? NaN);
}
