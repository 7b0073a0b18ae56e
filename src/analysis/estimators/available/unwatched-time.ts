// How long a link was busy with others while nobody watched it, between two watches: by what waited when the first one ended, by what
// the second one found, and by how long the link usually stays busy or idle.

/** A link that is busy or idle, and forgets how long it has been so. */
export interface Rhythm {
  /** Of the time, busy; 0-1. */
  readonly share: number;
  /** Time in which it forgets all but 1/e of whether it was busy, ns. */
  readonly memoryNs: number;
}

export interface Gap {
  readonly lengthNs: number;
  /** What waited in front of the link when it began, ns of the link's time. */
  readonly backlogNs: number;
  /** Whether the first packet behind it found the link busy; null where none came back. */
  readonly isBusyAfter: boolean | null;
}

export interface BusyGap {
  readonly busyNs: number;
  /** Standard error of that. */
  readonly errorNs: number;
}

const LEAST_SHARE = 0.001;
const STEPS = 24;

/**
 * Until the backlog has passed the link is surely busy. From then on, idle, it is a Markov chain of two states between known ends
 * (a bridge): mean and variance of the time in one of them are sums over its moments, and over pairs of them.
 */
export function estimateBusyGap({ lengthNs, backlogNs, isBusyAfter }: Gap, rhythm: Rhythm): BusyGap {
  const surelyNs = Math.min(lengthNs, Math.max(0, backlogNs));
  const restNs = lengthNs - surelyNs;
  if (restNs <= 0) return { busyNs: surelyNs, errorNs: 0 };
  const share = Math.min(1 - LEAST_SHARE, Math.max(LEAST_SHARE, rhythm.share));
  const kept = (ns: number): number => Math.exp(-ns / Math.max(1, rhythm.memoryNs));
  const toBusyFromIdle = (ns: number): number => share * (1 - kept(ns));
  const toBusyFromBusy = (ns: number): number => share + (1 - share) * kept(ns);
  const endOf = (fromBusy: number): number => (isBusyAfter === null ? 1 : isBusyAfter ? fromBusy : 1 - fromBusy);
  const whole = Math.max(Number.MIN_VALUE, endOf(toBusyFromIdle(restNs)));
  const stepNs = restNs / STEPS;
  const atNs = Array.from({ length: STEPS }, (_, step) => (step + 0.5) * stepNs);
  let [mean, pairs] = [0, 0];
  for (const [i, at] of atNs.entries()) {
    const first = toBusyFromIdle(at) / whole;
    const here = first * endOf(toBusyFromBusy(restNs - at));
    mean += here;
    pairs += here;
    for (const later of atNs.slice(i + 1))
      pairs += 2 * first * toBusyFromBusy(later - at) * endOf(toBusyFromBusy(restNs - later));
  }
  return { busyNs: surelyNs + mean * stepNs, errorNs: stepNs * Math.sqrt(Math.max(0, pairs - mean * mean)) };
}

/** Neighbouring samples of a link `intervalNs` apart, of which `changes` of `pairs` differ, and its share of busy ones. */
export interface Samples {
  readonly share: number;
  readonly pairs: number;
  readonly changes: number;
  readonly intervalNs: number;
}

/** A single change is as good as seen: without any the memory would have no end. */
export function estimateMemory({ share, pairs, changes, intervalNs }: Samples): number {
  const bounded = (pairs * share + 0.5) / (pairs + 1);
  const ofStrangers = 2 * bounded * (1 - bounded);
  const kept = 1 - (changes + 1) / (pairs + 1) / ofStrangers;
  return kept <= 0 ? 0 : -intervalNs / Math.log(Math.min(0.9999, kept));
}
