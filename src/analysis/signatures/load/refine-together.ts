// Several ways to sort the same packets into classes, made one: packets are in one class where all of them put them in one.
import type { Partition } from './load-hypothesis.js';

/** Each partition with the classes of all of them, and the ratios that it had. Of rows of equal number. */
export function refineTogether(partitions: readonly Partition[]): readonly Partition[] {
  const rows = partitions[0]?.classOf.length ?? 0;
  const classOf = new Uint16Array(rows);
  const numbers = new Map<number, number>();
  const members: number[][] = [];
  for (let i = 0; i < rows; i += 1) {
    const found = partitions.map((partition) => partition.classOf[i] as number);
    const key = found.reduce((before, one, k) => before * (partitions[k]?.classes ?? 1) + one, 0);
    let number = numbers.get(key);
    if (number === undefined) {
      number = members.length;
      numbers.set(key, number);
      members.push(found);
    }
    classOf[i] = number;
  }
  return partitions.map((partition, k) => ({
    classOf,
    classes: members.length,
    firmness: partition.firmness,
    readings: partition.readings.map((reading) => ({
      ...reading,
      lossRatios: members.map((found) => reading.lossRatios[found[k] as number] as number),
    })),
  }));
}
