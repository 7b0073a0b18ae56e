// Which conditions of the report hold on a path model: what a perfect diagnosis would name. Knows the model, runs nothing.
import type { LinkMode } from '../model/path.js';
import type { Condition, Finding } from '../model/report.js';
import { BITS_PER_BYTE, NS_PER_SEC, serialisationNs } from '../model/units.js';
import { SLOT_BITS } from './csma-station.js';
import { computeLastingRate } from './hop-rate.js';
import { breaksFrames } from './loss-process.js';
import type { HopModel, PathModel, ProbeModel, SharedLinkModel } from './path-model.js';
import { describeTruth } from './path-truth.js';

export interface PathCondition {
  readonly condition: Condition;
  readonly direction: Finding['direction'];
  /** Only of a duplex mismatch. */
  readonly halfSide?: 'near' | 'far';
  /** It hurts nobody: naming it is right, not naming it is no fault. */
  readonly isHarmless: boolean;
}

/** Below this share of lost packets no service is hurt (ITU-T Y.1541, classes 0 to 4), and of reordered ones none (RFC 8985). */
const HARMLESS_LOSS_RATIO = 1e-3;
const HARMLESS_REORDERING_RATIO = 2e-3;
/** Mean runs above this are bursts: at random runs are hardly longer than one. */
const BURST_PACKETS = 1.5;
const CONGESTED_SHARE = 0.85;
/** A full queue that lasts longer than this ruins talk and video. */
const BLOATED_NS = 0.2 * NS_PER_SEC;
const UNEQUAL_FACTOR = 1.3;
/** A target that takes longer hides the path's own delays. */
const SLOW_NS = 1e6;
/** The shortest frame of Ethernet with preamble and gap, and the usual longest packet. */
const SHORTEST_FRAME_BYTES = 84;
const USUAL_MTU_BYTES = 1500;

/** What one hop does by itself; null if it does not. */
type JudgeHop = (hop: HopModel) => { readonly isHarmless: boolean } | null;

const FAULT = { isHarmless: false };
const HARMLESS = { isHarmless: true };

const HOP_CONDITIONS: readonly (readonly [condition: Condition, judge: JudgeHop])[] = [
  ['random-loss', judgeRandomLoss],
  ['media-errors', ({ loss }) => (loss?.kind === 'bit-errors' && loss.bitErrorRatio > 0 ? FAULT : null)],
  ['bursty-loss', ({ loss }) => (isBursty(loss) ? FAULT : null)],
  [
    'policer',
    ({ tokenBucket: b, rateBitsPerSec: r }) => (b?.kind === 'policer' && b.rateBitsPerSec < r ? FAULT : null),
  ],
  // What was paid for, as a rule.
  [
    'shaper',
    ({ tokenBucket: b, rateBitsPerSec: r }) => (b?.kind === 'shaper' && b.rateBitsPerSec < r ? HARMLESS : null),
  ],
  ['packet-rate-limit', judgePacketLimit],
  ['congestion', ({ crossTraffic }) => ((crossTraffic?.share ?? 0) >= CONGESTED_SHARE ? FAULT : null)],
  ['bufferbloat', (hop) => (computeDrainNs(hop) >= BLOATED_NS ? FAULT : null)],
  ['reordering', judgeReordering],
  ['duplication', ({ duplicationRatio = 0 }) => (duplicationRatio > 0 ? HARMLESS : null)],
  ['dscp-remark', ({ remark }) => (remark !== undefined && remark.kind !== 'clear-ecn' ? HARMLESS : null)],
  ['route-change', ({ routeChange }) => (routeChange === undefined ? null : HARMLESS)],
  ['wireless-hop', ({ slots }) => (slots === undefined ? null : HARMLESS)],
];

/** Empty where nothing is wrong. Each hop is judged by itself: also a queue that the rest of the path never fills. */
export function describeConditions(path: PathModel): PathCondition[] {
  const found = HOP_CONDITIONS.flatMap(([condition, judge]) => judgeDirections(path, condition, judge));
  return [
    ...found,
    ...describeSizeLimits(path),
    ...(path.sharedLink === undefined ? [] : describeSharedLink(path.sharedLink, path)),
    ...describeRates(path),
    ...describeTarget(path),
    ...describeProbe(path),
  ];
}

function judgeDirections({ forward, reverse }: PathModel, condition: Condition, judge: JudgeHop): PathCondition[] {
  const [there, back] = [forward, reverse].map((hops) => hops.map(judge).filter((verdict) => verdict !== null));
  const all = [...(there ?? []), ...(back ?? [])];
  if (all.length === 0) return [];
  const direction = nameDirection((there ?? []).length > 0, (back ?? []).length > 0);
  return [{ condition, direction, isHarmless: all.every(({ isHarmless }) => isHarmless) }];
}

function nameDirection(there: boolean, back: boolean): 'forward' | 'reverse' | 'both' {
  return there && back ? 'both' : there ? 'forward' : 'reverse';
}

function judgeRandomLoss({ loss }: HopModel): { readonly isHarmless: boolean } | null {
  if (loss?.kind === 'gilbert') return isBursty(loss) || loss.goodToBad === 0 ? null : FAULT;
  if (loss?.kind !== 'bernoulli' || loss.lossRatio === 0 || loss.lossRatio === 1) return null;
  return { isHarmless: loss.lossRatio <= HARMLESS_LOSS_RATIO };
}

function isBursty(loss: HopModel['loss']): boolean {
  if (loss?.kind === 'noise-bursts') return true;
  // Mean run of losses: the stay in the bad state, cut by what passes there.
  return (
    loss?.kind === 'gilbert' &&
    loss.goodToBad > 0 &&
    1 / (1 - loss.badLossRatio * (1 - loss.badToGood)) >= BURST_PACKETS
  );
}

/** It limits if the shortest frames come faster over the link. */
function judgePacketLimit({ packetLimit, rateBitsPerSec }: HopModel): { readonly isHarmless: boolean } | null {
  const fastest = rateBitsPerSec / (SHORTEST_FRAME_BYTES * BITS_PER_BYTE);
  return packetLimit !== undefined && packetLimit.packetsPerSec < fastest ? FAULT : null;
}

/** How long its longest queue lasts: that of a shaper, or that of the link or its slots. */
function computeDrainNs(hop: HopModel): number {
  const { tokenBucket: bucket, queueBytes, queueing } = hop;
  const shapedNs = bucket?.kind === 'shaper' ? serialisationNs(bucket.queueBytes, bucket.rateBitsPerSec) : 0;
  const { slots, rateBitsPerSec } = hop;
  const link = computeLastingRate({ rateBitsPerSec, ...(slots && { slots }) });
  return Math.max(shapedNs, queueing === 'fair' ? 0 : serialisationNs(queueBytes, link.rateBitsPerSec));
}

function judgeReordering({ jitter, detour }: HopModel): { readonly isHarmless: boolean } | null {
  if (jitter?.keepsOrder === false) return FAULT;
  if (detour === undefined || detour.ratio === 0) return null;
  return { isHarmless: detour.ratio < HARMLESS_REORDERING_RATIO };
}

/** Without a word by a router: its messages are filtered. By a switch, which never fragments: two lengths on one link. */
function describeSizeLimits({ forward, reverse, probe }: PathModel): PathCondition[] {
  const usualBytes = Math.min(probe.port.mtuBytes, USUAL_MTU_BYTES);
  const silent = [forward, reverse].map((hops) =>
    hops.filter(({ mtu }) => mtu !== undefined && mtu.bytes < usualBytes && !mtu.sendsMessage),
  );
  const [there = [], back = []] = silent;
  if (there.length + back.length === 0) return [];
  const isBySwitch = [...there, ...back].some(({ mtu }) => mtu?.dropsWhole === true);
  const condition = isBySwitch ? 'mtu-mismatch' : 'mtu-black-hole';
  return [{ condition, direction: nameDirection(there.length > 0, back.length > 0), isHarmless: false }];
}

function describeSharedLink({ near, far, forwardHop }: SharedLinkModel, { forward }: PathModel): PathCondition[] {
  if (near !== far) {
    const halfSide = near === 'half' ? 'near' : 'far';
    return [{ condition: 'duplex-mismatch', direction: 'both', halfSide, isHarmless: false }];
  }
  if (near === 'full') return [];
  const { propagationNs = 0, rateBitsPerSec = 1 } = forward[forwardHop] ?? {};
  const isTooLong = 2 * propagationNs > (SLOT_BITS * NS_PER_SEC) / rateBitsPerSec;
  const half: PathCondition = { condition: 'half-duplex', direction: 'both', isHarmless: true };
  return isTooLong ? [{ condition: 'overlong-half-duplex', direction: 'both', isHarmless: false }, half] : [half];
}

function describeRates(path: PathModel): PathCondition[] {
  const { forward, reverse } = describeTruth(path);
  const factor = forward.capacityBitsPerSec / reverse.capacityBitsPerSec;
  if (Math.max(factor, 1 / factor) < UNEQUAL_FACTOR) return [];
  return [{ condition: 'asymmetric-rate', direction: factor < 1 ? 'forward' : 'reverse', isHarmless: true }];
}

function describeTarget({ far, probe, forward, reverse }: PathModel): PathCondition[] {
  const isCut = [...forward, ...reverse].some(({ loss }) => loss?.kind === 'bernoulli' && loss.lossRatio === 1);
  if (far.kind === 'silent' || isCut || probe.hasNoNextHop) {
    return [{ condition: 'unreachable', direction: 'unknown', isHarmless: false }];
  }
  const { processing, stalls, sleep, replyLimit } = far;
  const isSlow =
    processing.floorNs + processing.meanExtraNs >= SLOW_NS || (stalls?.ratio ?? 0) > 0 || sleep !== undefined;
  return [
    ...(isSlow ? [{ condition: 'slow-target', direction: 'unknown', isHarmless: false } as const] : []),
    ...(replyLimit ? [{ condition: 'packet-rate-limit', direction: 'unknown', isHarmless: true } as const] : []),
  ];
}

function describeProbe({ probe, forward, reverse }: PathModel): PathCondition[] {
  const { port, sendCeiling, countsErrors, hasNoNextHop, taggedVlanIds, addressConflict } = probe;
  const found: [condition: Condition, direction: PathCondition['direction'], holds: boolean][] = [
    ['low-negotiation', 'both', (port.speedBitsPerSec ?? Infinity) < findBestRate(probe)],
    ['port-errors', 'reverse', countsErrors === true && breaksFrames(reverse.at(-1)?.loss)],
    ['vlan-mismatch', 'both', hasNoNextHop === true && (port.vlanId !== undefined || taggedVlanIds !== undefined)],
    ['duplicate-address', 'both', addressConflict !== undefined],
    ['probe-limited', 'forward', (sendCeiling?.bitsPerSec ?? Infinity) < (forward[0]?.rateBitsPerSec ?? 0)],
  ];
  return found.flatMap(([condition, direction, holds]) =>
    holds ? [{ condition, direction, isHarmless: condition === 'probe-limited' }] : [],
  );
}

/** The fastest mode that both sides offer; 0 where that is not known. */
function findBestRate({ port }: ProbeModel): number {
  const isShared = (mode: LinkMode): boolean =>
    port.partnerModes?.some(
      ({ speedBitsPerSec, duplex }) => speedBitsPerSec === mode.speedBitsPerSec && duplex === mode.duplex,
    ) === true;
  return Math.max(0, ...port.advertisedModes.filter(isShared).map(({ speedBitsPerSec }) => speedBitsPerSec));
}
