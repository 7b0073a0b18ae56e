// Whether later trains belie a token bucket that an earlier one seemed to run dry: more came through than its lasting rate lets pass.
// Then other traffic made the tail slow, and the train is read as one without a bucket.
import { BITS_PER_BYTE, NS_PER_SEC } from '../../../model/units.js';
import type { TrainArrivals } from './train-arrivals.js';
import type { TrainRate } from './train-rate.js';

export interface ReadTrain {
  readonly rate: TrainRate;
  readonly arrivals: TrainArrivals;
  /** The first arrival on a clock that all trains share, ns. */
  readonly firstNs: number;
  /** The same train read without any bucket; null where it gives no rate then. */
  readonly readPlain: () => TrainRate | null;
}

/** A longer tail tells a lasting rate by itself. */
const SHORT_TAIL = 30;
/** The rate of a tail is known no better than this, and where it begins to so many packets. */
const MARGIN = 1.3;
const SPARE_PACKETS = 4;

/**
 * A bucket that ran dry at an instant lets pass at most r·t in the time t behind it, whatever was sent and when. Only short tails
 * are doubted, and only of trains whose packets met a queue: what a policer drops meets none.
 */
export function belieBuckets(trains: readonly ReadTrain[]): readonly TrainRate[] {
  return trains.map((train, i) => {
    const { rate } = train;
    if (!rate.hasKnee || rate.arrivals >= SHORT_TAIL || !passesMore(train, trains.slice(i + 1))) return rate;
    const plain = train.readPlain();
    if (plain?.dispersion?.isBacklogged !== true) return rate;
    const { rateBitsPerSec, relativeHalfWidth } = rate;
    return { ...plain, belied: { rateBitsPerSec, relativeHalfWidth } };
  });
}

function passesMore({ rate, arrivals, firstNs }: ReadTrain, later: readonly ReadTrain[]): boolean {
  const endNs = arrivals.timeNs.at(-1) ?? 0;
  const dryNs = endNs - rate.spanNs;
  let bytes = arrivals.frameBytes.reduce((sum, size, i) => ((arrivals.timeNs[i] ?? 0) > dryNs ? sum + size : sum), 0);
  const bytesPerNs = (MARGIN * rate.rateBitsPerSec * (1 + rate.relativeHalfWidth)) / BITS_PER_BYTE / NS_PER_SEC;
  return later.some((train) => {
    bytes += train.arrivals.frameBytes.reduce((sum, size) => sum + size, 0);
    const ns = train.firstNs + (train.arrivals.timeNs.at(-1) ?? 0) - firstNs - dryNs;
    return bytes > bytesPerNs * ns + SPARE_PACKETS * rate.frameBytes;
  });
}
