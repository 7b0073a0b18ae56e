// The one sentence a person reads first.
import type { Finding, Report } from '../../model/report.js';
import { formatCount, formatPercent } from '../signatures/observations.js';

type Summarised = Pick<Report, 'target' | 'verdict' | 'findings' | 'estimates'>;

export function composeSummary({ target, verdict, findings, estimates }: Summarised): string {
  const roundTrip = estimates.loss.roundTrip;
  const worst = findings.find(({ severity }) => severity === verdict);
  if (worst?.condition === 'unreachable') {
    return `Unreachable: none of ${formatCount(roundTrip?.samples ?? 0, 'packet')} to ${target.address} was answered`;
  }
  if (worst !== undefined) return describeFault(worst, estimates);
  if (roundTrip === null) return `Nothing could be measured towards ${target.address}`;
  const sent = formatCount(roundTrip.samples, 'packet');
  const lost = Math.round(roundTrip.value * roundTrip.samples);
  const loss = lost === 0 ? `no loss in ${sent}` : `${lost} of ${sent} lost`;
  const outcome = verdict === 'unknown' ? 'Too few packets to judge the path' : 'No fault found';
  return `${outcome}: ${[...describeFigures(estimates), loss].join(', ')}`;
}

function describeFault(worst: Finding, estimates: Report['estimates']): string {
  const figures = describeFigures(estimates).join(', ');
  const tail = figures === '' ? '' : `; ${figures}`;
  if (worst.condition !== 'random-loss' && worst.condition !== 'bursty-loss') {
    return `${worst.evidence[0]?.text ?? worst.condition}${tail}`;
  }
  const manner = worst.condition === 'random-loss' ? 'at random' : 'in bursts';
  return `${formatPercent(estimates.loss.roundTrip?.value ?? 0)} of packets are lost ${manner}${tail}`;
}

/** Capacity and median round trip, where known. A lower bound is called "at least". */
function describeFigures({ capacity, rtt }: Report['estimates']): string[] {
  const figures: string[] = [];
  const forward = capacity.forward;
  if (forward !== null) {
    figures.push(`${forward.limitedBy === 'probe' ? 'at least ' : ''}${formatRate(forward.value)}`);
  }
  if (rtt !== null) figures.push(formatTime(rtt.p50Ns));
  return figures;
}

/** Three digits: `49.9 Mb/s`. */
function formatRate(bitsPerSec: number): string {
  const [unit, scale]: [string, number] =
    bitsPerSec >= 1e9 ? ['Gb/s', 1e9] : bitsPerSec >= 1e6 ? ['Mb/s', 1e6] : ['kb/s', 1e3];
  return `${toThreeDigits(bitsPerSec / scale)} ${unit}`;
}

/** `0.21 ms`. */
function formatTime(ns: number): string {
  const ms = ns / 1e6;
  return ms < 0.1 ? `${toThreeDigits(ns / 1e3)} µs` : `${ms < 1 ? ms.toFixed(2) : toThreeDigits(ms)} ms`;
}

/** `toPrecision` without its exponents. */
function toThreeDigits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
