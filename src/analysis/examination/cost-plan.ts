// What an examination will cost, told before its first packet: what it is held to, and what it usually comes to.
import type { CostPlan, Depth, ExaminationRequest } from '../../model/examination.js';
import type { PathDescription } from '../../model/path.js';
import { BITS_PER_BYTE } from '../../model/units.js';
import type { PhaseName } from './knowledge.js';
import { selectPhases } from './supported-quantities.js';

type Usual = readonly [bytes: number, seconds: number];

/**
 * Medians of each phase over paths of 3-500 Mb/s and 0.3-50 ms without fault, on the simulator; what is missing does not run at
 * that depth on most of them. `maximum` fills the path: what it costs is its rate's business, and its bound is told instead.
 */
const USUAL: Readonly<Record<Depth, Readonly<Partial<Record<PhaseName, Usual>>>>> = {
  quick: {
    reach: [1e3, 0.13],
    delay: [13e3, 1],
    mtu: [6e3, 0.11],
    rate: [30e3, 0.05],
    sizes: [28e3, 0.3],
    classes: [3e3, 0.15],
    capacity: [710e3, 0.2],
  },
  normal: {
    reach: [1e3, 0.13],
    delay: [34e3, 2.6],
    mtu: [6e3, 0.11],
    rate: [30e3, 0.05],
    sizes: [79e3, 0.8],
    classes: [5e3, 0.23],
    spacing: [38e3, 0.64],
    capacity: [1.06e6, 0.3],
    available: [0.76e6, 1.4],
  },
  deep: {
    reach: [1e3, 0.13],
    delay: [159e3, 15],
    mtu: [6e3, 0.11],
    rate: [30e3, 0.07],
    sizes: [227e3, 2.3],
    classes: [21e3, 0.83],
    spacing: [53e3, 0.87],
    capacity: [4.1e6, 2.4],
    available: [1.4e6, 2.9],
    loaded: [4.5e6, 2.1],
  },
};

/** `most` holds whatever the path is like; with a share of the link it is that of the port until the narrow link is known. */
export function planExamination(request: ExaminationRequest, { port }: PathDescription): CostPlan {
  const { depth, maxBytes, maxSeconds, maxLinkShare } = request;
  const speed = port.speedBitsPerSec;
  const ofLink =
    maxLinkShare === undefined || speed === null ? Infinity : (maxLinkShare * speed * maxSeconds) / BITS_PER_BYTE;
  const most = { bytes: Math.floor(Math.min(maxBytes, ofLink)), seconds: maxSeconds };
  const phases = selectPhases(request.quantity);
  const fillsPath = phases.includes('maximum') || (request.quantity !== null && phases.includes('loaded'));
  if (fillsPath) return { most, likely: most };
  const usual = phases.map((phase) => USUAL[depth][phase] ?? ([0, 0] as const));
  const sumOf = (pick: (cost: Usual) => number): number => usual.reduce((sum, cost) => sum + pick(cost), 0);
  return {
    most,
    likely: {
      bytes: Math.min(
        most.bytes,
        sumOf(([bytes]) => bytes),
      ),
      seconds: Math.min(
        most.seconds,
        sumOf(([, seconds]) => seconds),
      ),
    },
  };
}
