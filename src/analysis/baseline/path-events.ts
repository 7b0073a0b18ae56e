// Changes of a path and of a port that are facts by themselves: another route, MTU, speed or duplex, a link that goes and comes. None
// of them is an incident; what they do to people shows in round trips and losses.
import { formatFigure, RATE, TIME } from '../../model/figures.js';
import type { BoxEvent, EventKind } from '../../model/incident.js';
import type { PortFacts } from '../../model/path.js';
import type { PeriodSummary } from '../../model/period-summary.js';
import { composeId } from './incident-text.js';

/** JSON as it stands. */
export interface RouteWatch {
  /** Smallest round trip of each of the last minutes, ns, the latest last. */
  readonly floorsNs: readonly number[];
  /** TTL of the replies as it was known last, and for how many minutes another one has come since. */
  readonly ttl: number | null;
  readonly otherTtl: number | null;
  readonly otherMinutes: number;
  readonly serial: number;
}

export const UNKNOWN_ROUTE: RouteWatch = { floorsNs: [], ttl: null, otherTtl: null, otherMinutes: 0, serial: 1 };

/** Minutes of the new route that are waited for, and of the old one that it is compared with. */
const NEW_MINUTES = 5;
const OLD_MINUTES = 15;
/** A jump of the floor that is another way: so many ns, and such a share of the old floor. */
const LEAST_JUMP = { ns: 0.3e6, ratio: 0.03 } as const;
/** The floors of a route differ by less than this share of the jump; those of a queue that fills do not. */
const SHARPNESS = 0.2;

export interface Routed {
  readonly watch: RouteWatch;
  readonly event: BoxEvent | null;
}

/**
 * A change of the smallest round trip that came at once and stayed for five minutes, or of the replies' TTL that did (`replyTtl`, null
 * where it is unknown). A queue that others keep full without a pause would pass for one, too.
 */
export function watchRoute(before: RouteWatch, summary: PeriodSummary, replyTtl: number | null): Routed {
  if (summary.rtt === null || summary.disturbed > 0) return { watch: before, event: null };
  const floorsNs = [...before.floorsNs, summary.rtt.minNs].slice(-(OLD_MINUTES + NEW_MINUTES));
  const ttl = followTtl(before, replyTtl);
  const jump = findJump(floorsNs);
  const hasOtherTtl = ttl.otherMinutes >= NEW_MINUTES;
  const watch = { ...before, ...ttl, floorsNs };
  if (jump === null && !hasOtherTtl) return { watch, event: null };
  const jumpText =
    jump === null
      ? ''
      : `the smallest round trip went from ${formatFigure(jump.oldNs, TIME)} to ${formatFigure(jump.newNs, TIME)}`;
  const ttlText = hasOtherTtl ? `replies come with TTL ${ttl.otherTtl ?? 0} instead of ${ttl.ttl ?? 0}` : '';
  const facts = [jumpText, ttlText].filter((text) => text !== '').join(', ');
  const atMs = summary.startMs + summary.lengthMs;
  const text = `${summary.target} is reached on another route: ${facts}.`;
  return {
    watch: {
      floorsNs: jump === null ? floorsNs : floorsNs.slice(-NEW_MINUTES),
      ttl: hasOtherTtl ? ttl.otherTtl : ttl.ttl,
      otherTtl: hasOtherTtl ? null : ttl.otherTtl,
      otherMinutes: hasOtherTtl ? 0 : ttl.otherMinutes,
      serial: before.serial + 1,
    },
    event: composeFact('route-changed', { atMs, target: summary.target, serial: before.serial, text }),
  };
}

function followTtl(
  { ttl, otherTtl, otherMinutes }: RouteWatch,
  seen: number | null,
): Pick<RouteWatch, 'ttl' | 'otherTtl' | 'otherMinutes'> {
  if (seen === null) return { ttl, otherTtl, otherMinutes };
  if (ttl === null || seen === ttl) return { ttl: seen, otherTtl: null, otherMinutes: 0 };
  return { ttl, otherTtl: seen, otherMinutes: seen === otherTtl ? otherMinutes + 1 : 1 };
}

function findJump(floorsNs: readonly number[]): { readonly oldNs: number; readonly newNs: number } | null {
  if (floorsNs.length < OLD_MINUTES + NEW_MINUTES) return null;
  const old = computeRange(floorsNs.slice(0, OLD_MINUTES));
  const now = computeRange(floorsNs.slice(OLD_MINUTES));
  const jumpNs = now.least > old.least ? now.least - old.most : old.least - now.most;
  const isLarge = jumpNs >= Math.max(LEAST_JUMP.ns, LEAST_JUMP.ratio * old.least);
  const isSharp = Math.max(now.most - now.least, old.most - old.least) <= SHARPNESS * jumpNs;
  return isLarge && isSharp ? { oldNs: old.least, newNs: now.least } : null;
}

function computeRange(values: readonly number[]): { readonly least: number; readonly most: number } {
  return { least: Math.min(...values), most: Math.max(...values) };
}

/** What a port reported earlier, as `rememberPort` keeps it, against what it reports now; both of the same port. */
export function comparePorts(
  before: PortFacts,
  now: PortFacts,
  { atMs, serial }: { readonly atMs: number; readonly serial: number },
): BoxEvent[] {
  const fact = (kind: EventKind, text: string): BoxEvent => composeFact(kind, { atMs, target: null, serial, text });
  const events: BoxEvent[] = [];
  if (before.linkUp && !now.linkUp)
    return [fact('link-lost', `Port ${now.name} has no link${now.linkDownReason ? `: ${now.linkDownReason}` : ''}.`)];
  if (!now.linkUp) return [];
  if (!before.linkUp) events.push(fact('link-back', `Port ${now.name} has a link again.`));
  if (hasChanged(before.speedBitsPerSec, now.speedBitsPerSec)) {
    const [from, to] = [before.speedBitsPerSec, now.speedBitsPerSec].map((speed) => formatFigure(speed ?? 0, RATE));
    events.push(fact('speed-changed', `Port ${now.name} runs at ${to ?? ''} instead of ${from ?? ''}.`));
  }
  if (before.duplex !== now.duplex && before.duplex !== 'unknown' && now.duplex !== 'unknown') {
    events.push(fact('duplex-changed', `Port ${now.name} runs in ${now.duplex} duplex instead of ${before.duplex}.`));
  }
  return events;
}

/** What is to be compared with later: a port without a link has no speed, and comes back with another one. */
export function rememberPort(before: PortFacts, now: PortFacts): PortFacts {
  if (now.linkUp) return now;
  const { speedBitsPerSec, duplex } = before;
  return { ...now, speedBitsPerSec, duplex };
}

/** MTU of the way to a target, as the path was opened with; null where it was the same, or not known before. */
export function compareMtu(
  target: string,
  bytes: { readonly before: number | null; readonly now: number },
  { atMs, serial }: { readonly atMs: number; readonly serial: number },
): BoxEvent | null {
  if (bytes.before === null || bytes.before === bytes.now) return null;
  const text = `Packets to ${target} may have ${bytes.now} bytes, before it was ${bytes.before}.`;
  return composeFact('mtu-changed', { atMs, target, serial, text });
}

function hasChanged(before: number | null, now: number | null): boolean {
  return before !== null && now !== null && before !== now;
}

interface Fact {
  readonly atMs: number;
  readonly target: string | null;
  readonly serial: number;
  readonly text: string;
}

const SEVERITIES: Readonly<Partial<Record<EventKind, BoxEvent['severity']>>> = {
  'link-lost': 'critical',
  'speed-changed': 'warning',
  'duplex-changed': 'warning',
};

function composeFact(kind: EventKind, { atMs, target, serial, text }: Fact): BoxEvent {
  return {
    id: composeId(atMs, target === null ? [kind] : [target, kind], serial),
    atMs,
    kind,
    severity: SEVERITIES[kind] ?? 'info',
    target,
    incidentId: null,
    text,
  };
}
