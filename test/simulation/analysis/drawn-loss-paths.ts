// Paths of wide ranges for the simulations of load faults: each fault drawn into a path of any rate, delay, far end and direction.
import type { Random } from '../../../src/model/random.js';
import { NS_PER_MS } from '../../../src/model/units.js';
import type { FarEndModel, HopModel, PathModel, SharedLinkModel } from '../../../src/simulator/path-model.js';
import { buildNarrowPath } from './examined-path.js';

export const drawLog = (random: Random, low: number, high: number): number => low * (high / low) ** random.uniform();

interface Ends {
  readonly far: FarEndModel | undefined;
  readonly stampNoiseNs: number;
}

/** An echo, a reflector, or a box that sends trains of its own. */
function drawEnds(random: Random): Ends {
  const stampNoiseNs = drawLog(random, 300, 8e3);
  const kind = Math.floor(random.uniform() * 3);
  if (kind === 0) return { far: undefined, stampNoiseNs };
  const far: FarEndModel = {
    kind: 'stamp',
    processing: { floorNs: 1_500, meanExtraNs: 500 },
    stamp: { noiseNs: stampNoiseNs, granularityNs: 1 },
    stampSource: 'kernel',
    clockOffsetNs: 1e9,
    clockDriftPpm: 20 * (random.uniform() - 0.5),
    sends: kind === 2,
  };
  return { far, stampNoiseNs };
}

/** The same plain link both ways, with `change` on one of them. */
export function drawPath(
  random: Random,
  change: (rateBitsPerSec: number) => Partial<HopModel>,
  { least = 3e6, most = 800e6 }: { readonly least?: number; readonly most?: number } = {},
): PathModel {
  const rateBitsPerSec = drawLog(random, least, most);
  const plain: HopModel = {
    rateBitsPerSec,
    propagationNs: drawLog(random, 0.2, 60) * (NS_PER_MS / 2),
    queueBytes: Math.max(64e3, (rateBitsPerSec / 8) * drawLog(random, 0.01, 0.15)),
  };
  const { far, stampNoiseNs } = drawEnds(random);
  const isForward = random.uniform() < 0.5;
  const changed = { ...plain, ...change(rateBitsPerSec) };
  const path = buildNarrowPath({
    narrow: isForward ? changed : plain,
    stampNoiseNs,
    ...(far === undefined ? {} : { far }),
  });
  return { ...path, reverse: [isForward ? plain : changed] };
}

/** A link of 100 Mb/s, of which both directions are one medium, somewhere on a faster path. */
export function drawSharedPath(
  random: Random,
  stations: Pick<SharedLinkModel, 'near' | 'far'>,
  ends?: 'echo',
): PathModel {
  const path = drawPath(random, () => ({}), { least: 300e6 });
  const drawn = drawEnds(random);
  const far: FarEndModel =
    ends === 'echo' || drawn.far === undefined
      ? { kind: 'echo', processing: { floorNs: 1_500, meanExtraNs: 500 } }
      : drawn.far;
  const station = (): HopModel => ({
    rateBitsPerSec: 100e6,
    propagationNs: drawLog(random, 50, 1e3),
    queueBytes: 200e3,
    overheadBytes: 38,
    crossTraffic: { share: drawLog(random, 1e-3, 0.02), sizeBytes: random.uniform() < 0.5 ? 64 : 1500 },
  });
  const [sender, ...rest] = path.forward;
  if (sender === undefined) return path;
  return {
    ...path,
    far,
    forward: [sender, station(), ...rest],
    reverse: [...path.reverse, station(), { rateBitsPerSec: 1e9, propagationNs: 500, queueBytes: 2e6 }],
    sharedLink: { forwardHop: 1, reverseHop: path.reverse.length, ...stations },
  };
}
