// Every packet of an examination as load faults look at it: one row for each direction in which its fate is known, in the order of
// sending, all traces joined. How the rows are made of traces is in collect-load-rows.ts.

/** Where a row was watched: there and back where nobody tells the directions apart, else each by itself. */
export const LEG = { round: 0, forward: 1, reverse: 2 } as const;
export type Leg = (typeof LEG)[keyof typeof LEG];

/**
 * Columns of equal length `count`. `timeNs`: when it entered the leg, of `reverse` on the far end's clock, else on ours; both begin
 * with the first trace. `waitNs`: round trip beyond the least of its size, ns; NaN where lost or not stamped.
 */
export interface LoadRows {
  readonly count: number;
  readonly leg: Uint8Array;
  readonly timeNs: Float64Array;
  readonly frameBytes: Float64Array;
  readonly isLost: Uint8Array;
  /** 1 for packets paced one by one. */
  readonly isLight: Uint8Array;
  /** 1 for those and for bursts too short to fill any queue: each of them tells something of its own. */
  readonly isSparse: Uint8Array;
  readonly waitNs: Float64Array;
  /** 1 for packets of odd sizes and marks: they take their share of a limit, and what became of them is told by other signatures. */
  readonly isMute: Uint8Array;
  /** 1 where the packet may as well have been lost on the other leg: only how many were lost on which is known. */
  readonly isGuessed: Uint8Array;
  /** On our clock: when the request left (NaN of what the far end sent by itself), and when its answer came or would have come. */
  readonly nearNs: Float64Array;
  readonly backNs: Float64Array;
  /** Time that the far end took to answer, by its own stamps, or took for the one before where an answer is missing; 0 without stamps. */
  readonly residenceNs: Float64Array;
  /** Index of the trace, and the row in it; rows of a far train count behind those of its trace. */
  readonly trace: Uint16Array;
  readonly row: Uint32Array;
  readonly lost: number;
  /** The least round trip as a line over the IP length. */
  readonly floor: DelayFloor;
  /** What a round trip takes where no other packet is met. */
  readonly usual: UsualRoundTrip;
}

export interface DelayFloor {
  readonly leastNs: number;
  /** 0 where all packets are of one size. */
  readonly nsPerByte: number;
}

export interface UsualRoundTrip {
  /** As a line over the IP length, without the far end's own time where that is known. */
  readonly fixedNs: number;
  readonly nsPerByte: number;
  /** Half of the middle half's width about the line: noise of stamps and hosts, queues. */
  readonly spreadNs: number;
  /** By how much packets sent alone took longer than the line, or less: in ascending order, ns. */
  readonly waitsNs: Float64Array;
  /** Of each trace that is known to be quicker, how much: hosts and ports that are kept awake answer sooner. */
  readonly quickerNs: ReadonlyMap<number, number>;
}
