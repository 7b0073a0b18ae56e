// What the quiet minutes of one hour of a target were like: of such hours its baseline is made. How they are gathered and weighed is
// decided by analysis/baseline; the history keeps them.

/** Of one quantity over the minutes of an hour. Natural logarithms of ns, so that a spread is a ratio. */
export interface Norm {
  /** Median of the minutes. */
  readonly median: number;
  /** 1.4826 · median absolute deviation of the minutes: the standard deviation if they are Gaussian. */
  readonly spread: number;
}

export interface HourNorm {
  readonly target: string;
  /** Begin of the hour, Unix ms. */
  readonly startMs: number;
  /** Minutes that it was made of, at least 20. */
  readonly minutes: number;
  /** Of the minutes' median round-trip times; null where none of them is known. */
  readonly rtt: Norm | null;
  /** Of the minutes' RFC 3550 jitter. */
  readonly jitter: Norm | null;
  /** Packets of these minutes. */
  readonly sent: number;
  readonly lost: number;
  /** Variance of the minutes' losses over that of independent losses, at least 1. */
  readonly burstiness: number;
}
