// In which order a job examines its targets: where a budget did not suffice for all, those that were left out come first the next
// time. Pure.
import type { MonitorTarget } from '../../model/monitor.js';
import type { Outcome } from './heavy-work.js';

/** In the order of the configuration, but beginning with `first`; undefined or gone: with the first one there is. */
export function planTurns(targets: readonly MonitorTarget[], first: string | undefined): readonly MonitorTarget[] {
  const at = Math.max(
    0,
    targets.findIndex(({ name }) => name === first),
  );
  return [...targets.slice(at), ...targets.slice(0, at)];
}

/** Who had no turn, of outcomes in their order: the one to begin with the next time. Undefined where all had one, whatever came of it. */
export function findLeftOut(outcomes: readonly (readonly [target: string, outcome: Outcome])[]): string | undefined {
  return outcomes.find(([, outcome]) => outcome.kind === 'not-run' && outcome.cause !== 'failed')?.[0];
}
