// A steady load and, beside it, probes in turn on the load's own flow and on another: a queue that is fair to flows hides from
// the first what it does to the second.
import { countProbedLoad } from '../../model/pattern-cost.js';
import type { ExpandPattern, PatternOf } from './expansion.js';

const LOAD_BURST = 0;
const OWN_FLOW_PROBES = 1;
const OTHER_FLOW_PROBES = 2;

export const expandProbedLoad: ExpandPattern<PatternOf<'probed-load'>> = (pattern, emit) => {
  const { loadGapNs, loadSizeBytes, probeIntervalNs, probeSizeBytes } = pattern;
  const { load, probes } = countProbedLoad(pattern);
  let probe = 0;
  const emitProbe = (): void => {
    const burst = probe % 2 === 0 ? OWN_FLOW_PROBES : OTHER_FLOW_PROBES;
    const offsetNs = probe * probeIntervalNs;
    emit({ offsetNs, sizeBytes: probeSizeBytes, burst, position: probe >> 1, flow: probe % 2 });
    probe += 1;
  };
  for (let position = 0; position < load; position += 1) {
    while (probe < probes && probe * probeIntervalNs <= position * loadGapNs) emitProbe();
    emit({ offsetNs: position * loadGapNs, sizeBytes: loadSizeBytes, burst: LOAD_BURST, position });
  }
  while (probe < probes) emitProbe();
};
