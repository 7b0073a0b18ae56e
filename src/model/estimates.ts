// What is measured of a path: every figure of a report, with what it is worth. Units stand in the names; null means not known.

/** An estimate with its 95 % interval `low..high`, in the unit its place in the report gives. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly method: string;
  readonly samples: number;
  readonly quality: 'good' | 'fair' | 'poor';
  readonly limitedBy: null | 'probe' | 'noise' | 'samples' | 'target';
}

/** Forward is from the probe to the target. Where directions cannot be told apart, forward holds the round-trip figure. */
export interface Directional<T> {
  readonly forward: T | null;
  readonly reverse: T | null;
}

/** A 95 % interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A 95 % interval. An end is null where the samples set none: more of them, or over a longer time, would. */
export interface OpenInterval {
  readonly low: number | null;
  readonly high: number | null;
}

/** The percentiles and the mean of a long time on this path as it was, ns. The smallest and the largest are facts of the samples. */
export interface DelayIntervals {
  readonly p50Ns: OpenInterval;
  readonly p95Ns: OpenInterval;
  readonly p99Ns: OpenInterval;
  readonly meanNs: OpenInterval;
  /** As many independent samples would tell as much: neighbours in one queue resemble each other. */
  readonly independentSamples: number;
  readonly quality: Estimate['quality'];
}

/** Delay distribution in ns, from all samples. */
export interface DelayEstimate {
  readonly minNs: number;
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
  readonly meanNs: number;
  readonly samples: number;
  readonly intervals: DelayIntervals;
}

/** RFC 3550 interarrival jitter; 99th percentiles of IPDV and PDV (RFC 5481). */
export interface JitterEstimate {
  readonly rfc3550Ns: number;
  readonly ipdvP99Ns: number;
  readonly pdvP99Ns: number;
  /** Of the long run; of `rfc3550Ns` that of its mean, to which the running mean returns, and the figure itself. */
  readonly intervals: {
    readonly rfc3550Ns: OpenInterval;
    readonly ipdvP99Ns: OpenInterval;
    readonly pdvP99Ns: OpenInterval;
  };
}

/** Delay beyond the smallest of the last minutes: what waits in queues. */
export interface QueueingQuantiles {
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
  readonly intervals: DelayIntervals;
}

/** Of the round trip; each direction by itself where the far end stamps, else null. */
export interface QueueingEstimate extends QueueingQuantiles, Directional<QueueingQuantiles> {}

/** How many packets are lost in a row; the longest is a fact of the samples. */
export interface LossRuns {
  readonly meanLength: number;
  readonly maxLength: number;
  readonly intervals: { readonly meanLength: Interval };
}

/** Times in which the path loses, as slots of paced packets see them (BADABING). */
export interface LossEpisodes {
  /** Share of time in an episode. */
  readonly frequency: Estimate;
  /** Mean duration, at least one slot. */
  readonly durationNs: Estimate;
}

/** One row of the table of losses inside our own bursts: packets of one size at one part of a burst. */
export interface LossCell {
  readonly sizeBytes: number;
  /** `alone`: paced one by one. */
  readonly place: 'alone' | 'first' | 'interior' | 'last';
  readonly sent: number;
  readonly lost: number;
}

/** Reordering of packets sent this far apart (RFC 4737); extent in packets. */
export interface ReorderingBySpacing {
  readonly gapNs: number;
  readonly ratio: Estimate;
  /** A fact of the samples: the largest seen. */
  readonly maxExtent: number;
  /** Share of packets that come later still: none was seen, its upper end is what the samples leave possible. */
  readonly beyondExtent: Estimate;
}

/** Largest IP packets that pass without fragmentation. */
export interface MtuEstimate {
  readonly forwardBytes: number;
  /** null where the far end's replies do not tell. */
  readonly reverseBytes: number | null;
  /** Smallest size known to fail in each direction, by loss or by a router's word; null where the largest tried passed. */
  readonly failedBytes: Directional<number>;
  /** Whether a router said so of the forward direction; null where nothing failed there. */
  readonly isAnnounced: boolean | null;
  /** Who said so and which MTU it named (null where it named none); null where nobody did. */
  readonly announcement: { readonly from: string; readonly mtuBytes: number | null } | null;
  /** Whether larger packets pass where they may be fragmented; null where not tried. */
  readonly fragmentsPass: boolean | null;
}

/** What became of one traffic class. Classes are DSCP · 4 + ECN; null where nobody could tell. */
export interface ClassTreatment {
  readonly sent: number;
  /** As it came to the far end, and as the reply came to us. */
  readonly forward: number | null;
  readonly reverse: number | null;
  readonly loss: Estimate;
  readonly medianRttNs: number | null;
}

/** Delay under one kind of load. */
export interface LoadedDelay {
  /** Rate that really passed while the delay was measured. */
  readonly loadBitsPerSec: Directional<number>;
  /** Probes of the load's own flow, and of another; null where none came back. */
  readonly ownFlow: DelayEstimate | null;
  readonly otherFlow: DelayEstimate | null;
  /** 95th percentile under load less the 5th at rest, of the flow that fared worse. */
  readonly increaseNs: number;
  /** What the buffer holds: increase times rate. */
  readonly bufferBytes: number;
  /** 60 s divided by the loaded round trip (median of the flow that fared worse). */
  readonly roundTripsPerMinute: number;
  readonly lossRatio: number;
  readonly intervals: {
    readonly increaseNs: OpenInterval;
    readonly bufferBytes: OpenInterval;
    readonly roundTripsPerMinute: OpenInterval;
    readonly lossRatio: Interval;
  };
}

export interface LoadedEstimate {
  readonly idle: DelayEstimate;
  /** null where that direction could not be loaded. */
  readonly up: LoadedDelay | null;
  readonly down: LoadedDelay | null;
  readonly both: LoadedDelay | null;
}

export interface VoiceEstimate {
  readonly rFactor: number;
  /** Mean opinion score, 1-4.5. */
  readonly mos: number;
  readonly intervals: { readonly rFactor: Interval; readonly mos: Interval };
}

/** Everything null was not measured, or not by this version. Ratios 0-1, rates in bits per second, times in ns. */
export interface Estimates {
  readonly capacity: Directional<Estimate>;
  readonly available: Directional<Estimate>;
  readonly utilization: Directional<Estimate>;
  /** Most that IP packets got through for a second (RFC 9097), IP headers counted. */
  readonly maximum: Directional<Estimate>;
  readonly loss: {
    readonly roundTrip: Estimate | null;
    readonly forward: Estimate | null;
    readonly reverse: Estimate | null;
  };
  readonly lossRuns: LossRuns | null;
  readonly lossEpisodes: LossEpisodes | null;
  readonly lossTable: readonly LossCell[] | null;
  readonly rtt: DelayEstimate | null;
  /** Each direction less its own smallest delay where the clocks share no time; else the delay itself. */
  readonly oneWay: Directional<DelayEstimate> & {
    /** Rate of the far clock against ours, parts per million; null without far stamps. */
    readonly clockSkewPpm: Estimate | null;
    /** Whether the offset between the clocks is known, so that the figures are delays and not differences. */
    readonly isAbsolute: boolean;
  };
  readonly queueing: QueueingEstimate | null;
  readonly propagation: Estimate | null;
  /** Time per byte summed over the store-and-forward hops, ns per byte. */
  readonly serialisation: Estimate | null;
  readonly jitter: JitterEstimate | null;
  readonly reordering: Estimate | null;
  readonly reorderingBySpacing: readonly ReorderingBySpacing[] | null;
  readonly duplication: Estimate | null;
  readonly mtu: MtuEstimate | null;
  readonly dscp: readonly ClassTreatment[] | null;
  /** E-model of ITU-T G.107 for G.711 with this path's delay and loss. */
  readonly voice: VoiceEstimate | null;
  readonly loaded: LoadedEstimate | null;
}
