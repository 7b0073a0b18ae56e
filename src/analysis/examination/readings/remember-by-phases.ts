// What planning and the report both ask of the same traces is worked out once. Forgotten with the newest of these traces.
import type { Trace } from '../../../model/trace.js';
import type { PhaseName, TracesByPhase } from '../knowledge.js';

interface Known<Result, Others> {
  readonly seen: readonly (readonly Trace[])[];
  readonly others: Others;
  readonly result: Result;
}

/**
 * `compute` must look at the traces of these phases only, and at what else it is given; that counts as the same where it is the same
 * object. A trace never changes, and phases only grow.
 */
export function rememberByPhases<Result, Others extends readonly unknown[]>(
  phases: readonly PhaseName[],
  compute: (traces: TracesByPhase, ...others: Others) => Result,
): (traces: TracesByPhase, ...others: Others) => Result {
  const known = new WeakMap<Trace, Known<Result, Others>>();
  return (traces, ...others) => {
    const newest = phases.reduce<Trace | undefined>((last, phase) => traces[phase].at(-1) ?? last, undefined);
    if (newest === undefined) return compute(traces, ...others);
    const before = known.get(newest);
    if (
      before !== undefined &&
      isSame(others, before.others) &&
      phases.every((phase, i) => isSame(traces[phase], before.seen[i] ?? []))
    ) {
      return before.result;
    }
    const result = compute(traces, ...others);
    known.set(newest, { seen: phases.map((phase) => [...traces[phase]]), others, result });
    return result;
  };
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}
