// What a perfect measurement of a path model would say: estimates are compared with it. Knows the model, runs nothing.
import { BITS_PER_BYTE, ETHERNET_HEADER_BYTES, NS_PER_SEC, serialisationNs } from '../model/units.js';
import { computeLastingRate } from './hop-rate.js';
import type { HopLimit } from './hop-rate.js';
import { computeFrameErrorRatio } from './loss-process.js';
import type { HopModel, PathModel } from './path-model.js';

export interface DirectionTruth {
  /**
   * Lasting rate of the narrow link in bits/s of IP packets and their 14-byte Ethernet headers (docs/decisions/0003), for the
   * largest packets that pass.
   */
  readonly capacityBitsPerSec: number;
  /** What limits the narrow link. Of `slots` the rate is a mean over many slots. */
  readonly narrowLimit: HopLimit;
  /** Least over the hops of what other traffic leaves of the lasting rate, in the same unit (RFC 5136). */
  readonly availableBitsPerSec: number;
  /** Mean share of the tight link that other traffic takes, 0-1. */
  readonly utilization: number;
  /**
   * Delay of a frame of no bytes in empty queues, as estimates of propagation count it: at IP length −14, so that the Ethernet
   * header is serialised, not fixed (docs/decisions/0003). Propagation, and what the wire adds to the frames so counted.
   */
  readonly fixedDelayNs: number;
  /** Slope of the same delay over the length of the frame, which is that over the IP length. */
  readonly serialisationNsPerByte: number;
  /** Largest IP packet that passes; null where no hop limits it. */
  readonly mtuBytes: number | null;
  /** Of the largest packets that pass, lost by media; what queues, policers and collisions take depends on the load. */
  readonly lossRatio: number;
}

export interface PathTruth {
  readonly forward: DirectionTruth;
  readonly reverse: DirectionTruth;
}

/** Packets for which a path without an MTU is described. */
const COMMON_MTU_BYTES = 1500;

export function describeTruth({ probe, forward, reverse }: PathModel): PathTruth {
  return {
    forward: describeDirection(forward, probe.port.mtuBytes),
    reverse: describeDirection(reverse, null),
  };
}

function describeDirection(hops: readonly HopModel[], portMtuBytes: number | null): DirectionTruth {
  const mtus = hops.flatMap(({ mtu }) => (mtu === undefined ? [] : [mtu.bytes]));
  const mtuBytes = Math.min(...mtus, portMtuBytes ?? Infinity);
  const largestBytes = Math.min(mtuBytes, COMMON_MTU_BYTES);
  const rates = hops.map((hop) => describeRate(hop, largestBytes));
  const narrow = rates.reduce((a, b) => (b.capacityBitsPerSec < a.capacityBitsPerSec ? b : a));
  const tight = rates.reduce((a, b) => (b.availableBitsPerSec < a.availableBitsPerSec ? b : a));
  return {
    capacityBitsPerSec: narrow.capacityBitsPerSec,
    narrowLimit: narrow.limit,
    availableBitsPerSec: tight.availableBitsPerSec,
    utilization: tight.share,
    fixedDelayNs: hops.reduce((sum, hop) => sum + computeFixedDelayNs(hop), 0),
    serialisationNsPerByte: hops.reduce((sum, hop) => sum + computeNsPerByte(hop), 0),
    mtuBytes: Number.isFinite(mtuBytes) ? mtuBytes : null,
    lossRatio: 1 - hops.reduce((passed, hop) => passed * (1 - computeLossRatio(hop, largestBytes)), 1),
  };
}

interface RateTruth {
  readonly capacityBitsPerSec: number;
  readonly availableBitsPerSec: number;
  readonly limit: HopLimit;
  readonly share: number;
}

function describeRate(hop: HopModel, sizeBytes: number): RateTruth {
  const { rateBitsPerSec, limit: rateLimit } = computeLastingRate(hop);
  const frameBytes = sizeBytes + (hop.overheadBytes ?? ETHERNET_HEADER_BYTES);
  const byRate = (rateBitsPerSec * (sizeBytes + ETHERNET_HEADER_BYTES)) / frameBytes;
  const byPackets = (hop.packetLimit?.packetsPerSec ?? Infinity) * (sizeBytes + ETHERNET_HEADER_BYTES) * BITS_PER_BYTE;
  const capacityBitsPerSec = Math.min(byRate, byPackets);
  const limit = byPackets < byRate ? 'packet-rate' : rateLimit;
  const share = hop.crossTraffic?.share ?? 0;
  return { capacityBitsPerSec, availableBitsPerSec: capacityBitsPerSec * (1 - share), limit, share };
}

/** In a slotted link the least wait is none, and the content of a slot arrives when its air time is over. */
function computeFixedDelayNs({ rateBitsPerSec, propagationNs, overheadBytes, slots, packetLimit }: HopModel): number {
  const linkNs =
    slots === undefined
      ? serialisationNs((overheadBytes ?? ETHERNET_HEADER_BYTES) - ETHERNET_HEADER_BYTES, rateBitsPerSec)
      : Math.min(slots.periodNs, serialisationNs(slots.grantBytes, rateBitsPerSec));
  const processingNs = packetLimit === undefined ? 0 : NS_PER_SEC / packetLimit.packetsPerSec;
  return propagationNs + linkNs + processingNs;
}

function computeNsPerByte({ rateBitsPerSec, slots }: HopModel): number {
  return slots === undefined ? serialisationNs(1, rateBitsPerSec) : 0;
}

/** Of the models with a memory in their stationary state. */
function computeLossRatio({ loss, rateBitsPerSec, overheadBytes }: HopModel, sizeBytes: number): number {
  if (loss === undefined) return 0;
  switch (loss.kind) {
    case 'bernoulli':
      return loss.lossRatio;
    case 'gilbert': {
      const { goodToBad, badToGood, goodLossRatio, badLossRatio } = loss;
      const leaving = goodToBad + badToGood;
      const badShare = leaving > 0 ? goodToBad / leaving : 0;
      return badShare * badLossRatio + (1 - badShare) * goodLossRatio;
    }
    case 'bit-errors':
      return computeFrameErrorRatio(loss.bitErrorRatio, sizeBytes);
    case 'noise-bursts': {
      const { meanGapNs, meanBurstNs } = loss;
      const frameNs = serialisationNs(sizeBytes + (overheadBytes ?? ETHERNET_HEADER_BYTES), rateBitsPerSec);
      // Spared: begun in a gap, and over before the next burst.
      return 1 - (meanGapNs / (meanGapNs + meanBurstNs)) * Math.exp(-frameNs / meanGapNs);
    }
  }
}
