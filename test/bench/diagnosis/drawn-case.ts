// One case of the diagnosis bench: a drawn path and what is true of it.
import type { Random } from '../../../src/model/random.js';
import type { Condition } from '../../../src/model/report.js';
import type { HopModel, PathModel } from '../../../src/simulator/path-model.js';
import { joinPath } from './drawn-base.js';
import type { DrawnBase, Ends } from './drawn-base.js';

/** What is true of a path, and which ends it has. */
export interface CaseTruth {
  readonly ends: Ends;
  /** Empty on a healthy path. */
  readonly conditions: readonly Condition[];
  /** True also of the path and no fault to be alarmed at; telling it is no false alarm. */
  readonly harmless?: readonly Condition[];
  readonly halfSide?: 'near' | 'far';
  /**
   * What these ends cannot tell the fault from by physics, whatever they send (docs/diagnosis.md): decided when the path is drawn. `none`: a path
   * without a fault. The report is to give both.
   */
  readonly inseparableFrom?: Condition | 'none';
}

export interface DrawnCase extends CaseTruth {
  readonly model: PathModel;
}

export type DrawCase = (random: Random) => DrawnCase;

/** The case of a base path, changed in its parts or as a whole. */
export function describeCase(
  base: DrawnBase,
  facts: Omit<DrawnCase, 'ends' | 'model'>,
  changes: Partial<PathModel> = {},
): DrawnCase {
  return { ends: base.ends, model: joinPath(base, changes), ...facts };
}

/** The base with its narrow hop changed there, back, or both ways, at random. */
export function changeNarrow(random: Random, base: DrawnBase, change: Partial<HopModel>): DrawnBase {
  const ways = Math.floor(random.uniform() * 3);
  return {
    ...base,
    narrow: ways === 1 ? base.narrow : { ...base.narrow, ...change },
    narrowBack: ways === 0 ? base.narrowBack : { ...base.narrowBack, ...change },
  };
}
