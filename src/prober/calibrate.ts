// Runs a calibration over a prober: what its port can do, learned from packets and not from a data sheet.
import { estimatePortAbilities } from '../analysis/calibration/port-abilities.js';
import type { MeasuredAbilities } from '../analysis/calibration/port-abilities.js';
import { CALIBRATION_PARTS, planBudget, planCalibration } from '../analysis/calibration/calibration-plan.js';
import type { CalibrationPart } from '../analysis/calibration/calibration-plan.js';
import { CanceledError } from '../model/errors.js';
import type { PathDescription, Prober } from '../model/path.js';
import type { Cost } from '../model/sequence.js';
import type { Trace } from '../model/trace.js';

export interface Calibration {
  readonly path: PathDescription;
  /** null where the target did not answer enough. */
  readonly abilities: MeasuredAbilities | null;
  readonly cost: Cost;
}

/** Closes the prober in every case. @throws CanceledError on abort: half a calibration is none. */
export async function calibrate(prober: Prober, signal: AbortSignal): Promise<Calibration> {
  const traces = new Map<CalibrationPart, Trace>();
  let { packets, bytes } = prober.openingCost;
  try {
    for (const part of CALIBRATION_PARTS) {
      const sequence = planCalibration(prober.path, part);
      const trace = await prober.run(sequence, { signal, budget: planBudget(sequence) });
      if (trace.interrupted) throw new CanceledError();
      traces.set(part, trace);
      packets += trace.cost.packets;
      bytes += trace.cost.bytes;
    }
  } finally {
    await prober.close();
  }
  const all = Object.fromEntries(traces) as Record<CalibrationPart, Trace>;
  return { path: prober.path, abilities: estimatePortAbilities(all), cost: { packets, bytes } };
}
