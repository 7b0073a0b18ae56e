// `scripts/bench detector`: which troubles of drawn lines are told, how soon, and how often nothing is told as trouble; ours beside fixed
// thresholds and a moving average with the settings that did best on other lines. Arguments: [--draws N] [--seed N] [--tuning N].
// Progress goes to stderr, tables to stdout.
import { parseArgs } from 'node:util';
import { computeDigestPercentile } from '../../src/analysis/statistics/delay-digest.js';
import { computeMedian, computePercentile, sortAscending } from '../../src/analysis/statistics/quantile.js';
import { UsageError } from '../../src/model/errors.js';
import { DAY_MINUTES, drawLine, TROUBLE_KINDS } from '../simulation/baseline/drawn-line.js';
import type { DrawnLine } from '../simulation/baseline/drawn-line.js';
import { listMinutes, MINUTE_MS, SERIES_START_MS } from '../simulation/baseline/minute-series.js';
import { listFixed, listMovingAverages } from './detector/contenders.js';
import type { Contender, MinuteFigures } from './detector/contenders.js';
import { judgeSeries } from './detector/own-detector.js';
import { addTallies, computeF1, computePrecision, computeRecall, tallyOpenings } from './detector/score.js';
import type { Tally } from './detector/score.js';
import { parseCount } from './parse-count.js';

const DEFAULT_DRAWS = 40;
const DEFAULT_TUNING = 20;
/** Far from the seeds that tests use. */
const DEFAULT_SEED = 960_001;
/** Of the lines that the others' settings are chosen on; no scored line has such a seed unless it is asked for. */
const TUNING_SEED = 500_001;
/** Two weeks to learn, with troubles in them as in life, and one that counts. */
const DAYS = 21;
const COUNTED = { from: 14 * DAY_MINUTES, to: DAYS * DAY_MINUTES } as const;
const TROUBLES_PER_DAY = 2;

interface Series {
  readonly line: DrawnLine;
  readonly minutes: readonly MinuteFigures[];
}

function drawSeries(seed: number): Series {
  const line = drawLine(seed, { days: DAYS, perDay: TROUBLES_PER_DAY });
  const minutes = Array.from(listMinutes(line, DAYS), ({ rtt, lost, sent }) => ({
    medianNs: rtt === null ? null : computeDigestPercentile(rtt, 0.5),
    lossRatio: lost / sent,
  }));
  return { line, minutes };
}

function scoreContender({ detect }: Contender, series: readonly Series[]): Tally {
  return addTallies(series.map(({ line, minutes }) => tallyOpenings(detect(minutes), line.troubles, COUNTED)));
}

function chooseBest(contenders: readonly Contender[], series: readonly Series[]): Contender {
  const scored = contenders.map((contender) => ({ contender, f1: computeF1(scoreContender(contender, series)) }));
  const best = scored.reduce((a, b) => (b.f1 > a.f1 ? b : a));
  process.stderr.write(`best of ${scored.length}: ${best.contender.name}, ${best.contender.settings}\n`);
  return best.contender;
}

function scoreOurs(series: readonly Series[]): Tally {
  return addTallies(
    series.map(({ line }) => {
      const incidents = judgeSeries(listMinutes(line, DAYS));
      const openings = incidents.map(({ openedMs }) => (openedMs - SERIES_START_MS) / MINUTE_MS - 1);
      return tallyOpenings(openings, line.troubles, COUNTED);
    }),
  );
}

function renderTable(rows: readonly (readonly [name: string, tally: Tally])[]): string {
  const percent = (ratio: number): string => `${(100 * ratio).toFixed(1)} %`;
  const cells = rows.map(([name, tally]) => {
    const delays = sortAscending(tally.delays);
    const kinds = TROUBLE_KINDS.map((kind) => percent((tally.found[kind] ?? 0) / (tally.drawn[kind] ?? 1)));
    return [
      name,
      percent(computePrecision(tally)),
      percent(computeRecall(tally)),
      computeF1(tally).toFixed(3),
      ((tally.false / tally.days) * 7).toFixed(2),
      String(tally.repeated),
      `${computeMedian(delays)} (${computePercentile(delays, 0.95)})`,
      ...kinds,
    ];
  });
  const head = [
    'detector',
    'precision',
    'recall',
    'F1',
    'false a week',
    'repeated',
    'minutes to tell (p95)',
    ...TROUBLE_KINDS,
  ];
  return [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function main(): void {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: { draws: { type: 'string' }, seed: { type: 'string' }, tuning: { type: 'string' } },
  });
  const draws = parseCount('--draws', values.draws, DEFAULT_DRAWS);
  const seed = parseCount('--seed', values.seed, DEFAULT_SEED);
  const tuning = Array.from({ length: parseCount('--tuning', values.tuning, DEFAULT_TUNING) }, (_, i) =>
    drawSeries(TUNING_SEED + i),
  );
  const others = [listFixed(), listMovingAverages()].map((contenders) => chooseBest(contenders, tuning));
  const series = Array.from({ length: draws }, (_, i) => drawSeries(seed + i));
  const tallies = others.map(
    (contender) => [`${contender.name} (${contender.settings})`, scoreContender(contender, series)] as const,
  );
  const ours = scoreOurs(series);
  const drawn = Object.values(ours.drawn).reduce((sum, count) => sum + count, 0);
  process.stderr.write(
    `${draws} lines, seeds ${seed} to ${seed + draws - 1}, ${ours.days} days with ${drawn} troubles\n`,
  );
  process.stdout.write(`${renderTable([['ours', ours], ...tallies])}\n`);
}

try {
  main();
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (!isUsage) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 64;
}
