// Minutes of one target written by hand, judged one after the other as the server does it.
import { applyLearning } from '../../../src/analysis/baseline/decision.js';
import type { Decision } from '../../../src/analysis/baseline/decision.js';
import { judgeMinute } from '../../../src/analysis/baseline/judge-minute.js';
import { startTargetWatch } from '../../../src/analysis/baseline/target-watch.js';
import type { TargetWatch } from '../../../src/analysis/baseline/target-watch.js';
import type { HourNorm } from '../../../src/model/hour-norm.js';
import type { Incident } from '../../../src/model/incident.js';
import type { Thresholds } from '../../../src/model/monitor.js';
import type { PeriodSummary } from '../../../src/model/period-summary.js';
import { createRandom } from '../../../src/model/random.js';
import { createDigest } from '../../../src/analysis/statistics/delay-digest.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
/** Monday, 2 January 2023, 00:00 UTC. */
export const MONDAY_MS = 1_672_617_600_000;
export const RTT_NS = 20e6;

/** An ordinary minute of 60 packets around 20 ms, or what is said of it. */
export function composeSummary(
  startMs: number,
  said: Partial<PeriodSummary> & { readonly rttNs?: number } = {},
): PeriodSummary {
  const { rttNs = RTT_NS, ...rest } = said;
  const isSilent = said.problem != null || (said.lost ?? 0) >= (said.sent ?? 60);
  return {
    target: 'dns',
    startMs,
    lengthMs: MINUTE_MS,
    coverage: said.problem == null ? 1 : 0,
    sent: said.problem == null ? 60 : 0,
    lost: 0,
    lostForward: null,
    lostReverse: null,
    duplicated: 0,
    reordered: 0,
    rtt: isSilent ? null : createDigest([rttNs * 0.99, rttNs, rttNs * 1.05]),
    forwardQueueing: null,
    reverseQueueing: null,
    jitterNs: isSilent ? null : 300_000,
    stamps: isSilent ? null : { tx: 'kernel', rx: 'kernel', far: null },
    disturbed: 0,
    problem: null,
    ...rest,
  };
}

/** A target's watch with its baseline, and everything that was decided. */
export class WatchedTarget {
  watch: TargetWatch = startTargetWatch('dns');
  norms: readonly HourNorm[] = [];
  readonly decisions: Decision[] = [];
  thresholds: Thresholds | 'learn' = 'learn';

  judge(summary: PeriodSummary): readonly Decision[] {
    const judged = judgeMinute(this.watch, {
      summary,
      target: { name: 'dns', thresholds: this.thresholds },
      norms: this.norms,
      timeZone: 'UTC',
    });
    // As a restart would have it.
    this.watch = JSON.parse(JSON.stringify(judged.watch)) as TargetWatch;
    this.norms = applyLearning(this.norms, judged.decisions);
    this.decisions.push(...judged.decisions);
    return judged.decisions;
  }

  /** Minutes from `fromMs` on, each as said. */
  judgeAll(
    fromMs: number,
    minutes: number,
    say: (minute: number) => Parameters<typeof composeSummary>[1] = () => ({}),
  ): void {
    for (let i = 0; i < minutes; i += 1) this.judge(composeSummary(fromMs + i * MINUTE_MS, say(i)));
  }

  /** Days of ordinary minutes, a little noisy, up to `untilMs`. */
  learn(untilMs: number, days: number, seed = 1): void {
    const random = createRandom(seed);
    const minutes = days * 1440;
    this.judgeAll(untilMs - minutes * MINUTE_MS, minutes, () => ({
      rttNs: RTT_NS * Math.exp(random.normal(0, 0.01)),
      jitterNs: 300_000 * Math.exp(random.normal(0, 0.1)),
    }));
  }

  /** Every incident that was opened, as it stands now. */
  get incidents(): Incident[] {
    const byId = new Map<string, Incident>();
    for (const decision of this.decisions) {
      if (decision.kind === 'incident') byId.set(decision.incident.id, decision.incident);
    }
    return [...byId.values()];
  }

  get toldKinds(): string[] {
    return this.decisions.flatMap((decision) =>
      decision.kind === 'incident' && decision.event !== null
        ? [`${decision.event.kind} ${decision.incident.kind}`]
        : [],
    );
  }
}
