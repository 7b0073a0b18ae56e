// How a job of the calendar ended, in a sentence. Pure.
import type { JobResult } from '../../model/calendar.js';
import type { Outcome } from './heavy-work.js';

/** `causes`: why something of it was not run, each once. */
export function describeJob(
  name: string,
  outcomes: readonly (readonly [target: string, outcome: Outcome])[],
): Pick<JobResult, 'outcome' | 'text'> & { readonly causes: readonly string[] } {
  const missing = outcomes.flatMap(([target, outcome]) =>
    outcome.kind === 'not-run' ? [{ target, why: outcome.why, cause: outcome.cause }] : [],
  );
  const causes = [...new Set(missing.map(({ cause }) => cause))].sort();
  const whys = [...new Set(missing.map(({ why }) => why))];
  const [why = 'there is no target'] = whys;
  if (outcomes.length === 0)
    return { outcome: 'not-run', text: `${name}: nothing was examined: ${why}.`, causes: ['no-target'] };
  if (missing.length === 0) return { outcome: 'done', text: `${name}: ${listVerdicts(outcomes)}.`, causes };
  const names = missing.map(({ target }) => target).join(', ');
  const others =
    whys.length > 1 ? ` (and ${whys.length === 2 ? 'another reason' : `${whys.length - 1} other reasons`})` : '';
  return {
    outcome: missing.length === outcomes.length ? 'not-run' : 'partly',
    text: `${name}: ${names} ${missing.length === 1 ? 'was' : 'were'} not examined: ${why}${others}.`,
    causes,
  };
}

/** `2 ok, 1 warning`. */
function listVerdicts(outcomes: readonly (readonly [string, Outcome])[]): string {
  const counts = new Map<string, number>();
  for (const [, outcome] of outcomes) {
    if (outcome.kind === 'done') counts.set(outcome.report.verdict, (counts.get(outcome.report.verdict) ?? 0) + 1);
  }
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
}
