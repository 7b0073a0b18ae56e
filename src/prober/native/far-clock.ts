// Gathers what a reflector said of T2 and T3, and chooses the better T3: its kernel's own stamp, told in a later reply, or the
// time it wrote into the reply before handing it to its kernel. One source for the whole trace.
import { TRACE_FLAG, type StampSource } from '../../model/trace.js';
import { NS_PER_US } from '../../model/units.js';
import type { MutableTrace } from './blank-trace.js';
import type { FarAnswer } from './probe-kind.js';

/** Below this share of followed-up replies, of those that can be (the last cannot), the trace uses the written T3 for all. */
const MIN_FOLLOWED_SHARE = 0.8;
/**
 * Replies that left the far end later than this after it wrote them waited in a queue of its port (tc). Where a tenth did, that queue
 * is a part of the path, and the written T3 is before it; a few are those of a machine that was interrupted.
 */
const QUEUED_NS = BigInt(100 * NS_PER_US);
const QUEUED_SHARE = 0.1;

export class FarClock {
  readonly #answers = new Map<number, FarAnswer>();
  /** By the reflector's numbers, which each session has for itself. */
  readonly #rowBySequence = new Map<number, number>();
  readonly #followedNs = new Map<number, bigint>();

  add(row: number, answer: FarAnswer): void {
    this.#answers.set(row, answer);
    const numberOf = (sequence: number): number => answer.flow * 2 ** 32 + sequence;
    this.#rowBySequence.set(numberOf(answer.sequence), row);
    if (answer.followUp) this.#followedNs.set(numberOf(answer.followUp.sequence), answer.followUp.sentNs);
  }

  /**
   * Writes the far columns; the source of T3, or null where nobody stamped. Rows without a T3 of that source keep their T2, without
   * the flag that both are there.
   * `isWritten`: the far end's own train has written stamps only, so this trace uses no others.
   */
  fill(trace: MutableTrace, isWritten: boolean): StampSource | null {
    const stamped = [...this.#answers].filter(([, answer]) => answer.receivedNs !== null && answer.sentNs !== null);
    const base = stamped[0]?.[1].receivedNs;
    if (base === undefined || base === null) return null;
    const followed = new Map<number, bigint>();
    for (const [sequence, sentNs] of this.#followedNs) {
      const row = this.#rowBySequence.get(sequence);
      if (row !== undefined) followed.set(row, sentNs);
    }
    const isFollowed = followed.size >= MIN_FOLLOWED_SHARE * (stamped.length - 1) && followed.size > 0;
    const useFollowed = !isWritten && isFollowed && !this.#waited(followed);
    trace.farBaseNs = base;
    for (const [row, answer] of stamped) {
      if (answer.receivedNs === null) continue;
      trace.farRxOffsetNs[row] = Number(answer.receivedNs - base);
      const sentNs = useFollowed ? followed.get(row) : answer.sentNs;
      if (sentNs === undefined || sentNs === null) continue;
      trace.farTxOffsetNs[row] = Number(sentNs - base);
      trace.flags[row] = (trace.flags[row] ?? 0) | TRACE_FLAG.farStamps;
    }
    return useFollowed ? 'kernel' : 'user';
  }

  #waited(followed: ReadonlyMap<number, bigint>): boolean {
    let count = 0;
    for (const [row, leftNs] of followed) {
      const writtenNs = this.#answers.get(row)?.sentNs ?? null;
      if (writtenNs !== null && leftNs - writtenNs > QUEUED_NS) count += 1;
    }
    return count >= QUEUED_SHARE * followed.size;
  }
}
