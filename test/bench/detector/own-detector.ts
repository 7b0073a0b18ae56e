// Our detector over a drawn series: whole minutes as the server judges them, learning included.
import { applyLearning } from '../../../src/analysis/baseline/decision.js';
import { judgeMinute } from '../../../src/analysis/baseline/judge-minute.js';
import { startTargetWatch } from '../../../src/analysis/baseline/target-watch.js';
import type { HourNorm } from '../../../src/model/hour-norm.js';
import type { Incident } from '../../../src/model/incident.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';

/** Incidents in the order of their opening, each as it was opened. */
export function judgeSeries(summaries: Iterable<PeriodSummary>): Incident[] {
  const opened: Incident[] = [];
  let watch = startTargetWatch('line');
  let norms: readonly HourNorm[] = [];
  for (const summary of summaries) {
    const target = { name: 'line', thresholds: 'learn' } as const;
    const judged = judgeMinute(watch, { summary, target, norms, timeZone: 'UTC' });
    watch = judged.watch;
    norms = applyLearning(norms, judged.decisions);
    for (const decision of judged.decisions) {
      if (decision.kind === 'incident' && decision.event?.kind === 'opened') opened.push(decision.incident);
    }
  }
  return opened;
}
