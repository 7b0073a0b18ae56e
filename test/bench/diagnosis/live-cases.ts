// Drawn faults as stages of the path emulator, for real packets in real time: the part of the bench's faults that a path in user
// space can have, at rates that it carries.
import { UsageError } from '../../../src/model/errors.js';
import type { Random } from '../../../src/model/random.js';
import type { CaseTruth } from './drawn-case.js';
import { drawBetween, drawLog, pick } from './drawn-base.js';

export interface LiveCase extends CaseTruth {
  /** In the order in which packets of the near end meet them; the words stand in test/live/emulator. */
  readonly stages: readonly string[];
}

type DrawLiveCase = (random: Random) => LiveCase;

const ENDS = ['echo', 'two boxes'] as const;
const MBIT = 1e6;
const FULL_FRAME_BITS = 1514 * 8;

interface DrawnLine {
  readonly rateBitsPerSec: number;
  readonly stage: string;
}

/** A link of 5 to 200 Mb/s, 0.2 to 30 ms there and as many back, with a queue of 15 to 80 ms. */
function drawLine(random: Random, options: { readonly most?: number; readonly load?: number } = {}): DrawnLine {
  const rateBitsPerSec = drawLog(random, 5 * MBIT, options.most ?? 200 * MBIT);
  const delayUs = drawLog(random, 100, 15_000);
  const queueBytes = Math.max(15_140, (rateBitsPerSec / 8) * drawLog(random, 0.015, 0.08));
  const load = options.load === undefined ? '' : ` load=${options.load.toFixed(3)}`;
  const words = `rate=${Math.round(rateBitsPerSec)} delay=${delayUs.toFixed(0)}u queue=${Math.round(queueBytes)}`;
  return { rateBitsPerSec, stage: `link ${words}${load}` };
}

/** One stage behind a drawn line. */
function drawFaultyLine(
  random: Random,
  truth: Pick<CaseTruth, 'conditions' | 'harmless'>,
  describeStage: (line: DrawnLine) => string,
): LiveCase {
  const line = drawLine(random);
  return { ends: pick(random, ENDS), ...truth, stages: [line.stage, describeStage(line)] };
}

function drawMedium(random: Random, near: 'half' | 'full', far: 'half' | 'full'): readonly string[] {
  const rate = pick(random, ['10M', '100M', '100M']);
  const delayNs = drawLog(random, 30, 1000);
  const behindUs = drawLog(random, 100, 15_000);
  return [
    `medium rate=${rate} near=${near} far=${far} delay=${(delayNs / 1000).toFixed(3)}u`,
    `link rate=1G delay=${behindUs.toFixed(0)}u`,
  ];
}

const RATIO_DIGITS = 6;

const LIVE_CASES: Readonly<Record<string, DrawLiveCase>> = {
  healthy: (random) => ({ ends: pick(random, ENDS), conditions: [], stages: [drawLine(random).stage] }),

  'light loss': (random) =>
    drawFaultyLine(
      random,
      { conditions: [], harmless: ['random-loss'] },
      () => `loss ratio=${drawLog(random, 1e-5, 6e-4).toFixed(RATIO_DIGITS)}`,
    ),

  jittery: (random) =>
    drawFaultyLine(
      random,
      { conditions: [], harmless: ['wireless-hop'] },
      () => `wander mean=${drawLog(random, 300, 5000).toFixed(0)}u`,
    ),

  busy: (random) => ({
    ends: pick(random, ENDS),
    conditions: [],
    harmless: ['congestion'],
    stages: [drawLine(random, { most: 100 * MBIT, load: drawBetween(random, 0.2, 0.6) }).stage],
  }),

  'hub, half duplex': (random) => ({
    ends: pick(random, ENDS),
    conditions: [],
    harmless: ['half-duplex'],
    stages: drawMedium(random, 'half', 'half'),
  }),

  'duplex mismatch, near side half': (random) => ({
    ends: pick(random, ENDS),
    conditions: ['duplex-mismatch'],
    halfSide: 'near',
    stages: drawMedium(random, 'half', 'full'),
  }),

  'duplex mismatch, far side half': (random) => ({
    ends: pick(random, ENDS),
    conditions: ['duplex-mismatch'],
    halfSide: 'far',
    stages: drawMedium(random, 'full', 'half'),
  }),

  'random loss': (random) =>
    drawFaultyLine(
      random,
      { conditions: ['random-loss'] },
      () => `loss ratio=${drawLog(random, 0.006, 0.2).toFixed(RATIO_DIGITS)}`,
    ),

  'bursty loss': (random) =>
    drawFaultyLine(random, { conditions: ['bursty-loss'] }, () => {
      const run = drawLog(random, 3, 20);
      return `loss ratio=${drawLog(random, 0.01, 0.1).toFixed(RATIO_DIGITS)} run=${run.toFixed(1)}`;
    }),

  'bit errors': (random) =>
    drawFaultyLine(random, { conditions: ['media-errors'] }, () => {
      const perBit = -Math.log1p(-drawLog(random, 0.02, 0.4)) / FULL_FRAME_BITS;
      return `loss errors=${perBit.toFixed(12)}`;
    }),

  'machine that counts packets': (random) =>
    drawFaultyLine(
      random,
      { conditions: ['packet-rate-limit'], harmless: ['asymmetric-rate'] },
      ({ rateBitsPerSec }) => {
        const perSecond = (rateBitsPerSec / FULL_FRAME_BITS) * drawBetween(random, 0.15, 0.6);
        return `packets rate=${Math.round(perSecond)} queue=${Math.round(drawLog(random, 10, 150))}`;
      },
    ),

  policer: (random) =>
    drawFaultyLine(random, { conditions: ['policer'], harmless: ['asymmetric-rate'] }, ({ rateBitsPerSec }) => {
      const rate = Math.max(2 * MBIT, rateBitsPerSec * drawBetween(random, 0.1, 0.7));
      return `bucket rate=${Math.round(rate)} burst=${Math.round(drawLog(random, 8e3, 200e3))}`;
    }),

  shaper: (random) =>
    drawFaultyLine(random, { conditions: ['shaper'], harmless: ['asymmetric-rate'] }, ({ rateBitsPerSec }) => {
      const rate = Math.max(2 * MBIT, rateBitsPerSec * drawBetween(random, 0.1, 0.7));
      const queueBytes = Math.max(15_140, (rate / 8) * drawLog(random, 0.03, 0.09));
      const burstBytes = drawLog(random, 16e3, 200e3);
      return `bucket rate=${Math.round(rate)} burst=${Math.round(burstBytes)} queue=${Math.round(queueBytes)}`;
    }),

  bufferbloat: (random) => {
    const rate = drawLog(random, 1 * MBIT, 20 * MBIT);
    const delayUs = drawLog(random, 100, 15_000);
    const queueBytes = (rate / 8) * drawLog(random, 0.6, 3);
    const stage = `link rate=${Math.round(rate)} delay=${delayUs.toFixed(0)}u queue=${Math.round(queueBytes)}`;
    return { ends: pick(random, ENDS), conditions: ['bufferbloat'], stages: [stage] };
  },

  // Nothing fragments in a layer-2 path: what is too long is lost whatever DF says.
  'switch that drops long frames': (random) =>
    drawFaultyLine(
      random,
      { conditions: ['mtu-mismatch'] },
      () => `size most=${Math.round(drawBetween(random, 1000, 1495))}`,
    ),

  reordering: (random) =>
    drawFaultyLine(random, { conditions: ['reordering'], harmless: ['wireless-hop'] }, () => {
      const byUs = drawLog(random, 1000, 5000);
      return `wander detour=${drawLog(random, 0.03, 0.3).toFixed(3)} by=${byUs.toFixed(0)}u`;
    }),

  duplication: (random) =>
    drawFaultyLine(
      random,
      { conditions: ['duplication'] },
      () => `copy ratio=${drawLog(random, 0.01, 0.3).toFixed(RATIO_DIGITS)}`,
    ),
};

/** Healthy ones first. */
export const LIVE_KINDS: readonly string[] = Object.keys(LIVE_CASES);

/** @throws UsageError for a kind that is none. */
export function drawLiveCase(kind: string, random: Random): LiveCase {
  const draw = LIVE_CASES[kind];
  if (draw === undefined) throw new UsageError('usage.argument', `no kind of live case is called "${kind}"`);
  return draw(random);
}
