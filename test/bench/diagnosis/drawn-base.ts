// A path without a fault, drawn from wide ranges: what every drawn fault is put into, and what must not raise an alarm by itself.
// Its own ranges and seeds; nothing here is shared with what the signatures were calibrated on.
import type { Random } from '../../../src/model/random.js';
import type { LinkMode, PortFacts } from '../../../src/model/path.js';
import { BITS_PER_BYTE, NS_PER_MS, NS_PER_SEC, NS_PER_US } from '../../../src/model/units.js';
import type {
  CrossTrafficModel,
  FarEndModel,
  HopModel,
  PathModel,
  ProbeModel,
  StampModel,
} from '../../../src/simulator/path-model.js';

export const ENDS = ['echo', 'stamp', 'two boxes'] as const;
/** What answers: an echo, a stateless view of both directions by STAMP, or a box of ours that sends trains on request. */
export type Ends = (typeof ENDS)[number];

/** A path in parts, so that a fault can be put at one place. The narrow hop is the middle one of each direction. */
export interface DrawnBase {
  readonly ends: Ends;
  readonly portBitsPerSec: number;
  /** Rate of the narrow hop there and back. */
  readonly rateBitsPerSec: number;
  readonly narrow: HopModel;
  readonly narrowBack: HopModel;
  /** Before and behind the narrow hop, as the packets of the probe meet them. */
  readonly before: readonly HopModel[];
  readonly behind: readonly HopModel[];
  readonly probe: ProbeModel;
  readonly far: FarEndModel;
}

const PORT_RATES = [100e6, 1e9, 1e9, 10e9];
const MBIT = 1e6;
/** Frames on the wire of Ethernet: preamble, header, FCS and gap. */
export const WIRE_OVERHEAD_BYTES = 38;

/** Every order of magnitude equally often. */
export function drawLog(random: Random, least: number, most: number): number {
  return least * (most / least) ** random.uniform();
}

export function drawBetween(random: Random, least: number, most: number): number {
  return least + (most - least) * random.uniform();
}

export function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[Math.floor(random.uniform() * items.length)] ?? items[0];
}

const fullDuplex = (speedBitsPerSec: number): LinkMode => ({ speedBitsPerSec, duplex: 'full' });

export function describePort(speedBitsPerSec: number): PortFacts {
  const modes = [10e6, 100e6, 1e9, 10e9].filter((rate) => rate <= speedBitsPerSec).map(fullDuplex);
  return {
    name: 'sim0',
    mtuBytes: 1500,
    linkUp: true,
    speedBitsPerSec,
    duplex: 'full',
    autoNegotiation: true,
    supportedModes: modes,
    advertisedModes: modes,
    partnerModes: modes,
  };
}

/** What a home gateway, a switch or a provider's queue holds: 15 to 80 ms at its rate, at least ten full frames. */
export function drawQueueBytes(random: Random, rateBitsPerSec: number): number {
  const queueNs = drawLog(random, 15 * NS_PER_MS, 80 * NS_PER_MS);
  return Math.max(15_140, (rateBitsPerSec * queueNs) / (BITS_PER_BYTE * NS_PER_SEC));
}

export function drawEthernetHop(random: Random, rateBitsPerSec: number): HopModel {
  return {
    rateBitsPerSec,
    propagationNs: drawLog(random, 50, 5 * NS_PER_US),
    queueBytes: Math.max(128_000, rateBitsPerSec / 400),
    overheadBytes: WIRE_OVERHEAD_BYTES,
  };
}

export interface BaseChoice {
  /** Bounds of the narrow hop's rate; without them 2 Mb/s to 1 Gb/s. */
  readonly rates?: readonly [least: number, most: number];
  readonly ends?: Ends;
  /** Without other people's traffic, jitter and the like. */
  readonly isQuiet?: boolean;
}

export function drawBase(random: Random, choice: BaseChoice = {}): DrawnBase {
  const [least, most] = choice.rates ?? [2 * MBIT, 1000 * MBIT];
  const rateBitsPerSec = drawLog(random, least, most);
  const portBitsPerSec = pick(random, [PORT_RATES[0] ?? 1e9, ...PORT_RATES.slice(1)]);
  const oneWayNs = drawLog(random, 50 * NS_PER_US, 60 * NS_PER_MS);
  const stamp: StampModel = { noiseNs: drawLog(random, 20, 8 * NS_PER_US), granularityNs: 1 };
  const ends = choice.ends ?? pick(random, ENDS);
  const rate = Math.min(rateBitsPerSec, portBitsPerSec * 0.98);
  const drawNarrow = (): HopModel => ({
    rateBitsPerSec: rate,
    propagationNs: oneWayNs,
    queueBytes: drawQueueBytes(random, rate),
    ...(choice.isQuiet === true ? {} : drawLife(random)),
  });
  const between = (): HopModel[] =>
    Array.from({ length: Math.floor(drawBetween(random, 0, 3)) }, () =>
      drawEthernetHop(random, Math.max(rate * 1.5, drawLog(random, 1e9, 10e9))),
    );
  return {
    ends,
    portBitsPerSec,
    rateBitsPerSec: rate,
    narrow: drawNarrow(),
    narrowBack: drawNarrow(),
    before: between(),
    behind: between(),
    probe: {
      port: describePort(portBitsPerSec),
      stampSource: 'kernel',
      txStamp: stamp,
      rxStamp: stamp,
      sendLateness: { floorNs: 500, meanExtraNs: drawLog(random, 500, 5 * NS_PER_US) },
    },
    far: describeFar(random, ends, stamp),
  };
}

/** Other people's packets up to half of the link, and a little jitter: a path in use. */
function drawLife(random: Random): Pick<HopModel, 'crossTraffic' | 'jitter'> {
  const crossTraffic =
    random.uniform() < 0.5 ? { crossTraffic: drawTraffic(random, drawBetween(random, 0.02, 0.5)) } : {};
  const jitter =
    random.uniform() < 0.3
      ? { jitter: { meanNs: drawLog(random, 5 * NS_PER_US, 0.5 * NS_PER_MS), keepsOrder: true } }
      : {};
  return { ...crossTraffic, ...jitter };
}

export function drawTraffic(random: Random, share: number): CrossTrafficModel {
  const sizeBytes = [
    { sizeBytes: 64, share: drawBetween(random, 0.2, 1) },
    { sizeBytes: 1500, share: drawBetween(random, 0.2, 1) },
  ];
  if (random.uniform() < 0.5) return { share, sizeBytes };
  return {
    kind: 'on-off',
    share,
    sizeBytes,
    peakShare: drawBetween(random, Math.max(0.6, share * 1.2), 1),
    meanOnNs: drawLog(random, 2 * NS_PER_MS, 100 * NS_PER_MS),
    periods: pick(random, ['exponential', 'pareto']),
  };
}

function describeFar(random: Random, ends: Ends, stamp: StampModel): FarEndModel {
  const processing = {
    floorNs: drawLog(random, 2 * NS_PER_US, 50 * NS_PER_US),
    meanExtraNs: drawLog(random, 200, 5 * NS_PER_US),
  };
  if (ends === 'echo') return { kind: 'echo', processing };
  return {
    kind: 'stamp',
    processing,
    stamp,
    stampSource: 'kernel',
    clockOffsetNs: drawBetween(random, -5e9, 5e9),
    clockDriftPpm: drawBetween(random, -30, 30),
    sends: ends === 'two boxes',
  };
}

/** The whole path from the port to the far end and back. */
export function joinPath(base: DrawnBase, changes: Partial<PathModel> = {}): PathModel {
  const { narrow, narrowBack, before, behind, probe, far, portBitsPerSec } = base;
  const port: HopModel = {
    rateBitsPerSec: portBitsPerSec,
    propagationNs: 500,
    queueBytes: 2_000_000,
    overheadBytes: WIRE_OVERHEAD_BYTES,
  };
  return {
    probe,
    forward: [port, ...before, narrow, ...behind],
    far,
    reverse: [...behind.toReversed(), narrowBack, ...before.toReversed(), port],
    ...changes,
  };
}
