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
  | {
      /**
       * Trains, and in the pause behind each of them `watchPackets` small ones, each in the middle of an equal part of the pause.
       * Bursts 0 to `trains` − 1 are the trains, burst `trains` + n the packets in the n-th pause.
       */
      readonly kind: 'watched-train';
      readonly trains: number;
      readonly packetsPerTrain: number;
      readonly gapNs: number;
      /** The pause, from the last packet of a train to the first of the next. */
      readonly spacingNs: number;
      readonly sizeBytes: number;
      readonly watchPackets: number;
      readonly watchSizeBytes: number;
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
    }
  | {
      /** `repeats` rounds; each round holds every traffic class (DSCP · 4 + ECN, 0-255) once, in an order shuffled by `seed`. */
      readonly kind: 'class-sweep';
      readonly trafficClasses: readonly number[];
      readonly repeats: number;
      readonly intervalNs: number;
      readonly sizeBytes: number;
      readonly seed: number;
    }
  | {
      /**
       * A steady load with probes beside it. Burst 0 is the load, on flow 0. Burst 1 are probes of the load's own flow, burst 2
       * probes on flow 1, in turn, one each `probeIntervalNs`.
       */
      readonly kind: 'probed-load';
      readonly durationNs: number;
      readonly loadGapNs: number;
      readonly loadSizeBytes: number;
      readonly probeIntervalNs: number;
      readonly probeSizeBytes: number;
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
  /**
   * The run ends before its linger once nothing has come for so long, ns: since the last arrival, and since the last packet left and
   * as long as the first answer took. Where answers came with pauses, or went on to come when all was sent, three of the longest pause
   * or half of that time must pass if that is longer. Without any arrival, and without this, the whole linger is waited for.
   * What is open then is lost, as at the end of the linger.
   */
  readonly quietNs?: number;
  /**
   * What the far end sends to us on its own account, from the arrival of the first packet on. Only where
   * `PathDescription.farSends`; its packets are no replies and have a table of their own, `Trace.farTrain`.
   */
  readonly farPattern?: Pattern;
  /**
   * Packets may leave late where other programs want the processor; their stamps tell when they left. For streams that look for
   * other traffic: exact pacing takes a processor for itself, and a program that sends from the same machine would fall silent.
   */
  readonly yieldsProcessor?: true;
  /**
   * Light packets that go on for long, beside whatever else the port carries: the run waits for no turn on it and takes none.
   * Refused where packets are less than 100 ms apart on average, or larger than 128 bytes.
   */
  readonly runsBeside?: true;
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
  /** IP traffic class: DSCP · 4 + ECN. */
  readonly trafficClass: Uint8Array;
  /** Packets of one flow share addresses, protocol and ports. 0 unless the pattern says otherwise. */
  readonly flow: Uint8Array;
}
