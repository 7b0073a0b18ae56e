// The queue of this machine that packets pass before its driver stamps them: what `tc` set up on the port. Where it holds packets
// back, or drops them, it is a part of the path like any other machine's.
import { isNativeFailure, loadEngine } from '../../../device/nic/nic.js';

export interface OwnQueue {
  /** Kind of the queue discipline that keeps packets though the port is free (`tbf`, `htb`, `netem` …); null without one. */
  readonly holding: string | null;
  /** Kind of the one that may drop them of itself; null where a refused packet met a full port, and never set out. */
  readonly dropping: string | null;
}

export const NO_OWN_QUEUE: OwnQueue = { holding: null, dropping: null };

/**
 * Disciplines that send by a rate or a delay of their own (tc(8)); all others send what they have as soon as the port takes it. CAKE
 * does both, as it was told.
 */
const HOLDING: ReadonlySet<string> = new Set(['cake', 'cbq', 'hfsc', 'htb', 'netem', 'plug', 'taprio', 'tbf']);
/** Keeps no packet; its filters may police. */
const FILTERING = 'clsact';

/** Pure: what disciplines of these kinds do. */
export function judgeQueueKinds(kinds: readonly string[]): OwnQueue {
  const holding = kinds.find((kind) => HOLDING.has(kind)) ?? null;
  return { holding, dropping: holding ?? kinds.find((kind) => kind === FILTERING) ?? null };
}

/** Asked before each run, as `tc` may change it at any time; some 40 us. What the kernel does not tell is taken as not there. */
export function readOwnQueue(portIndex: number): OwnQueue {
  try {
    return judgeQueueKinds(loadEngine().listQueueKinds(portIndex));
  } catch (error) {
    if (isNativeFailure(error)) return NO_OWN_QUEUE;
    throw error;
  }
}

/** For the reader of the report. */
export function describeOwnQueue(port: string, { holding, dropping }: OwnQueue): string[] {
  if (holding !== null) {
    return [
      `Port ${port} holds back what it sends (${holding}, see tc qdisc show dev ${port}): its queue counts as part of the path, so packets are timed before it`,
    ];
  }
  if (dropping === null) return [];
  return [`Port ${port} may drop what it sends by rules of its own (${dropping}): that counts as loss on the path`];
}
