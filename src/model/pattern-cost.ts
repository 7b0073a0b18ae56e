// What a pattern costs, in closed form: the examination plans with it, the sequencer refuses by it, both must agree.
import { ETHERNET_HEADER_BYTES } from './units.js';
import type { Cost, Pattern } from './sequence.js';

/** Packets and bytes of Ethernet frames (IP length + 14). Its time does not grow with the count. Fields must be in bounds. */
export function computePatternCost(pattern: Pattern): Cost {
  const { packets, ipBytes } = countPattern(pattern);
  return { packets, bytes: ipBytes + packets * ETHERNET_HEADER_BYTES };
}

/** How many packets of the load and of its probes a `probed-load` holds; both begin at 0. */
export function countProbedLoad(pattern: Extract<Pattern, { kind: 'probed-load' }>): { load: number; probes: number } {
  const { durationNs, loadGapNs, probeIntervalNs } = pattern;
  return { load: Math.ceil(durationNs / loadGapNs), probes: Math.ceil(durationNs / probeIntervalNs) };
}

interface PatternCount {
  readonly packets: number;
  /** IP packets without their link headers. */
  readonly ipBytes: number;
}

function countPattern(pattern: Pattern): PatternCount {
  switch (pattern.kind) {
    case 'single':
      return countEqual(1, pattern.sizeBytes);
    case 'isochronous':
    case 'poisson':
      return countEqual(pattern.count, pattern.sizeBytes);
    case 'train':
      return countEqual(pattern.trains * pattern.packetsPerTrain, pattern.sizeBytes);
    case 'watched-train': {
      const packets = pattern.trains * pattern.packetsPerTrain;
      const watch = pattern.trains * pattern.watchPackets;
      return { packets: packets + watch, ipBytes: packets * pattern.sizeBytes + watch * pattern.watchSizeBytes };
    }
    case 'pair':
      return countEqual(2 * pattern.pairs, pattern.sizeBytes);
    case 'chirp':
      return countEqual(pattern.chirps * pattern.packetsPerChirp, pattern.sizeBytes);
    case 'two-way-burst':
      return countEqual(pattern.bursts * pattern.packetsPerBurst, pattern.sizeBytes);
    case 'class-sweep':
      return countEqual(pattern.repeats * pattern.trafficClasses.length, pattern.sizeBytes);
    case 'size-sweep':
      return countRounds(pattern.repeats, pattern.sizesBytes);
    case 'mixed-burst':
      return countRounds(pattern.bursts, pattern.sizesBytes);
    case 'probed-load': {
      const { load, probes } = countProbedLoad(pattern);
      return { packets: load + probes, ipBytes: load * pattern.loadSizeBytes + probes * pattern.probeSizeBytes };
    }
  }
}

function countEqual(packets: number, sizeBytes: number): PatternCount {
  return { packets, ipBytes: packets * sizeBytes };
}

function countRounds(rounds: number, sizesBytes: readonly number[]): PatternCount {
  const roundBytes = sizesBytes.reduce((sum, size) => sum + size, 0);
  return { packets: rounds * sizesBytes.length, ipBytes: rounds * roundBytes };
}
