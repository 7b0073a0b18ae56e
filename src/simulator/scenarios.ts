// Named paths to examine without a network: what `apparenet simulate` offers and what tests share. The paths are in scenarios/.
import { UsageError } from '../model/errors.js';
import { findNearestName } from '../model/nearest-name.js';
import type { PathModel } from './path-model.js';
import { CHANGING_PATHS } from './scenarios/changing-paths.js';
import { LIMITED_PATHS } from './scenarios/limited-paths.js';
import { LOSSY_PATHS } from './scenarios/lossy-paths.js';
import { PORT_FAULTS } from './scenarios/port-faults.js';
import { SHARED_LINKS } from './scenarios/shared-links.js';
import { SOUND_PATHS } from './scenarios/sound-paths.js';
import { STRAINED_PATHS } from './scenarios/strained-paths.js';

/** A path model with a name; it can be used wherever a path model can. */
export interface Scenario extends PathModel {
  readonly name: string;
  /** One line for a list of scenarios. */
  readonly description: string;
}

const DEFINITIONS = {
  ...SOUND_PATHS,
  ...LOSSY_PATHS,
  ...STRAINED_PATHS,
  ...LIMITED_PATHS,
  ...CHANGING_PATHS,
  ...SHARED_LINKS,
  ...PORT_FAULTS,
};

export const SCENARIOS: Readonly<Record<string, Scenario>> = Object.fromEntries(
  Object.entries(DEFINITIONS).map(([name, [description, path]]) => [name, { name, description, ...path }]),
);

/** @throws UsageError that suggests the nearest name and lists all. */
export function findScenario(name: string): Scenario {
  const scenario = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (scenario) return scenario;
  const names = Object.keys(SCENARIOS);
  const nearest = findNearestName(name, names);
  const suggestion = nearest === null ? '' : ` Did you mean "${nearest}"?`;
  throw new UsageError('usage.argument', `No scenario "${name}".${suggestion} There are: ${names.join(', ')}.`);
}
