// Bursts of equal packets at an equal gap: what train, pair and two-way-burst have in common.
import type { EmitPacket } from './expansion.js';

export interface EvenBursts {
  readonly bursts: number;
  readonly packetsPerBurst: number;
  readonly gapNs: number;
  /** From the last packet of a burst to the first of the next. */
  readonly spacingNs: number;
  readonly sizeBytes: number;
}

export function expandEvenBursts(shape: EvenBursts, emit: EmitPacket): void {
  const { bursts, packetsPerBurst, gapNs, spacingNs, sizeBytes } = shape;
  const periodNs = (packetsPerBurst - 1) * gapNs + spacingNs;
  for (let burst = 0; burst < bursts; burst += 1) {
    for (let position = 0; position < packetsPerBurst; position += 1) {
      emit({ offsetNs: burst * periodNs + position * gapNs, sizeBytes, burst, position });
    }
  }
}
