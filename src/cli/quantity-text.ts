// One quantity of a report for `measure`: its value with its interval, or why there is none.
import type { Quantity } from '../model/examination.js';
import type { Directional, Estimate, Estimates, Interval, QueueingQuantiles } from '../model/estimates.js';
import type { Report } from '../model/report.js';
import { renderClasses } from './classes-text.js';
import { formatEstimate, formatFigure, formatRanged, RATE, RATIO, TIME, type UnitFamily } from '../model/figures.js';
import { renderLoaded } from './loaded-text.js';
import { renderLossTable } from './loss-text.js';
import { describeMtu } from './mtu-text.js';

/** Lines such as `capacity  49.8 Mb/s ± 0.3`; empty where the report does not hold the quantity. */
export function describeQuantity(report: Report, quantity: Quantity): string[] {
  const { estimates } = report;
  switch (quantity) {
    case 'capacity':
      return describePair('capacity', estimates.capacity, RATE);
    case 'available':
      return describePair('available', estimates.available, RATE);
    case 'loss':
      return describeLoss(estimates);
    case 'delay':
      return describeDelay(estimates);
    case 'jitter':
      return describeJitter(estimates);
    case 'mtu':
      return estimates.mtu ? [describeMtu(estimates.mtu)] : [];
    case 'dscp':
      return estimates.dscp ? renderClasses(estimates.dscp) : [];
    case 'maximum':
      return describePair('maximum', estimates.maximum, RATE);
    case 'utilization':
      return describePair('utilization', estimates.utilization, RATIO);
    case 'propagation':
      return describeApart(estimates.propagation, estimates.serialisation);
    case 'reordering':
      return describeReordering(estimates);
    case 'duplication':
      return estimates.duplication ? [`duplication  ${describeEstimate(estimates.duplication, RATIO)}`] : [];
    case 'voice':
      return describeVoice(estimates);
    case 'responsiveness':
      return estimates.loaded ? renderLoaded(estimates.loaded) : [];
  }
}

function describePair(name: string, pair: Directional<Estimate>, family: UnitFamily): string[] {
  const line = (label: string, estimate: Estimate): string => `${label}  ${describeEstimate(estimate, family)}`;
  if (pair.forward && !pair.reverse) return [line(name, pair.forward)];
  return [
    ...(pair.forward ? [line(`${name} forward`, pair.forward)] : []),
    ...(pair.reverse ? [line(`${name} reverse`, pair.reverse)] : []),
  ];
}

/** The figure, what it stands on, and what kept it from being better. A rate that a machine at either end limited is a bound. */
function describeEstimate(estimate: Estimate, family: UnitFamily): string {
  const { samples, quality, limitedBy } = estimate;
  const basis = `${samples} samples, ${quality}${limitedBy === null ? '' : `, limited by ${LIMIT_WORDS[limitedBy]}`}`;
  const isBound = family === RATE && (limitedBy === 'probe' || limitedBy === 'target');
  if (isBound) return `at least ${formatFigure(estimate.value, family)}  (${basis})`;
  return `${formatEstimate(estimate, family)}  (95 % interval, ${basis})`;
}

/** Serialisation: time a byte. */
const PER_BYTE: UnitFamily = [{ name: 'ns/byte', size: 1 }];

const PACKETS: UnitFamily = [{ name: 'packets', size: 1 }];

const LIMIT_WORDS = { probe: 'the probe', noise: 'noise', samples: 'too few samples', target: 'the target' } as const;

function describeLoss({ loss, lossRuns, lossEpisodes, lossTable }: Estimates): string[] {
  const both = { forward: loss.forward, reverse: loss.reverse };
  return [
    ...(loss.roundTrip ? [`loss  ${describeEstimate(loss.roundTrip, RATIO)}`] : []),
    ...(loss.reverse ? describePair('loss', both, RATIO) : []),
    ...(lossRuns
      ? [
          `in a row  ${formatRanged(lossRuns.meanLength, lossRuns.intervals.meanLength, PACKETS)}, at most ${lossRuns.maxLength}`,
        ]
      : []),
    ...(lossEpisodes ? [`episodes  ${describeEpisodes(lossEpisodes)}`] : []),
    ...(lossTable ? renderLossTable(lossTable) : []),
  ];
}

function describeEpisodes({ frequency, durationNs }: NonNullable<Estimates['lossEpisodes']>): string {
  const time = `${formatEstimate(frequency, RATIO)} of the time`;
  return `${time}, each ${formatEstimate(durationNs, TIME)} on average  (95 % intervals, ${durationNs.samples} seen)`;
}

function describeDelay({ rtt, oneWay, queueing, propagation, serialisation }: Estimates): string[] {
  if (!rtt) return [];
  const { minNs, maxNs, meanNs, samples, intervals } = rtt;
  const ends = `min ${formatFigure(minNs, TIME)}  max ${formatFigure(maxNs, TIME)}`;
  const mean = `mean ${formatRanged(meanNs, intervals.meanNs, TIME)}`;
  const worth = `95 % intervals, ${samples} samples worth ${intervals.independentSamples} independent ones`;
  return [
    `delay  ${describeQuantiles(rtt)}  ${mean}  ${ends}  (round trip, ${worth})`,
    ...describeOneWay('forward', oneWay),
    ...describeOneWay('reverse', oneWay),
    ...(queueing ? [`queueing  ${describeQuantiles(queueing)}  (above the smallest round trip)`] : []),
    ...describeApart(propagation, serialisation),
    ...describeSkew(oneWay.clockSkewPpm),
  ];
}

function describeQuantiles({ p50Ns, p95Ns, p99Ns, intervals }: QueueingQuantiles): string {
  const figures = [
    ['median', p50Ns, intervals.p50Ns],
    ['p95', p95Ns, intervals.p95Ns],
    ['p99', p99Ns, intervals.p99Ns],
  ] as const;
  return figures.map(([name, ns, interval]) => `${name} ${formatRanged(ns, interval, TIME)}`).join('  ');
}

function describeOneWay(direction: 'forward' | 'reverse', { isAbsolute, ...delays }: Estimates['oneWay']): string[] {
  const delay = delays[direction];
  if (!delay) return [];
  const zero = isAbsolute ? 'one way' : 'one way, above its smallest';
  return [`${direction}  ${describeQuantiles(delay)}  (${zero})`];
}

function describeApart(propagation: Estimate | null, serialisation: Estimate | null): string[] {
  return [
    ...(propagation ? [`propagation  ${describeEstimate(propagation, TIME)}`] : []),
    ...(serialisation ? [`serialisation  ${describeEstimate(serialisation, PER_BYTE)}`] : []),
  ];
}

function describeSkew(skew: Estimate | null): string[] {
  if (!skew) return [];
  const half = Math.max(skew.value - skew.low, skew.high - skew.value);
  return [`far clock  ${skew.value.toFixed(2)} ppm ± ${half.toFixed(2)} against ours  (${skew.samples} samples)`];
}

function describeJitter({ jitter }: Estimates): string[] {
  if (!jitter) return [];
  const { rfc3550Ns, ipdvP99Ns, pdvP99Ns, intervals } = jitter;
  const ipdv = `IPDV p99 ${formatRanged(ipdvP99Ns, intervals.ipdvP99Ns, TIME)}`;
  const pdv = `PDV p99 ${formatRanged(pdvP99Ns, intervals.pdvP99Ns, TIME)}`;
  return [`jitter  RFC 3550 ${formatRanged(rfc3550Ns, intervals.rfc3550Ns, TIME)}  ${ipdv}  ${pdv}  (95 % intervals)`];
}

function describeReordering({ reordering, reorderingBySpacing }: Estimates): string[] {
  if (!reordering) return [];
  const rows = (reorderingBySpacing ?? []).map(({ gapNs, ratio, maxExtent, beyondExtent }) => {
    const apart = gapNs === 0 ? 'back to back' : `${formatFigure(gapNs, TIME)} apart`;
    const later = `later ones ${formatEstimate(beyondExtent, RATIO)}`;
    const extent = maxExtent === 0 ? '' : `, at most ${maxExtent} packets late, ${later}`;
    return `${apart}  ${formatEstimate(ratio, RATIO)}  (${ratio.samples} samples${extent})`;
  });
  return [`reordering  ${describeEstimate(reordering, RATIO)}`, ...rows];
}

function describeVoice({ voice }: Estimates): string[] {
  if (!voice) return [];
  const { mos, rFactor, intervals } = voice;
  const figures = `MOS ${formatScore(mos, intervals.mos, 2)}  R ${formatScore(rFactor, intervals.rFactor, 1)}`;
  return [`voice  ${figures}  (95 % intervals; G.711, worse direction; 4.43 and 93.7 at best)`];
}

/** Outward, as other intervals are. */
function formatScore(value: number, { low, high }: Interval, decimals: number): string {
  const scale = 10 ** decimals;
  const down = (Math.floor(low * scale) / scale).toFixed(decimals);
  const up = (Math.ceil(high * scale) / scale).toFixed(decimals);
  return `${value.toFixed(decimals)} (${down} to ${up})`;
}
