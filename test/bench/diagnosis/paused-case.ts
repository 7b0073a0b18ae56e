// The same path where the probe's machine, the target's or both stand still now and then, as guests of a busy hypervisor do: nothing of
// that is a fault of the path.
import type { Random } from '../../../src/model/random.js';
import { NS_PER_MS } from '../../../src/model/units.js';
import type { PauseModel } from '../../../src/simulator/path-model.js';
import type { DrawnCase } from './drawn-case.js';
import { drawLog } from './drawn-base.js';

export function addPauses(drawn: DrawnCase, random: Random): DrawnCase {
  const who = Math.floor(random.uniform() * 3);
  const { model } = drawn;
  const { probe, far } = model;
  return {
    ...drawn,
    model: {
      ...model,
      probe: who === 1 ? probe : { ...probe, pauses: drawPauses(random) },
      far: who === 0 || far.kind === 'silent' ? far : { ...far, pauses: drawPauses(random) },
    },
    // True of the machines; both harm nobody.
    harmless: [...(drawn.harmless ?? []), 'slow-target', 'probe-limited'],
  };
}

function drawPauses(random: Random): PauseModel {
  const leastNs = drawLog(random, 0.2 * NS_PER_MS, 1.5 * NS_PER_MS);
  return { perSec: drawLog(random, 0.5, 12), leastNs, mostNs: leastNs * drawLog(random, 1.1, 4) };
}
