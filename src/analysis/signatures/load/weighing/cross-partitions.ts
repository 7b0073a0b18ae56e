// Two faults at once as one partition: each class of the one within each class of the other.
import type { Partition, Reading } from '../load-hypothesis.js';
import type { WeighedPart } from './weighed.js';

/** Classes of both; the readings are those of the second, with the first at its best. Of a fault alike on all rows nothing is lost. */
export function crossPartitions(first: WeighedPart, second: Partition): Partition {
  const { classOf: firstOf, classes } = first.partition;
  const classOf = new Uint16Array(second.classOf.length);
  for (let i = 0; i < classOf.length; i += 1) {
    classOf[i] = (second.classOf[i] as number) * classes + (firstOf[i] as number);
  }
  return {
    classOf,
    classes: classes * second.classes,
    firmness: Math.min(first.partition.firmness, second.firmness),
    readings: second.readings.map((reading) => ({
      ...reading,
      lossRatios: crossRatios(reading, first, (ratio, other) => 1 - (1 - ratio) * (1 - other)),
      firmnessOf: crossRatios(reading, first, (ratio, other) =>
        joinFirmness({ ratio, firmness: second.firmness }, { ratio: other, firmness: first.partition.firmness }),
      ),
    })),
  };
}

function crossRatios(
  { lossRatios }: Reading,
  first: WeighedPart,
  join: (ratio: number, other: number) => number,
): readonly number[] {
  return lossRatios.flatMap((ratio) => first.reading.lossRatios.map((other) => join(ratio, other)));
}

interface UnsureRatio {
  readonly ratio: number;
  readonly firmness: number;
}

/**
 * Of 1 − (1 − p)(1 − q) where p and q are known about: a Beta distribution's by its mean and variance. Where one of them loses next to
 * nothing the other is as sure as alone: what a limit lets pass tells a scattered loss exactly, however vaguely it drops the rest.
 */
export function joinFirmness(one: UnsureRatio, other: UnsureRatio): number {
  const varianceOf = ({ ratio, firmness }: UnsureRatio): number => (ratio * (1 - ratio)) / (firmness + 1);
  const mean = 1 - (1 - one.ratio) * (1 - other.ratio);
  const variance = (1 - other.ratio) ** 2 * varianceOf(one) + (1 - one.ratio) ** 2 * varianceOf(other);
  return variance > 0 ? Math.max(0, (mean * (1 - mean)) / variance - 1) : Infinity;
}
