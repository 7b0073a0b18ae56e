// Pacing: how well a contender keeps a fixed interval, seen by a witness at the far port, and how many packets it leaves out.
import { join } from 'node:path';
import { computePercentile, sortAscending } from '../../src/analysis/statistics/quantile.js';
import type { TestPath } from '../live/test-path.js';
import { DISCARD_PORT, prepareBenchFrame, toHex } from './bench-frame.js';
import { contender, parseLastLine, runToEnd, startCompanion } from './contest.js';
import type { Figure } from './figure.js';
import type { BenchOptions } from './send-rate.js';
import { startWitness } from './wire-witness.js';

const SECONDS = 5;
export const IRTT_PORT = 2112;

interface Pace {
  /** 99th percentile of |gap between two packets at the far port − interval|, us. */
  readonly gapErrorUs: number;
  readonly missedPercent: number;
  /** The contender's own word on how late it sent: 99th percentile for ours, the mean for irtt, which gives no other; us. */
  readonly ownErrorUs: number;
}

interface PacerSetup {
  readonly udpPort: number;
  /** What it sends to that port beside the paced packets. */
  readonly extraPackets: number;
  /** Gives its own word on how late it sent, ns. */
  readonly pace: (path: TestPath, intervalNs: number, count: number) => Promise<number>;
}

export async function benchPacing(path: TestPath, options: BenchOptions): Promise<Figure[]> {
  const hex = toHex(prepareBenchFrame(path));
  const pacers: Record<string, PacerSetup> = {
    ours: {
      udpPort: DISCARD_PORT,
      extraPackets: 0,
      pace: (where, intervalNs, count) => paceOurs(where, hex, intervalNs, count),
    },
    irtt: irttSetup('comp'),
    'irtt, busy timer': irttSetup('busy'),
  };
  const figures: Figure[] = [];
  for (const kpps of [1, 10]) {
    const paces = new Map<string, Pace[]>();
    for (let round = 0; round < options.rounds; round += 1) {
      for (const [name, setup] of Object.entries(pacers)) {
        const pace = await measurePace(path, setup, { kpps, file: join(options.workDir, 'pace.pcap') });
        paces.set(name, [...(paces.get(name) ?? []), pace]);
        options.note(
          `pacing at ${kpps} kpps, round ${round + 1}: ${name} gap error p99 ${pace.gapErrorUs.toFixed(1)} us, missed ${pace.missedPercent.toFixed(2)} %`,
        );
      }
    }
    figures.push(...comparePaces(kpps, paces));
  }
  return figures;
}

function comparePaces(kpps: number, paces: ReadonlyMap<string, readonly Pace[]>): Figure[] {
  const rows: readonly (readonly [keyof Pace, string])[] = [
    ['ownErrorUs', 'send error told by the sender (ours p99, irtt mean), us'],
    ['gapErrorUs', 'gap error p99 at the far port, us'],
    ['missedPercent', 'missed sends, %'],
  ];
  const ours = paces.get('ours') ?? [];
  return rows.flatMap(([key, what]) =>
    [...paces]
      .filter(([name]) => name !== 'ours')
      .map(([name, theirs]) => ({
        what: `${kpps} kpps: ${what}`,
        better: 'lower',
        ours: ours.map((pace) => pace[key]),
        peer: { name, values: theirs.map((pace) => pace[key]) },
      })),
  );
}

interface PaceRun {
  readonly kpps: number;
  /** Scratch. */
  readonly file: string;
}

async function measurePace(path: TestPath, setup: PacerSetup, { kpps, file }: PaceRun): Promise<Pace> {
  const intervalNs = 1e6 / kpps;
  const count = (SECONDS * 1e9) / intervalNs;
  const witness = await startWitness(path, 'far', setup.udpPort, file);
  const ownErrorNs = await setup.pace(path, intervalNs, count);
  const { requestsNs } = await witness.finish();
  const gapErrors = requestsNs.slice(1).map((at, i) => Math.abs(at - (requestsNs[i] ?? NaN) - intervalNs));
  return {
    gapErrorUs: computePercentile(sortAscending(gapErrors), 0.99) / 1000,
    missedPercent: Math.max(0, 100 * (1 - (requestsNs.length - setup.extraPackets) / count)),
    ownErrorUs: ownErrorNs / 1000,
  };
}

/** irtt opens and closes a connection with a packet each. */
function irttSetup(timer: 'comp' | 'busy'): PacerSetup {
  return { udpPort: IRTT_PORT, extraPackets: 2, pace: (path, intervalNs) => paceIrtt(path, timer, intervalNs) };
}

async function paceOurs(path: TestPath, hex: string, intervalNs: number, count: number): Promise<number> {
  const said = await runToEnd(path, 'near', contender('engine-schedule', path.port, hex, count, intervalNs));
  return (parseLastLine(said) as { readonly p99LateNs: number }).p99LateNs;
}

async function paceIrtt(path: TestPath, timer: 'comp' | 'busy', intervalNs: number): Promise<number> {
  const { stats } = await runIrtt(path, intervalNs, SECONDS, [`--timer=${timer}`]);
  return stats.timer_error.mean;
}

/** What is used of irtt's answer; ns. */
export interface IrttAnswer {
  readonly stats: { readonly timer_error: { readonly mean: number } };
  readonly round_trips: readonly { readonly lost: string; readonly delay: { readonly rtt?: number } }[];
}

export async function runIrtt(
  path: TestPath,
  intervalNs: number,
  seconds: number,
  options: readonly string[] = [],
): Promise<IrttAnswer> {
  const serve = ['irtt', 'server', '-b', `${path.farAddress}:${IRTT_PORT}`, '-i', '0'];
  const server = await startCompanion(path, 'far', serve, 'starting');
  const measure = [
    'irtt',
    'client',
    '-i',
    `${intervalNs}ns`,
    '-d',
    `${seconds}s`,
    ...options,
    '-Q',
    '-o',
    '-',
    path.farAddress,
  ];
  const said = await runToEnd(path, 'near', measure);
  await server.finish('SIGINT');
  return JSON.parse(said) as IrttAnswer;
}
