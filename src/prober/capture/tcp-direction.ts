// One direction of one TCP connection as it passed the recording point: what was sent again, what came out of order, which
// acknowledgement answers which segment. Sequence numbers are followed through their wraps. Pure.
import type { CapturedTcp } from '../../packet/captured-packet.js';

export interface RoundTripSample {
  readonly sentNs: number;
  readonly acknowledgedNs: number;
  readonly sizeBytes: number;
}

/** Counted in packets as they are on the wire: a sender's own recording shows what its card has yet to cut. */
export interface DirectionCounts {
  /** Segments with data that passed for the first time. */
  segments: number;
  /** Of these, sent again because they had got lost; those that were only thought lost are not counted (RFC 3522). */
  lost: number;
  /** Filled a hole sooner than a sender can have heard of it (RFC 4737: behind a later one). */
  reordered: number;
  /** Passed twice with one identification: copied on the way, or recorded twice. */
  copies: number;
}

interface Outstanding {
  readonly from: number;
  readonly end: number;
  readonly sentNs: number;
  readonly sizeBytes: number;
  readonly stampValue: number | null;
  readonly ipId: number;
  /** How much of it was sent again. */
  againBytes: number;
  /** TSval of the last time it was sent again; undefined where it was not. */
  againStamp: number | null | undefined;
}

interface Hole {
  readonly from: number;
  readonly to: number;
  readonly sinceNs: number;
}

/** More holes at a time are an attack or no TCP. */
const MOST_HOLES = 1024;
/** No window holds more segments. */
const MOST_OUTSTANDING = 65_536;
/** Of a packet of 1,500 bytes with time stamps. */
const USUAL_PAYLOAD_BYTES = 1448;
const WRAP = 2 ** 32;

export class TcpDirection {
  readonly counts: DirectionCounts = { segments: 0, lost: 0, reordered: 0, copies: 0 };
  readonly samples: RoundTripSample[] = [];
  /** Of each segment with data: when it passed and how long its IP packet was; those sent again left out. */
  readonly passed: { readonly atNs: number; readonly sizeBytes: number; readonly payloadBytes: number }[] = [];
  #next: number | null = null;
  readonly #holes: Hole[] = [];
  readonly #outstanding: Outstanding[] = [];

  /** `patienceNs`: a sender cannot hear of a hole sooner than this. */
  takeData(atNs: number, packet: CapturedTcp, patienceNs: number): void {
    const { payloadBytes, sizeBytes, stampValue, ipId } = packet;
    if (payloadBytes === 0) return;
    const from = this.#unwrap(packet.sequence);
    const end = from + payloadBytes;
    const next = this.#next ?? from;
    this.#next = Math.max(next, end);
    if (from >= next) {
      if (from > next && this.#holes.length < MOST_HOLES) this.#holes.push({ from: next, to: from, sinceNs: atNs });
      this.#pass(atNs, packet);
      this.#outstanding.push({
        from,
        end,
        sentNs: atNs,
        sizeBytes,
        stampValue,
        ipId,
        againBytes: 0,
        againStamp: undefined,
      });
      // Where only one direction was recorded nothing is ever acknowledged.
      if (this.#outstanding.length > MOST_OUTSTANDING) this.#outstanding.splice(0, MOST_OUTSTANDING / 2);
      return;
    }
    const hole = this.#holes.findIndex((each) => each.from < end && from < each.to);
    if (hole >= 0) this.#fill(hole, { from, end, atNs, patienceNs }, packet);
    else this.#repeat(from, end, packet);
  }

  /** A segment of the other side that acknowledges this one. */
  takeAcknowledgment(atNs: number, { acknowledgment, stampEcho }: CapturedTcp): void {
    const ack = this.#unwrap(acknowledgment);
    let count = 0;
    while (count < this.#outstanding.length && (this.#outstanding[count]?.end ?? Infinity) <= ack) count += 1;
    const covered = this.#outstanding.splice(0, count);
    for (const segment of covered) {
      // The echo of the first stamp shows that the first one had arrived (Eifel, RFC 3522).
      const isSpurious = segment.againStamp !== undefined && stampEcho !== null && stampEcho === segment.stampValue;
      if (segment.againStamp !== undefined && !(isSpurious && segment.stampValue !== segment.againStamp)) {
        this.counts.lost += countPackets(segment.againBytes);
      }
    }
    const newest = covered.at(-1);
    // Karn: an acknowledgement of what was sent twice tells no time; nor one that waited for a hole to be filled.
    if (newest === undefined || covered.some(({ againStamp }) => againStamp !== undefined)) return;
    this.samples.push({ sentNs: newest.sentNs, acknowledgedNs: atNs, sizeBytes: newest.sizeBytes });
  }

  /** Nearest to the highest number seen. */
  #unwrap(sequence: number): number {
    if (this.#next === null) return sequence;
    const turns = Math.round((this.#next - sequence) / WRAP);
    return sequence + turns * WRAP;
  }

  #pass(atNs: number, { sizeBytes, payloadBytes }: CapturedTcp): void {
    this.counts.segments += countPackets(payloadBytes);
    this.passed.push({ atNs, sizeBytes, payloadBytes });
  }

  /** Never seen here: late, or lost before the recording point and sent again. */
  #fill(
    index: number,
    filler: { readonly from: number; readonly end: number; readonly atNs: number; readonly patienceNs: number },
    packet: CapturedTcp,
  ): void {
    const hole = this.#holes[index];
    if (hole === undefined) return;
    const { from, end, atNs, patienceNs } = filler;
    const rest = [
      { ...hole, to: Math.max(hole.from, from) },
      { ...hole, from: Math.min(hole.to, end) },
    ].filter((part) => part.to > part.from);
    this.#holes.splice(index, 1, ...rest);
    this.#pass(atNs, packet);
    const packets = countPackets(packet.payloadBytes);
    if (atNs - hole.sinceNs < patienceNs) this.counts.reordered += packets;
    else this.counts.lost += packets;
  }

  #repeat(from: number, end: number, { stampValue, ipId }: CapturedTcp): void {
    for (const segment of this.#outstanding) {
      if (segment.end <= from) continue;
      if (segment.from >= end) break;
      const bytes = Math.min(end, segment.end) - Math.max(from, segment.from);
      if (ipId !== 0 && ipId === segment.ipId) {
        this.counts.copies += countPackets(bytes);
        continue;
      }
      segment.againBytes = Math.min(segment.end - segment.from, segment.againBytes + bytes);
      segment.againStamp = stampValue;
    }
  }
}

function countPackets(payloadBytes: number): number {
  return Math.ceil(payloadBytes / USUAL_PAYLOAD_BYTES);
}
