// Links without the one rate that a capacity is: token buckets, whose burst passes faster than anything after it, and slotted links,
// which send in grants. Here an estimate is right if it holds the lasting rate or says what it met; a wrong figure with a small
// interval is the one failure.
import type { Random } from '../../../src/model/random.js';
import { NS_PER_MS } from '../../../src/model/units.js';
import type { HopModel } from '../../../src/simulator/path-model.js';
import { buildPath } from './drawn-path.js';
import type { DrawnPath } from './drawn-path.js';
import { holdsTruth, isClaimed } from './score.js';
import type { Outcome } from './simulated-draw.js';

export const ODD_KINDS = ['shaper', 'policer', 'slotted'] as const;
export type OddKind = (typeof ODD_KINDS)[number];

const PLAIN = { cross: 'none', crossShare: 0, lossRatio: 0, stampNoiseNs: 1_000, far: 'echo' } as const;
const FAST_LINK = 1e9;

export function drawOddPath(kind: OddKind, random: Random): DrawnPath {
  const rateBitsPerSec = drawLog(1e6, 2e8, random);
  const plain = buildPath({ ...PLAIN, rateBitsPerSec, rttNs: drawLog(0.2 * NS_PER_MS, 100 * NS_PER_MS, random) });
  const narrow: HopModel = { ...drawOddHop(kind, rateBitsPerSec, random), propagationNs: plain.drawing.rttNs / 2 };
  const [first, , ...rest] = plain.model.forward;
  // The way back must not be the narrow one.
  const reverse = plain.model.reverse.map((hop) => ({ ...hop, rateBitsPerSec: FAST_LINK }));
  const forward = [first ?? narrow, narrow, ...rest];
  return { ...plain, model: { ...plain.model, forward, reverse } };
}

function drawOddHop(kind: OddKind, rateBitsPerSec: number, random: Random): Omit<HopModel, 'propagationNs'> {
  const queueBytes = Math.max(64_000, rateBitsPerSec * 0.0125);
  const link = { rateBitsPerSec: FAST_LINK, queueBytes };
  if (kind === 'slotted') {
    const periodNs = drawLog(NS_PER_MS, 10 * NS_PER_MS, random);
    return { ...link, slots: { periodNs, grantBytes: (rateBitsPerSec * periodNs) / 8e9 } };
  }
  const burstBytes = Math.round(drawLog(15e3, 2e6, random));
  const bucket = { rateBitsPerSec, burstBytes };
  return {
    ...link,
    tokenBucket: kind === 'shaper' ? { kind, ...bucket, queueBytes } : { kind, ...bucket },
  };
}

/** Every order of magnitude equally often. */
function drawLog(least: number, most: number, random: Random): number {
  return least * (most / least) ** random.uniform();
}

/** Says what it met: a bound by the probe, or the kind of link in words. */
function isNamed({ estimate, limits }: Outcome): boolean {
  return estimate?.limitedBy === 'probe' || limits.some((limit) => /token bucket|slotted|bursts of up to/.test(limit));
}

/** One row a kind. */
export function renderOddLinks(outcomes: ReadonlyMap<OddKind, readonly Outcome[]>): string {
  const rows = [...outcomes].map(([kind, all]) => {
    const share = (part: readonly Outcome[]): string => ((100 * part.length) / all.length).toFixed(1);
    const wrong = all.filter((outcome) => isClaimed(outcome) && !holdsTruth(outcome));
    const unnamed = wrong.filter((outcome) => !isNamed(outcome));
    const named = all.filter(isNamed);
    const cells = [kind, all.length, ...[all.filter(holdsTruth), named, wrong, unnamed].map(share)];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '### capacity of links without one rate',
    '',
    '| link | runs | interval holds the lasting rate % | named % | outside and not called poor % | of these not named % |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
