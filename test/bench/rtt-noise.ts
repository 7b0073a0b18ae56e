// Round-trip noise: what each contender says of the same idle veth pair, beside two truths: the kernel's own four stamps of a
// UDP exchange by a C program that does nothing else, and what tcpdump at both ports saw of the very same packets. Each is
// (reply − request) at the near end less (reply − request) at the far one.
import { join } from 'node:path';
import {
  computeMean,
  computeMedian,
  computePercentile,
  sortAscending,
} from '../../src/analysis/statistics/quantile.js';
import { PART_PORTS } from '../../src/model/parts.js';
import { APPARENET, type TestPath } from '../live/test-path.js';
import { contender, parseLastLine, runToEnd, startCompanion } from './contest.js';
import type { Figure } from './figure.js';
import { IRTT_PORT, runIrtt } from './pacing.js';
import type { BenchOptions } from './send-rate.js';
import { startWitness, type Witnessed } from './wire-witness.js';

const INTERVAL_NS = 1_000_000;
const SECONDS = 5;
const COUNT = (SECONDS * 1e9) / INTERVAL_NS;
/** IP length, for both: the least that has room for the follow-up of a STAMP reply, by which T3 is the far kernel's stamp. */
const SIZE_BYTES = 92;
const IP_AND_UDP_BYTES = 28;

interface Noise {
  readonly medianUs: number;
  readonly deviationUs: number;
  /** p99 − p50 */
  readonly spreadUs: number;
  /** Median told − median of the kernel's four stamps. */
  readonly biasUs: number;
  /** Median told − median seen by tcpdump, whose stamps of sending are taken before the driver's. */
  readonly witnessBiasUs: number;
}

export async function benchRttNoise(path: TestPath, options: BenchOptions): Promise<Figure[]> {
  const ours: Noise[] = [];
  const theirs: Noise[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const truthNs = await measureKernelTruth(path, options.workDir);
    const setting = { path, workDir: options.workDir, truthNs };
    ours.push(await measureNoise(setting, PART_PORTS.reflector[0], () => probeOurs(path)));
    theirs.push(await measureNoise(setting, IRTT_PORT, () => probeIrtt(path)));
    const [our, their] = [ours.at(-1), theirs.at(-1)].map((noise) => JSON.stringify(noise));
    options.note(`RTT noise, round ${round + 1}: ours ${our ?? ''}, irtt ${their ?? ''}`);
  }
  const rows: readonly (readonly [keyof Noise, string])[] = [
    ['medianUs', 'RTT median, us'],
    ['biasUs', "RTT median, distance from the kernel's four stamps, us"],
    ['witnessBiasUs', 'RTT median, distance from what tcpdump saw, us'],
    ['deviationUs', 'RTT standard deviation, us'],
    ['spreadUs', 'RTT p99 - p50, us'],
  ];
  return rows.map(([key, what]) => ({
    what,
    better: 'lower',
    ours: ours.map((noise) => noise[key]),
    peer: { name: 'irtt', values: theirs.map((noise) => noise[key]) },
  }));
}

interface Setting {
  readonly path: TestPath;
  readonly workDir: string;
  /** Median of the kernel's four stamps. */
  readonly truthNs: number;
}

async function measureNoise(
  { path, workDir, truthNs }: Setting,
  udpPort: number,
  probe: () => Promise<readonly number[]>,
): Promise<Noise> {
  const near = await startWitness(path, 'near', udpPort, join(workDir, 'near.pcap'));
  const far = await startWitness(path, 'far', udpPort, join(workDir, 'far.pcap'));
  const toldNs = sortAscending(await probe());
  const seenNs = computeResidenceFree(await near.finish(), await far.finish());
  const mean = computeMean(toldNs);
  return {
    medianUs: computePercentile(toldNs, 0.5) / 1000,
    deviationUs: Math.sqrt(computeMean(toldNs.map((rtt) => (rtt - mean) ** 2))) / 1000,
    spreadUs: (computePercentile(toldNs, 0.99) - computePercentile(toldNs, 0.5)) / 1000,
    biasUs: Math.abs(computePercentile(toldNs, 0.5) - truthNs) / 1000,
    witnessBiasUs: Math.abs(computePercentile(toldNs, 0.5) - computeMedian(seenNs)) / 1000,
  };
}

/** Nothing is lost or overtakes on an idle veth pair, so the n-th reply belongs to the n-th request. */
function computeResidenceFree(near: Witnessed, far: Witnessed): number[] {
  return near.repliesNs.map((reply, i) => {
    const residence = (far.repliesNs[i] ?? NaN) - (far.requestsNs[i] ?? NaN);
    return reply - (near.requestsNs[i] ?? NaN) - residence;
  });
}

/** test/bench/kernel-stamps.c at both ends; median in ns. */
async function measureKernelTruth(path: TestPath, workDir: string): Promise<number> {
  const program = join(workDir, 'kernel-stamps');
  const far = await startCompanion(path, 'far', [program, 'serve', String(IRTT_PORT), String(COUNT)], 'ready');
  const ask = [program, 'ask', path.farAddress, IRTT_PORT, COUNT, INTERVAL_NS, SIZE_BYTES - IP_AND_UDP_BYTES];
  const near = parseStamps(await runToEnd(path, 'near', ask.map(String)));
  const reflected = parseStamps(await far.finish());
  const trips = [...near].map(([number, { receivedNs, sentNs }]) => {
    const there = reflected.get(number);
    return there ? Number(receivedNs - sentNs - (there.sentNs - there.receivedNs)) : NaN;
  });
  return computeMedian(trips.filter((ns) => !Number.isNaN(ns)));
}

interface Stamps {
  readonly receivedNs: bigint;
  readonly sentNs: bigint;
}

/** Rows of kernel-stamps.c by their number; without those that lack a stamp. */
function parseStamps(listing: string): Map<string, Stamps> {
  const rows = [...listing.matchAll(/^(\d+) ([1-9]\d*) ([1-9]\d*)$/gm)];
  return new Map(
    rows.map(([, number = '', received = '', sent = '']) => [
      number,
      { receivedNs: BigInt(received), sentNs: BigInt(sent) },
    ]),
  );
}

async function probeOurs(path: TestPath): Promise<readonly number[]> {
  const reflector = await startCompanion(path, 'far', [process.execPath, APPARENET, 'reflect'], '3237');
  const probe = contender('prober-rtt', path.farAddress, COUNT, INTERVAL_NS, SIZE_BYTES);
  const said = await runToEnd(path, 'near', probe);
  await reflector.finish('SIGINT');
  return (parseLastLine(said) as { readonly rttNs: readonly number[] }).rttNs;
}

async function probeIrtt(path: TestPath): Promise<readonly number[]> {
  const { round_trips: trips } = await runIrtt(path, INTERVAL_NS, SECONDS, [
    '-l',
    String(SIZE_BYTES - IP_AND_UDP_BYTES),
  ]);
  return trips.flatMap(({ delay: { rtt } }) => (rtt === undefined ? [] : [rtt]));
}
