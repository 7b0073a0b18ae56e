// Round-trip noise: what each contender says of the same idle veth pair, beside what a witness at both ports saw of the very
// same packets. The truth is (reply − request) at the near port less (reply − request) at the far one, by kernel stamps.
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
/** IP length of irtt's packets with all its stamps. */
const SIZE_BYTES = 88;

interface Noise {
  readonly medianUs: number;
  readonly deviationUs: number;
  /** p99 − p50 */
  readonly spreadUs: number;
  /** Median told − median seen by the witness. */
  readonly biasUs: number;
}

export async function benchRttNoise(path: TestPath, options: BenchOptions): Promise<Figure[]> {
  const ours: Noise[] = [];
  const theirs: Noise[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    ours.push(await measureNoise(path, options.workDir, PART_PORTS.reflector[0], () => probeOurs(path)));
    theirs.push(await measureNoise(path, options.workDir, IRTT_PORT, () => probeIrtt(path)));
    const [our, their] = [ours.at(-1), theirs.at(-1)].map((noise) => JSON.stringify(noise));
    options.note(`RTT noise, round ${round + 1}: ours ${our ?? ''}, irtt ${their ?? ''}`);
  }
  const rows: readonly (readonly [keyof Noise, string])[] = [
    ['medianUs', 'RTT median, us'],
    ['biasUs', 'RTT median, distance from the kernel-stamp truth, us'],
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

async function measureNoise(
  path: TestPath,
  workDir: string,
  udpPort: number,
  probe: () => Promise<readonly number[]>,
): Promise<Noise> {
  const near = await startWitness(path, 'near', udpPort, join(workDir, 'near.pcap'));
  const far = await startWitness(path, 'far', udpPort, join(workDir, 'far.pcap'));
  const toldNs = sortAscending(await probe());
  const truthNs = computeTruth(await near.finish(), await far.finish());
  const mean = computeMean(toldNs);
  return {
    medianUs: computePercentile(toldNs, 0.5) / 1000,
    deviationUs: Math.sqrt(computeMean(toldNs.map((rtt) => (rtt - mean) ** 2))) / 1000,
    spreadUs: (computePercentile(toldNs, 0.99) - computePercentile(toldNs, 0.5)) / 1000,
    biasUs: Math.abs(computePercentile(toldNs, 0.5) - computeMedian(truthNs)) / 1000,
  };
}

/** Nothing is lost or overtakes on an idle veth pair, so the n-th reply belongs to the n-th request. */
function computeTruth(near: Witnessed, far: Witnessed): number[] {
  return near.repliesNs.map((reply, i) => {
    const residence = (far.repliesNs[i] ?? NaN) - (far.requestsNs[i] ?? NaN);
    return reply - (near.requestsNs[i] ?? NaN) - residence;
  });
}

async function probeOurs(path: TestPath): Promise<readonly number[]> {
  const reflector = await startCompanion(path, 'far', [process.execPath, APPARENET, 'reflect'], '3237');
  const count = (SECONDS * 1e9) / INTERVAL_NS;
  const probe = contender('prober-rtt', path.farAddress, count, INTERVAL_NS, SIZE_BYTES);
  const said = await runToEnd(path, 'near', probe);
  await reflector.finish('SIGINT');
  return (parseLastLine(said) as { readonly rttNs: readonly number[] }).rttNs;
}

async function probeIrtt(path: TestPath): Promise<readonly number[]> {
  const { round_trips: trips } = await runIrtt(path, INTERVAL_NS, SECONDS);
  return trips.flatMap(({ delay: { rtt } }) => (rtt === undefined ? [] : [rtt]));
}
