// The verdict on a path and the sentences that say where delay, loss and a narrow link begin.
import type { Verdict } from '../../model/report.js';
import type { Onset, RouteEnd, RouteHop, RouteReport } from '../../model/route.js';
import { NS_PER_MS, NS_PER_US } from '../../model/units.js';

/** 2.5 % as in an examination: a whole class of user satisfaction with G.711 voice. */
const CRITICAL_RATIO = 0.025;

type Onsets = RouteReport['onsets'];

export function judgeVerdict(end: RouteEnd, hops: readonly RouteHop[], onsets: Onsets): Verdict {
  if (end.kind === 'interrupted' || (end.kind === 'max-hops' && end.lastTtl > 0)) return 'unknown';
  if (end.kind !== 'target') return 'critical';
  if (onsets.loss !== null) return onsets.loss.value >= CRITICAL_RATIO ? 'critical' : 'warning';
  return hops.some(({ notes }) => notes.some(({ kind }) => kind === 'black-hole')) ? 'warning' : 'ok';
}

export function summarize(end: RouteEnd, hops: readonly RouteHop[], onsets: Onsets): string {
  const sentences = [
    end.text,
    ...(onsets.loss === null ? sayNoLoss(end, hops) : [sayLoss(onsets.loss, end)]),
    ...sayBlackHole(hops),
    ...(onsets.delay === null ? [] : [sayDelay(onsets.delay)]),
    ...(onsets.queueing === null ? [] : [sayQueueing(onsets.queueing, end)]),
    ...(onsets.narrowLink === null ? [] : [sayNarrow(onsets.narrowLink)]),
  ];
  return sentences.join('. ');
}

function sayNoLoss(end: RouteEnd, hops: readonly RouteHop[]): string[] {
  const last = hops.at(-1)?.loss;
  if (end.kind !== 'target' || last === undefined || last === null) return [];
  return last.value === 0 ? [`None of ${last.samples} packets to it was lost`] : [];
}

function sayLoss({ after, at, value }: Onset, end: RouteEnd): string {
  const what = `${formatPercent(value)} of the packets are lost`;
  if (after === 0 && at === end.lastTtl && at > 1) return `${what}; the hops answered too little to say where`;
  return `${what}: the loss begins ${describePlace(after, at)}, there or on the way back`;
}

function sayBlackHole(hops: readonly RouteHop[]): string[] {
  const hop = hops.find(({ notes }) => notes.some(({ kind }) => kind === 'black-hole'));
  const low = hop?.mtu?.lowBytes;
  return hop === undefined ? [] : [`Packets above ${low ?? 0} bytes vanish before hop ${hop.ttl}`];
}

function sayDelay({ after, at, value }: Onset): string {
  return `Most of the delay (${formatTime(value)}) is ${describePlace(after, at)}`;
}

function sayQueueing({ after, at, value }: Onset, end: RouteEnd): string {
  const what = `Every tenth packet waits ${formatTime(value)} or longer`;
  if (after === 0 && at === end.lastTtl && at > 1) return `${what}; the hops answered too little to say where`;
  return `${what} in a queue ${describePlace(after, at)}`;
}

function sayNarrow({ after, at, value }: Onset): string {
  return `The slowest link, about ${formatRate(value)}, is ${describePlace(after, at)}`;
}

function describePlace(after: number, at: number): string {
  return after === 0 ? `between this machine and hop ${at}` : `between hop ${after} and hop ${at}`;
}

function formatPercent(ratio: number): string {
  return `${(100 * ratio).toPrecision(2)} %`;
}

function formatTime(ns: number): string {
  return ns < NS_PER_MS
    ? `${(ns / NS_PER_US).toFixed(0)} µs`
    : `${(ns / NS_PER_MS).toPrecision(ns < 1000 * NS_PER_MS ? 3 : 4)} ms`;
}

function formatRate(bitsPerSec: number): string {
  return bitsPerSec >= 1e9 ? `${(bitsPerSec / 1e9).toPrecision(2)} Gb/s` : `${(bitsPerSec / 1e6).toPrecision(2)} Mb/s`;
}
