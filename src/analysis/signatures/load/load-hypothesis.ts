// What every load fault is made of: it sorts the packets into classes and says how many of each class are lost. The likelihood of
// what was seen, and the probability, are computed elsewhere and in the same way for all.
import type { Condition, Evidence, Finding } from '../../../model/report.js';
import type { Observations } from '../observations.js';
import type { Brim } from './buckets/brim.js';
import type { LoadRows } from './rows/load-rows.js';
import type { BucketPattern } from './buckets/played-bucket.js';

/** `healthy` is the absence of a fault: next to nothing is lost but what our own trains made a queue drop. */
export type LoadCondition = Extract<
  Condition,
  | 'healthy'
  | 'random-loss'
  | 'media-errors'
  | 'bursty-loss'
  | 'congestion'
  | 'policer'
  | 'shaper'
  | 'packet-rate-limit'
  | 'duplex-mismatch'
  | 'overlong-half-duplex'
  | 'unknown'
>;

/** A setting of a hypothesis's parameters, as names and figures that its finding can tell. */
export type Parameters = Readonly<Record<string, number>>;

export interface Reading {
  /** Expected loss ratio of each class, 0-1, both excluded. */
  readonly lossRatios: readonly number[];
  /** Of each class what `Partition.firmness` is for all; that one counts without it. */
  readonly firmnessOf?: readonly number[];
  /**
   * ln of its share of the hypothesis's prior, plus ln of the likelihood of what it says beyond losses (delays, rates), against
   * a path on which that is by chance.
   */
  readonly logWeight: number;
  readonly direction: Finding['direction'];
  readonly parameters: Parameters;
}

/** Rows sorted into classes, and one or several readings of what is lost of them. */
export interface Partition {
  /** Class of each row of the evidence. */
  readonly classOf: Uint8Array | Uint16Array;
  readonly classes: number;
  /** Class of all packets of trains by leg, where each leg has one for them: they are then counted once for many partitions. */
  readonly trainClasses?: readonly number[];
  /** How many packets' worth an expected ratio weighs: Infinity where the packets are lost independently of each other. */
  readonly firmness: number;
  readonly readings: readonly Reading[];
}

/**
 * `full` for who tells what is wrong; `sketch` for who only asks which experiment tells most next: of neighbouring settings one, as odds
 * between faults hardly depend on what lies between.
 */
export type Detail = 'full' | 'sketch';

export interface LoadEvidence {
  readonly detail: Detail;
  readonly rows: LoadRows;
  readonly observations: Observations;
  /** Token buckets that would have dropped about what was lost, best first: a policer's, or a queue's. */
  readonly buckets: readonly BucketPattern[];
  /** The queues that our own packets make at the narrow link, by what it carries and by what others leave of it. */
  readonly backlogs: readonly BucketPattern[];
  /** Of each row what it waited or, where lost, would have waited in a queue, ns. */
  readonly fillNs: Float64Array;
  /** Of each row 1 where no queue can have dropped it. */
  readonly isDry: Uint8Array;
  /** Where queues were seen full, whatever made them so. */
  readonly brims: readonly Brim[];
}

/**
 * What our own trains made a healthy queue drop: class of each row (`findBucketClass`), 0 where the queue had room. The others
 * say little else.
 */
export type Overflow = Uint8Array;

export interface LoadHypothesis {
  readonly condition: LoadCondition;
  /**
   * Two faults at once are one of `scattered` and one of `limit`; two of one family nobody could tell apart. Those `alone` lose packets in
   * so many ways that a second fault beside them would always fit a little better.
   */
  readonly family: 'scattered' | 'limit' | 'alone';
  /** What must have been lost for it to be told of: packets sent one at a time, packets that met others, or any. */
  readonly needs: 'paced' | 'met' | 'any';
  /** Whether its partitions depend on which packets of sparse rows overflowed something. */
  readonly heedsOverflow?: true;
  /** How common the fault is among examined paths, relative to the others. */
  readonly prior: number;
  partition(evidence: LoadEvidence, overflow: Overflow): readonly Partition[];
  /** Loss ratio, 0-1, that an experiment would show at this setting. */
  expectLoss(parameters: Parameters, experiment: Experiment): number;
  /** null for what is no finding. */
  describe: ((explained: Explained) => FindingParts) | null;
}

/** Packets that could be sent next, evenly paced and no faster than the path carries. */
export interface Experiment {
  readonly name: 'two-way' | 'two-way-small' | 'same-pace' | 'alone' | 'dense';
  /** IP length. */
  readonly sizeBytes: number;
  readonly packets: number;
  readonly intervalNs: number;
  /** Whether most of them meet answers to earlier ones. */
  readonly isTwoWay: boolean;
}

/** A hypothesis at its most probable setting, with what was seen of each of its classes. */
export interface Explained {
  readonly evidence: LoadEvidence;
  readonly partition: Partition;
  readonly reading: Reading;
  /** All settings with the ln of their weight, for what is told of several. */
  readonly rivals: readonly { readonly reading: Reading; readonly log: number }[];
  readonly sent: readonly number[];
  readonly lost: readonly number[];
  /** More than 0 where a queue of our own, or a limit told beside it, may have dropped the row: its loss is no evidence. */
  readonly otherwise: Overflow;
}

export type FindingParts = Pick<Finding, 'severity' | 'where' | 'evidence' | 'advice'> &
  Partial<Pick<Finding, 'halfSide' | 'direction'>> & { readonly evidence: readonly Evidence[] };
