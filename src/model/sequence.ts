// What to send: a sequence of test packets as data. How it becomes instants is the sequencer's schedule;
// how it leaves a port is the prober's business.

/**
 * A pattern of packets. Sizes are IP packet lengths in bytes (header included, link header not), so that they
 * compare with an MTU. `gapNs` is from the start of one packet to the start of the next; 0 means back to back.
 * `spacingNs` is from the last packet of one burst to the first of the next.
 */
export type Pattern =
  | { readonly kind: 'single'; readonly sizeBytes: number }
  | { readonly kind: 'isochronous'; readonly count: number; readonly intervalNs: number; readonly sizeBytes: number }
  | {
      readonly kind: 'poisson';
      readonly count: number;
      readonly meanIntervalNs: number;
      readonly sizeBytes: number;
      readonly seed: number;
    }
  | {
      readonly kind: 'train';
      readonly trains: number;
      readonly packetsPerTrain: number;
      readonly gapNs: number;
      readonly spacingNs: number;
      readonly sizeBytes: number;
    }
  | { readonly kind: 'pair'; readonly pairs: number; readonly spacingNs: number; readonly sizeBytes: number }
  | {
      readonly kind: 'chirp';
      readonly chirps: number;
      readonly packetsPerChirp: number;
      /** First and largest gap; each next gap is divided by `spreadFactor` (> 1). */
      readonly firstGapNs: number;
      readonly spreadFactor: number;
      readonly spacingNs: number;
      readonly sizeBytes: number;
    }
  | {
      /** `repeats` rounds; each round holds every size once, in an order shuffled by `seed`. */
      readonly kind: 'size-sweep';
      readonly sizesBytes: readonly number[];
      readonly repeats: number;
      readonly intervalNs: number;
      readonly seed: number;
    }
  | {
      /** Bursts whose packets take the given sizes in this order, back to back. */
      readonly kind: 'mixed-burst';
      readonly bursts: number;
      readonly sizesBytes: readonly number[];
      readonly spacingNs: number;
    }
  | {
      /** Bursts long enough that the replies to the first packets meet the last ones on the wire. */
      readonly kind: 'two-way-burst';
      readonly bursts: number;
      readonly packetsPerBurst: number;
      readonly gapNs: number;
      readonly spacingNs: number;
      readonly sizeBytes: number;
    };

export type PatternKind = Pattern['kind'];

export interface Sequence {
  /** What it is for, `[a-z0-9-]{1,32}`: "reach", "delay", "trains-2". Shown as progress. */
  readonly id: string;
  readonly pattern: Pattern;
  /** Differentiated services code point, 0-63. */
  readonly dscp: number;
  readonly dontFragment: boolean;
  /** How long to wait for replies after the last packet left, ns. */
  readonly lingerNs: number;
}

/** Nothing may send more than this. A sequence that would exceed it is refused before its first packet. */
export interface Budget {
  readonly maxPackets: number;
  /** Bytes of Ethernet frames sent, FCS and preamble not counted. */
  readonly maxBytes: number;
}

export interface Cost {
  readonly packets: number;
  readonly bytes: number;
}

/** A pattern turned into instants: one row a packet, offsets from the first packet in ns, never decreasing. */
export interface Schedule {
  readonly count: number;
  readonly offsetNs: Float64Array;
  readonly sizeBytes: Uint16Array;
  /** Index of the burst (train, pair, chirp, round) a packet belongs to, from 0. */
  readonly burst: Uint32Array;
  /** Position inside that burst, from 0. */
  readonly position: Uint32Array;
}
