// The one sentence a person reads first.
import { HALF_SIDE_WORDS, nameCondition } from '../../../model/condition-name.js';
import type { Finding, Report } from '../../../model/report.js';
import { formatCount, formatPercent } from '../../signatures/observations.js';

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
  const lost = `${formatPercent(estimates.loss.roundTrip?.value ?? 0)} of packets are lost`;
  if (worst.condition === 'random-loss') return `${lost} at random${tail}`;
  if (worst.condition === 'bursty-loss') return `${lost} in bursts${tail}`;
  const sign = worst.evidence[0]?.text;
  return `${nameFault(worst)}${sign === undefined ? '' : `: ${toClause(sign)}`}${tail}`;
}

/** `Duplex mismatch, half duplex at the far side`. */
function nameFault({ condition, halfSide }: Finding): string {
  if (condition === 'unknown') return 'A fault of no known kind';
  const name = nameCondition(condition);
  const side = halfSide === undefined ? '' : `, ${HALF_SIDE_WORDS[halfSide]}`;
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}${side}`;
}

/** A sentence after a colon; what starts with a name in capitals keeps them. */
function toClause(sentence: string): string {
  return /^[A-Z][a-z]/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
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
