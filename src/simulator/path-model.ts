// A network path as data: what stands between the probe and the far end, each way. The physics is in the other files.
import type { AddressConflict, NeighbourFacts } from '../model/link-evidence.js';
import type { PortAbilities, PortFacts } from '../model/path.js';
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
    }
  /** Each bit of a frame by itself is received wrong with this probability, so that long frames are lost more often. */
  | { readonly kind: 'bit-errors'; readonly bitErrorRatio: number }
  /** Bursts of noise break every frame that is on the link at the time. Both lengths are exponential. */
  | { readonly kind: 'noise-bursts'; readonly meanGapNs: number; readonly meanBurstNs: number };

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

/** Packets of one IP length among others, `share` of their number (in any unit: the shares of a mix are compared). */
export interface PacketShare {
  readonly sizeBytes: number;
  readonly share: number;
}

interface TrafficShare {
  /** Share of the hop's lasting rate (link, token bucket or slots) that it offers on average, 0 ≤ share < 1. */
  readonly share: number;
  /** IP length of its packets, or a mix of lengths. */
  readonly sizeBytes: number | readonly PacketShare[];
}

/** Packets that come independently of each other. */
export interface PoissonTrafficModel extends TrafficShare {
  readonly kind?: 'poisson';
}

/** Bursts: packets at a constant rate for a while, then none for a while. */
export interface OnOffTrafficModel extends TrafficShare {
  readonly kind: 'on-off';
  /** What it offers while it is on, in the unit of `share` and above it; more than 1 where it comes in faster than the hop sends. */
  readonly peakShare: number;
  readonly meanOnNs: number;
  /** How lengths of on and of off periods are distributed. `pareto`: shape 1.5, cut at 1000 times the shortest. */
  readonly periods: 'exponential' | 'pareto';
}

/** Other people's packets, which pass the token bucket and the queue of a hop as ours do. */
export type CrossTrafficModel = PoissonTrafficModel | OnOffTrafficModel;

/**
 * A link that is granted slots (Wi-Fi, cable, mobile): what waits at the begin of a slot goes together, up to the grant, and
 * arrives together when the grant's air time at `rateBitsPerSec` is over. A part of a grant that a long frame leaves is added
 * to the next one while frames wait.
 */
export interface SlotModel {
  readonly periodNs: number;
  /** Bytes of frames a slot carries, so that the lasting rate is grantBytes · 8 / periodNs. */
  readonly grantBytes: number;
  /** Share of slots whose content must be sent again, and what each time adds; what follows waits (delivery in order). */
  readonly retransmission?: { readonly ratio: number; readonly delayNs: number };
}

/** What a hop does to traffic classes (DSCP · 4 + ECN) of packets that leave it. */
export type RemarkModel =
  /** By table; a class that it does not name passes unchanged. */
  | { readonly kind: 'map'; readonly to: Readonly<Record<number, number>> }
  | { readonly kind: 'clear-dscp' }
  | { readonly kind: 'clear-ecn' };

/** Exponential extra delay behind the link. */
export interface JitterModel {
  readonly meanNs: number;
  /** True: a packet never overtakes the one before it, as in one queue. False: they travel independently. */
  readonly keepsOrder: boolean;
}

/** One store-and-forward hop: token bucket, queue, link, propagation, in this order. */
export interface HopModel {
  /** Rate at which bits leave, > 0; in a slotted link within a slot. */
  readonly rateBitsPerSec: number;
  readonly propagationNs: number;
  /** Frames that may wait, the one being sent not counted; a frame that does not fit is dropped (drop tail). */
  readonly queueBytes: number;
  /**
   * `fifo` (without it): one queue. `fair`: one a flow, served in turn by bytes (deficit round robin), other traffic being a flow
   * of its own; what does not fit is dropped from the longest. Not with `slots`; a token bucket before it is still one queue.
   */
  readonly queueing?: 'fifo' | 'fair';
  readonly slots?: SlotModel;
  /**
   * Bytes a packet takes beside its IP length. Without it 14, an Ethernet header, as Linux queueing disciplines count; on the
   * wire of real Ethernet it is 38 (preamble 8, header 14, FCS 4, gap 12).
   */
  readonly overheadBytes?: number;
  readonly loss?: LossModel;
  /** A processor before the token bucket that takes the same time for each packet, fragments counted, whatever its length. */
  readonly packetLimit?: { readonly packetsPerSec: number; readonly queuePackets: number };
  /** A filter before all else that lets no fragments pass. */
  readonly dropsFragments?: true;
  readonly tokenBucket?: TokenBucketModel;
  readonly jitter?: JitterModel;
  readonly crossTraffic?: CrossTrafficModel;
  /**
   * Largest IP packet; without it any size passes. With `sendsMessage` the hop tells the sender when it drops a packet for its size; of a reply the far end
   * is told, not the probe. A switch (`dropsWhole`) neither tells nor fragments: it drops what is too long, whatever DF says.
   */
  readonly mtu?: { readonly bytes: number; readonly sendsMessage: boolean; readonly dropsWhole?: true };
  readonly remark?: RemarkModel;
  /** Share of packets that arrive twice, the copy right behind. */
  readonly duplicationRatio?: number;
  /** Share of packets that take a way longer by `delayNs` behind the link, so that those sent within this time overtake them. */
  readonly detour?: { readonly ratio: number; readonly delayNs: number };
  /** From virtual time `atNs` on packets behind the link take another way, longer by these; both may be negative. */
  readonly routeChange?: { readonly atNs: number; readonly extraDelayNs: number; readonly extraHops: number };
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
  /** A NIC with one register for stamps: until the driver has read it, this long, frames get none. */
  readonly readoutNs?: number;
}

/**
 * Frames that share one interrupt and its stamp: it comes `windowNs` after the first of them, or with number `maxFrames` if that is
 * earlier.
 */
export interface CoalescingModel {
  readonly windowNs: number;
  readonly maxFrames: number;
}

/** The most that a port or its machine moves, whichever is reached first. Bits count frames (IP length + 14). */
export interface RateCeiling {
  readonly packetsPerSec: number;
  readonly bitsPerSec: number;
}

/**
 * Stops of a whole machine, as where a hypervisor gives its processor to others: neither sends nor takes in what comes, nor stamps it,
 * before it goes on. They come independently of each other; every length between the two, by logarithm, is as likely.
 */
export interface PauseModel {
  readonly perSec: number;
  readonly leastNs: number;
  readonly mostNs: number;
}

interface AnsweringModel {
  readonly processing: DelayModel;
  readonly pauses?: PauseModel;
  /** Answers no more than this, as Linux limits ICMP; requests beyond it are dropped. The burst is saved up in silence. */
  readonly replyLimit?: { readonly packetsPerSec: number; readonly burstPackets: number };
  /** Share of requests over which it is busy with something else for a while, Pareto distributed with shape 1.5. */
  readonly stalls?: { readonly ratio: number; readonly meanNs: number };
  /** Sleeps for the last `sleepNs` of each period; what comes meanwhile waits until it wakes. */
  readonly sleep?: { readonly periodNs: number; readonly sleepNs: number };
}

/** Sends the same bytes back, in the traffic class in which they came. */
export interface EchoModel extends AnsweringModel {
  readonly kind: 'echo';
}

/** Answers with a short packet whatever came, as a closed UDP port does. */
export interface SmallReplyModel extends AnsweringModel {
  readonly kind: 'small-reply';
  readonly replySizeBytes: number;
}

/**
 * A stateful STAMP reflector: its stamps T2 and T3 on its own clock, its own sequence numbers and the class in which the request
 * came. Replies carry the DSCP with which the request was sent (the class-of-service TLV of RFC 8972 asks for it), and no ECN.
 */
export interface StampReflectorModel extends AnsweringModel {
  readonly kind: 'stamp';
  readonly stamp: StampModel;
  readonly stampSource: StampSource;
  /** Its clock minus the probe's, at virtual time 0. */
  readonly clockOffsetNs: number;
  /** How much faster its clock runs than the probe's. */
  readonly clockDriftPpm?: number;
  /** Standard deviation of the change of that in a second (random walk of frequency). */
  readonly clockWanderPpm?: number;
  readonly coalescing?: CoalescingModel;
  /** Whether it performs `Sequence.farPattern`. */
  readonly sends?: boolean;
}

/** What answers. It serves one packet at a time, so that a slow one limits the packet rate. */
export type FarEndModel =
  | EchoModel
  | SmallReplyModel
  | StampReflectorModel
  /** Never answers. */
  | { readonly kind: 'silent' };

export interface ProbeModel {
  readonly port: PortFacts;
  readonly stampSource: StampSource;
  readonly txStamp: StampModel;
  readonly rxStamp: StampModel;
  /** How much later than planned a packet is handed to the port. */
  readonly sendLateness: DelayModel;
  /** What it hands over at most; what is planned faster comes later. */
  readonly sendCeiling?: RateCeiling;
  /** What it takes in at most; what finds the ring full is lost and counted. */
  readonly receiveCeiling?: RateCeiling & { readonly ringFrames: number };
  readonly coalescing?: CoalescingModel;
  readonly pauses?: PauseModel;
  /** What a calibration of this port would have found; without it the port was never calibrated. */
  readonly abilities?: PortAbilities;
  /** What the other end of the cable says of itself; without it nobody does. */
  readonly neighbour?: NeighbourFacts;
  /** VLANs of tagged frames that come in though nothing takes them. */
  readonly taggedVlanIds?: readonly number[];
  readonly addressConflict?: AddressConflict;
  /** Address resolution finds nobody, so that nothing can be sent. */
  readonly hasNoNextHop?: true;
  /** Whether its driver counts errors. What broke on the last hop of the way back is counted, and what its station met. */
  readonly countsErrors?: true;
}

/**
 * A link whose directions are one medium, by IEEE 802.3 at 10 or 100 Mb/s: `forward[forwardHop]` and `reverse[reverseHop]` are the
 * queues of its near and its far station, with the same rate, propagation and `overheadBytes` 38. Stations of which one is half
 * and the other full duplex are a mismatch; both full, they do not disturb each other. No `slots` and no `queueing` there.
 */
export interface SharedLinkModel {
  readonly forwardHop: number;
  readonly reverseHop: number;
  readonly near: 'half' | 'full';
  readonly far: 'half' | 'full';
  /** What a third station sends to others on the same hub, half duplex; `crossTraffic` of the two hops passes the two stations. */
  readonly others?: CrossTrafficModel;
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
  readonly sharedLink?: SharedLinkModel;
}
