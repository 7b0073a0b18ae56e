// A network path as data: what stands between the probe and the far end, each way. The physics is in the other files.
import type { PortFacts } from '../model/path.js';
import type { StampSource } from '../model/trace.js';

export type LossModel =
  /** Each packet by itself, with this probability. */
  | { readonly kind: 'bernoulli'; readonly lossRatio: number }
  /**
   * Two states that change before each packet (Gilbert 1960, Elliott 1963). Mean stay in the bad state: 1 / badToGood packets.
   */
  | {
      readonly kind: 'gilbert';
      readonly goodToBad: number;
      readonly badToGood: number;
      readonly goodLossRatio: number;
      readonly badLossRatio: number;
    };

/** A token bucket before a link. Tokens are bytes of frames: IP length and the hop's overhead. It starts full. */
export type TokenBucketModel =
  /** Holds back what finds no tokens, up to `queueBytes`. */
  | {
      readonly kind: 'shaper';
      readonly rateBitsPerSec: number;
      readonly burstBytes: number;
      readonly queueBytes: number;
    }
  /** Drops what finds no tokens. */
  | { readonly kind: 'policer'; readonly rateBitsPerSec: number; readonly burstBytes: number };

/** Other people's packets on a link: Poisson arrivals of one size. */
export interface CrossTrafficModel {
  /** Share of the link's rate that it offers, 0 ≤ share < 1. */
  readonly share: number;
  /** IP length of its packets. */
  readonly sizeBytes: number;
}

/** Exponential extra delay behind the link. */
export interface JitterModel {
  readonly meanNs: number;
  /** True: a packet never overtakes the one before it, as in one queue. False: they travel independently. */
  readonly keepsOrder: boolean;
}

/** One store-and-forward hop: token bucket, queue, link, propagation, in this order. */
export interface HopModel {
  /** Rate at which bits leave, > 0. */
  readonly rateBitsPerSec: number;
  readonly propagationNs: number;
  /** Frames that may wait, the one being sent not counted; a frame that does not fit is dropped (drop tail). */
  readonly queueBytes: number;
  /**
   * Bytes a packet takes beside its IP length. Without it 14, an Ethernet header, as Linux queueing disciplines count; on the
   * wire of real Ethernet it is 38 (preamble 8, header 14, FCS 4, gap 12).
   */
  readonly overheadBytes?: number;
  readonly loss?: LossModel;
  readonly tokenBucket?: TokenBucketModel;
  readonly jitter?: JitterModel;
  readonly crossTraffic?: CrossTrafficModel;
  /** Largest IP packet; without it any size passes. With `sendsMessage` the hop says so when it drops a request for its size. */
  readonly mtu?: { readonly bytes: number; readonly sendsMessage: boolean };
}

/** A delay of at least `floorNs` with an exponential rest of mean `meanExtraNs`. */
export interface DelayModel {
  readonly floorNs: number;
  readonly meanExtraNs: number;
}

/** How true stamps are: Gaussian noise, then rounding to a multiple of `granularityNs` (0: none). */
export interface StampModel {
  readonly noiseNs: number;
  readonly granularityNs: number;
}

/** What answers. It serves one packet at a time, so that a slow one limits the packet rate. */
export type FarEndModel =
  /** Sends the same bytes back. */
  | { readonly kind: 'echo'; readonly processing: DelayModel }
  /** Answers with a short packet whatever came, as a closed UDP port does. */
  | { readonly kind: 'small-reply'; readonly processing: DelayModel; readonly replySizeBytes: number }
  /** A stateful STAMP reflector: its stamps T2 and T3 on its own clock, and its own sequence numbers. */
  | {
      readonly kind: 'stamp';
      readonly processing: DelayModel;
      readonly stamp: StampModel;
      readonly stampSource: StampSource;
      /** Its clock minus the probe's. */
      readonly clockOffsetNs: number;
    }
  /** Never answers. */
  | { readonly kind: 'silent' };

export interface ProbeModel {
  readonly port: PortFacts;
  readonly stampSource: StampSource;
  readonly txStamp: StampModel;
  readonly rxStamp: StampModel;
  /** How much later than planned a packet is handed to the port. */
  readonly sendLateness: DelayModel;
}

/**
 * `forward[0]` is the probe's own port and its link: T1 is taken when a packet begins to leave there, and what its queue
 * refuses is a local drop, not a loss. `reverse` runs from the far end back to the probe. Neither is empty.
 */
export interface PathModel {
  readonly probe: ProbeModel;
  readonly forward: readonly HopModel[];
  readonly far: FarEndModel;
  readonly reverse: readonly HopModel[];
}
