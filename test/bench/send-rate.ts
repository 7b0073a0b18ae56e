// Packets sent: how many 60-byte frames a second each contender gets to the far port from one core.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvariantError } from '../../src/model/errors.js';
import type { TestPath } from '../live/test-path.js';
import { DISCARD_PORT, NOBODY, prepareBenchFrame, toHex } from './bench-frame.js';
import { contender, onCore, parseLastLine, runToEnd, startCompanion } from './contest.js';
import type { Figure } from './figure.js';

const SENDING_CORE = 0;
const WATCHING_CORE = 1;
const RAW_COUNT = 1_500_000;
/** Of Node's dgram, which takes about four times as long a packet. */
const DGRAM_COUNT = 400_000;
const UDP_PAYLOAD_BYTES = 18;

export interface BenchOptions {
  readonly rounds: number;
  /** Folder with the compiled C loop; scratch files go there too. */
  readonly workDir: string;
  readonly note: (line: string) => void;
}

export async function benchSendRate(path: TestPath, { rounds, workDir, note }: BenchOptions): Promise<Figure[]> {
  const hex = toHex(prepareBenchFrame(path));
  const trafgenFile = join(workDir, 'frame.trafgen');
  writeFileSync(trafgenFile, `{ ${(hex.match(/../g) ?? []).map((octet) => `0x${octet}`).join(', ')} }\n`);
  const contenders: Record<string, readonly string[]> = {
    ours: contender('engine-schedule', path.port, hex, RAW_COUNT, 0),
    'C sendmmsg loop': [join(workDir, 'sendmmsg-loop'), path.port, hex, String(RAW_COUNT), '0'],
    trafgen: ['trafgen', '--dev', path.port, '--conf', trafgenFile, '--num', String(RAW_COUNT), '--cpus', '1'],
    'Node dgram': contender('dgram-send', NOBODY, DISCARD_PORT, UDP_PAYLOAD_BYTES, DGRAM_COUNT),
  };
  const kpps = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, command] of Object.entries(contenders)) {
      const rate = await measureSendRate(path, command);
      kpps.get(name)?.push(rate / 1000);
      note(`packets sent, round ${round + 1}: ${name} ${(rate / 1000).toFixed(0)} kpps`);
    }
  }
  const { ours = [], ...peers } = Object.fromEntries(kpps);
  return Object.entries(peers).map(([name, values]) => ({
    what: 'packets sent, 60 B, one core, kpps',
    better: 'higher',
    ours,
    peer: { name, values },
  }));
}

async function measureSendRate(path: TestPath, command: readonly string[]): Promise<number> {
  const watch = onCore(WATCHING_CORE, contender('count-arrivals', 'fp'));
  const watcher = await startCompanion(path, 'far', watch, 'ready');
  await runToEnd(path, 'near', onCore(SENDING_CORE, command));
  return computeSteadyRate(parseLastLine(await watcher.finish()) as readonly (readonly [number, number])[]);
}

/** Packets a second between a tenth and nine tenths of all: without start-up, wind-down and the contender's own bookkeeping. */
export function computeSteadyRate(samples: readonly (readonly [ns: number, packets: number])[]): number {
  const first = samples[0]?.[1] ?? 0;
  const all = (samples.at(-1)?.[1] ?? 0) - first;
  const begin = samples.find(([, packets]) => packets - first >= all * 0.1);
  const end = samples.findLast(([, packets]) => packets - first <= all * 0.9);
  if (!begin || !end || end[0] <= begin[0]) throw new InvariantError('too few samples to tell a rate from');
  return ((end[1] - begin[1]) * 1e9) / (end[0] - begin[0]);
}
