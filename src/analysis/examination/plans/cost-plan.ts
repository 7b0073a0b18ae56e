// What an examination will cost, told before its first packet: what it is held to, and what it usually comes to.
import type { CostPlan, Depth, ExaminationRequest } from '../../../model/examination.js';
import type { PathDescription } from '../../../model/path.js';
import { BITS_PER_BYTE } from '../../../model/units.js';
import { MAX_PACKETS } from './allowance.js';
import type { PhaseName } from '../knowledge.js';
import { selectPhases } from '../phases/phases-by-quantity.js';

type Usual = readonly [bytes: number, seconds: number, packets: number];
const NONE: Usual = [0, 0, 0];

/**
 * Medians of each phase over paths of 3-500 Mb/s and 0.3-50 ms without fault, on the simulator; what is missing does not run at
 * that depth on most of them. `maximum` fills the path: what it costs is its rate's business, and its bound is told instead.
 */
const USUAL: Readonly<Record<Depth, Readonly<Partial<Record<PhaseName, Usual>>>>> = {
  quick: {
    reach: [1e3, 0.13, 6],
    delay: [13e3, 1, 120],
    mtu: [6e3, 0.11, 21],
    rate: [30e3, 0.05, 20],
    sizes: [28e3, 0.3, 35],
    classes: [3e3, 0.15, 30],
    capacity: [0.71e6, 0.2, 470],
  },
  normal: {
    reach: [1e3, 0.13, 6],
    delay: [34e3, 2.6, 320],
    mtu: [6e3, 0.11, 21],
    rate: [30e3, 0.05, 20],
    sizes: [79e3, 0.8, 98],
    classes: [6e3, 0.23, 50],
    spacing: [38e3, 0.64, 360],
    mixture: [137e3, 0.3, 144],
    capacity: [1.06e6, 0.4, 700],
    available: [0.76e6, 1.6, 500],
  },
  deep: {
    reach: [1e3, 0.13, 6],
    delay: [159e3, 15, 1500],
    mtu: [6e3, 0.11, 21],
    rate: [30e3, 0.07, 20],
    sizes: [227e3, 2.3, 280],
    classes: [23e3, 0.83, 200],
    spacing: [53e3, 0.87, 504],
    mixture: [137e3, 0.3, 144],
    capacity: [4.1e6, 3, 2700],
    available: [1.5e6, 3, 970],
    loaded: [4.4e6, 2.6, 3500],
  },
};

/** Of the load, where only capacity is asked for: it spares nothing for other quantities. */
const CAPACITY_ALONE: Readonly<Record<Depth, Usual>> = {
  quick: [0.75e6, 0.2, 500],
  normal: [1.6e6, 0.5, 1060],
  deep: [6.3e6, 3.5, 4200],
};

/** `most` holds whatever the path is like; with a share of the link it is that of the port until the narrow link is known. */
export function planExamination(request: ExaminationRequest, { port }: PathDescription): CostPlan {
  const { depth, maxBytes, maxSeconds, maxLinkShare } = request;
  const speed = port.speedBitsPerSec;
  const ofLink =
    maxLinkShare === undefined || speed === null ? Infinity : (maxLinkShare * speed * maxSeconds) / BITS_PER_BYTE;
  const most = { packets: MAX_PACKETS, bytes: Math.floor(Math.min(maxBytes, ofLink)), seconds: maxSeconds };
  const phases = selectPhases(request.quantity);
  const fillsPath = phases.includes('maximum') || (request.quantity !== null && phases.includes('loaded'));
  if (fillsPath) return { most, likely: most };
  const isAlone = request.quantity === 'capacity';
  const usual = phases.map((phase) =>
    isAlone && phase === 'capacity' ? CAPACITY_ALONE[depth] : (USUAL[depth][phase] ?? NONE),
  );
  const sumOf = (pick: (cost: Usual) => number): number => usual.reduce((sum, cost) => sum + pick(cost), 0);
  const likely = {
    packets: sumOf(([, , packets]) => packets),
    bytes: sumOf(([bytes]) => bytes),
    seconds: sumOf(([, seconds]) => seconds),
  };
  return {
    most,
    likely: {
      packets: Math.min(most.packets, likely.packets),
      bytes: Math.min(most.bytes, likely.bytes),
      seconds: Math.min(most.seconds, likely.seconds),
    },
  };
}
