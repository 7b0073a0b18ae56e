// One minute of all watched targets of a box: each is judged, then compared with the others. Pure; the server measures, keeps what comes
// out and carries out the decisions.
import type { MonitorTarget } from '../../model/monitor.js';
import type { HourNorm } from '../../model/hour-norm.js';
import type { PeriodSummary } from '../../model/period-summary.js';
import { applyLearning } from './decision.js';
import type { Decision } from './decision.js';
import { endTargetWatch } from './incident-record.js';
import { judgeMinute } from './judge-minute.js';
import { locateFaults } from './locate-fault.js';
import { UNKNOWN_ROUTE, watchRoute } from './path-events.js';
import type { RouteWatch } from './path-events.js';
import { shareCauses } from './share-cause.js';
import { startTargetWatch } from './target-watch.js';
import type { TargetWatch } from './target-watch.js';

/** JSON as it stands, but for `norms`, which are kept an hour at a time (`learn` and `forget` among the decisions). */
export interface WatchState {
  readonly watch: TargetWatch;
  readonly route: RouteWatch;
  readonly norms: readonly HourNorm[];
}

/** By the target's name. */
export type BoxState = Readonly<Record<string, WatchState>>;

export interface TargetMinute {
  readonly target: Pick<MonitorTarget, 'name' | 'segment' | 'port' | 'thresholds'>;
  readonly summary: PeriodSummary;
  /** As `findReplyTtl` gives it. */
  readonly replyTtl: number | null;
}

export interface BoxFrame {
  /** IANA name. */
  readonly timeZone: string;
  /** Of a port by its name, undefined being the one that the route takes; null where it is not known. */
  readonly isLinkUp: (port: string | undefined) => boolean | null;
  /** Begin of the minute, Unix ms; asked for only where no target is watched any more. */
  readonly startMs?: number;
}

/** Targets that have no minute are no longer watched: what they had open is closed, at the begin of this minute. */
export function judgeBox(
  before: BoxState,
  minutes: readonly TargetMinute[],
  { timeZone, isLinkUp, startMs }: BoxFrame,
): { readonly state: BoxState; readonly decisions: readonly Decision[] } {
  const judged = minutes.map((minute) => judgeTarget(before[minute.target.name], minute, timeZone));
  const watched = judged.map(({ state }, i) => ({ target: (minutes[i] as TargetMinute).target, watch: state.watch }));
  const located = locateFaults(watched, isLinkUp);
  const names = minutes.map(({ target }) => target.name);
  const [first] = minutes;
  const shared = shareCauses(
    watched.map(({ target }, i) => ({ target, watch: located.watches[i] as TargetWatch })),
    {
      decisions: [...judged.flatMap(({ decisions }) => decisions), ...located.decisions],
      endMs: first ? first.summary.startMs + first.summary.lengthMs : 0,
    },
  );
  const states = judged.map(({ state }, i) => [names[i], { ...state, watch: shared.watches[i] }] as const);
  const atMs = first?.summary.startMs ?? startMs;
  const gone = Object.entries(before).filter(([name]) => atMs !== undefined && !names.includes(name));
  return {
    state: Object.fromEntries(states) as BoxState,
    decisions: [...shared.decisions, ...gone.flatMap(([, { watch }]) => endTargetWatch(watch, atMs ?? 0))],
  };
}

function judgeTarget(
  known: WatchState | undefined,
  { target, summary, replyTtl }: TargetMinute,
  timeZone: string,
): { readonly state: WatchState; readonly decisions: readonly Decision[] } {
  const before = known ?? { watch: startTargetWatch(target.name), route: UNKNOWN_ROUTE, norms: [] };
  const { watch, decisions } = judgeMinute(before.watch, { summary, target, norms: before.norms, timeZone });
  const routed = watchRoute(before.route, summary, replyTtl);
  const norms = applyLearning(before.norms, decisions);
  const told: readonly Decision[] = routed.event === null ? [] : [{ kind: 'event', event: routed.event }];
  return { state: { watch, route: routed.watch, norms }, decisions: [...decisions, ...told] };
}
