// Paths drawn from the grid that the accuracy bench covers, with what is true of each. Levels are few, so that a table can show
// each of them; every draw takes one level of every dimension, independently.
import type { Random } from '../../../src/model/random.js';
import { ETHERNET_HEADER_BYTES, NS_PER_MS, NS_PER_US, serialisationNs } from '../../../src/model/units.js';
import type { PortFacts } from '../../../src/model/path.js';
import type { FarEndModel, HopModel, PathModel, StampModel } from '../../../src/simulator/path-model.js';
import { describeTruth } from '../../../src/simulator/path-truth.js';

export const CROSS_KINDS = ['none', 'poisson', 'bursty'] as const;

/** One level each. */
export interface Drawing {
  readonly rateBitsPerSec: number;
  readonly rttNs: number;
  readonly cross: (typeof CROSS_KINDS)[number];
  readonly crossShare: number;
  readonly lossRatio: number;
  readonly stampNoiseNs: number;
  /** `both`: it stamps and sends trains of its own, so that both directions are measured; only for the maximum. */
  readonly far: 'echo' | 'stamp' | 'both';
}

export const LEVELS: { readonly [D in keyof Drawing]: readonly Drawing[D][] } = {
  rateBitsPerSec: [1e6, 3e6, 10e6, 30e6, 100e6, 300e6, 1e9],
  rttNs: [0.2 * NS_PER_MS, 2 * NS_PER_MS, 20 * NS_PER_MS, 100 * NS_PER_MS],
  cross: CROSS_KINDS,
  crossShare: [0.1, 0.3, 0.5, 0.7, 0.9],
  lossRatio: [0, 0.001, 0.01, 0.03],
  stampNoiseNs: [20, NS_PER_US, 10 * NS_PER_US, 50 * NS_PER_US],
  far: ['echo', 'stamp'],
};

/** What an estimate should say of a drawn path, in the report's units. */
export interface Truth {
  /** Forward, Ethernet frames without FCS, as decision 0003 counts. */
  readonly capacityBitsPerSec: number;
  readonly availableBitsPerSec: number;
  /** Round trip of a packet without bytes; the far end's own time is in it only where the far end does not stamp. */
  readonly propagationNs: number;
  readonly lossRatio: number;
  /** IP packets of full size that come through, less what is lost behind the narrow link. */
  readonly maximumBitsPerSec: number;
  /** The same of the way back, which loses nothing. */
  readonly maximumBackBitsPerSec: number;
}

export interface DrawnPath {
  readonly drawing: Drawing;
  readonly model: PathModel;
  readonly truth: Truth;
}

export const PORT: PortFacts = {
  name: 'sim0',
  mtuBytes: 1500,
  linkUp: true,
  speedBitsPerSec: 10e9,
  duplex: 'full',
  autoNegotiation: true,
  supportedModes: [],
  advertisedModes: [],
  partnerModes: null,
};

const PROCESSING = { floorNs: 4 * NS_PER_US, meanExtraNs: 1 * NS_PER_US };
const FAST: HopModel = { rateBitsPerSec: 10e9, propagationNs: 2 * NS_PER_US, queueBytes: 20e6 };
/** The queue of the narrow link, as time at its rate: what home gateways and switches have. */
const QUEUE_NS = 100 * NS_PER_MS;
const LEAST_QUEUE_BYTES = 64_000;
/** Many small packets, most bytes in full ones. */
const LARGEST_CROSS_BYTES = 1_500;
const CROSS_SIZES = [
  { sizeBytes: 60, share: 0.4 },
  { sizeBytes: 576, share: 0.2 },
  { sizeBytes: LARGEST_CROSS_BYTES, share: 0.4 },
] as const;
/** Bursts come in faster than the narrow link sends, for some tens of its packets. */
const PEAK_SHARE = 1.5;
const BURST_PACKETS = 20;
const LEAST_BURST_NS = 2 * NS_PER_MS;

/** `isIdle`: without other people's traffic, everything else as it would be. */
export function drawPath(random: Random, isIdle: boolean): DrawnPath {
  const drawing: { -readonly [D in keyof Drawing]: Drawing[D] } = {
    rateBitsPerSec: pick(LEVELS.rateBitsPerSec, random),
    rttNs: pick(LEVELS.rttNs, random),
    cross: pick(LEVELS.cross, random),
    crossShare: pick(LEVELS.crossShare, random),
    lossRatio: pick(LEVELS.lossRatio, random),
    stampNoiseNs: pick(LEVELS.stampNoiseNs, random),
    far: pick(LEVELS.far, random),
  };
  if (isIdle && drawing.far === 'stamp') drawing.far = pick(['stamp', 'both'], random);
  // Without cross traffic its share has no meaning.
  const isQuiet = isIdle || drawing.cross === 'none';
  return buildPath(isQuiet ? { ...drawing, cross: 'none', crossShare: 0 } : drawing);
}

function pick<T>(levels: readonly T[], random: Random): T {
  const level = levels[Math.floor(random.uniform() * levels.length)];
  return level ?? (levels[0] as T);
}

export function buildPath(drawing: Drawing): DrawnPath {
  const { rateBitsPerSec, rttNs, lossRatio } = drawing;
  const queueBytes = Math.max(LEAST_QUEUE_BYTES, (rateBitsPerSec * QUEUE_NS) / 8e9);
  const narrow: HopModel = { rateBitsPerSec, propagationNs: rttNs / 2, queueBytes };
  const back: HopModel = { ...narrow };
  const stamp: StampModel = { noiseNs: drawing.stampNoiseNs, granularityNs: 1 };
  const model: PathModel = {
    probe: {
      port: PORT,
      stampSource: 'kernel',
      txStamp: stamp,
      rxStamp: stamp,
      sendLateness: { floorNs: 500, meanExtraNs: 2 * NS_PER_US },
    },
    forward: [FAST, { ...narrow, ...describeLoss(lossRatio), ...describeCross(drawing) }],
    far: describeFar(drawing, stamp),
    // A far end whose own port is narrow would hide that its trains are faster than the line.
    reverse: drawing.far === 'both' ? [FAST, back, FAST] : [back, FAST],
  };
  return { drawing, model, truth: computeTruth(model) };
}

function computeTruth(model: PathModel): Truth {
  const { forward, reverse } = describeTruth(model);
  const farNs = model.far.kind === 'stamp' ? 0 : PROCESSING.floorNs;
  const { mtuBytes } = PORT;
  const ipShare = mtuBytes / (mtuBytes + ETHERNET_HEADER_BYTES);
  return {
    capacityBitsPerSec: forward.capacityBitsPerSec,
    availableBitsPerSec: forward.availableBitsPerSec,
    propagationNs: forward.fixedDelayNs + reverse.fixedDelayNs + farNs,
    lossRatio: forward.lossRatio,
    maximumBitsPerSec: forward.availableBitsPerSec * (1 - forward.lossRatio) * ipShare,
    maximumBackBitsPerSec: reverse.availableBitsPerSec * ipShare,
  };
}

function describeLoss(lossRatio: number): Pick<HopModel, 'loss'> {
  return lossRatio === 0 ? {} : { loss: { kind: 'bernoulli', lossRatio } };
}

function describeCross({ cross, crossShare: share, rateBitsPerSec }: Drawing): Pick<HopModel, 'crossTraffic'> {
  if (cross === 'none') return {};
  if (cross === 'poisson') return { crossTraffic: { share, sizeBytes: CROSS_SIZES } };
  const packetNs = serialisationNs(LARGEST_CROSS_BYTES, rateBitsPerSec);
  const meanOnNs = Math.max(LEAST_BURST_NS, BURST_PACKETS * packetNs);
  return {
    crossTraffic: {
      kind: 'on-off',
      share,
      sizeBytes: CROSS_SIZES,
      peakShare: PEAK_SHARE,
      meanOnNs,
      periods: 'exponential',
    },
  };
}

function describeFar({ far }: Drawing, stamp: StampModel): FarEndModel {
  if (far === 'echo') return { kind: 'echo', processing: PROCESSING };
  const sends = far === 'both';
  return { kind: 'stamp', processing: PROCESSING, stamp, stampSource: 'kernel', clockOffsetNs: 12_345_678_901, sends };
}
