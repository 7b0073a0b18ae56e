// One alarm for one cause, over all targets: what fails together is told once, and nothing that goes on stays without an alarm.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Decision } from '../../../src/analysis/baseline/decision.js';
import { judgeBox } from '../../../src/analysis/baseline/judge-box.js';
import type { BoxState } from '../../../src/analysis/baseline/judge-box.js';
import type { Segment } from '../../../src/model/monitor.js';
import { composeSummary, MINUTE_MS, MONDAY_MS } from './watched-minutes.js';

const FAR = Array.from({ length: 18 }, (_, i) => `far-${i}`);
const SEGMENT_OF: Readonly<Record<string, Segment>> = {
  ...Object.fromEntries(FAR.map((name): [string, Segment] => [name, 'beyond'])),
  router: 'gateway',
  'provider-dns': 'provider',
};
const NAMES = Object.keys(SEGMENT_OF);

/** Minute by minute with those that do not answer; what was decided in each. */
function watch(failingByMinute: readonly (readonly string[])[]): Watched {
  return watchLosses(failingByMinute.map((failing) => (name) => (failing.includes(name) ? 60 : 0)));
}

interface Watched {
  readonly state: BoxState;
  readonly decisions: readonly (readonly Decision[])[];
}

/** Minute by minute with how many of a target's 60 packets are lost. */
function watchLosses(lostByMinute: readonly ((name: string) => number)[]): Watched {
  let state: BoxState = {};
  const decisions = lostByMinute.map((countLost, i) => {
    const minutes = NAMES.map((name) => {
      const summary = composeSummary(MONDAY_MS + i * MINUTE_MS, { lost: countLost(name) });
      const target = { name, segment: SEGMENT_OF[name] ?? 'beyond', thresholds: 'learn' as const };
      return { target, summary: { ...summary, target: name }, replyTtl: null };
    });
    const judged = judgeBox(state, minutes, { timeZone: 'UTC', isLinkUp: () => true });
    state = judged.state;
    return judged.decisions;
  });
  return { state, decisions };
}

/** Targets of the events that are more than information. */
function listAlarms(decisions: readonly (readonly Decision[])[]): string[] {
  const events = decisions.flat().flatMap((one) => (one.kind === 'incident' && one.event ? [one.event] : []));
  return events.filter(({ severity }) => severity !== 'info').map(({ target }) => target ?? '');
}

function listExamined(decisions: readonly (readonly Decision[])[]): string[] {
  return decisions.flat().flatMap((one) => (one.kind === 'examine' ? [one.target] : []));
}

const repeat = (count: number, failing: readonly string[]) => Array.from({ length: count }, () => failing);

describe('what fails together', () => {
  it('is one alarm and one examination, of the nearest target, and an incident for each', () => {
    const { state, decisions } = watch([...repeat(5, []), ...repeat(6, NAMES)]);
    assert.deepEqual(listAlarms(decisions), ['router']);
    assert.deepEqual(listExamined(decisions), ['router']);
    const open = Object.values(state).flatMap(({ watch: { incidents } }) => incidents);
    assert.equal(open.length, NAMES.length);
    const leader = open.find(({ target }) => target === 'router');
    for (const { target, partOf } of open) assert.equal(partOf, target === 'router' ? null : leader?.id, target);
  });

  it('stays one where the nearest is confirmed a minute after the first', () => {
    const { decisions } = watch([...repeat(5, []), FAR, ...repeat(6, NAMES)]);
    assert.equal(listAlarms(decisions).length, 1);
  });

  it('is told apart where only few of many fail: nothing says that they have to do with each other', () => {
    const { decisions } = watch([...repeat(5, []), ...repeat(6, ['far-3', 'far-7'])]);
    assert.deepEqual(listAlarms(decisions).sort(), ['far-3', 'far-7']);
  });

  it('is an alarm of its own where it goes on after the others are well', () => {
    const { decisions } = watch([...repeat(5, []), ...repeat(5, NAMES), ...repeat(8, ['far-5'])]);
    assert.deepEqual(listAlarms(decisions), ['router', 'far-5']);
    assert.deepEqual(listExamined(decisions), ['router', 'far-5']);
  });

  it('is one alarm besides that of a target that failed before and goes on failing', () => {
    const behind = NAMES.filter((name) => name !== 'router');
    const { state, decisions } = watch([
      ...repeat(5, []),
      ...repeat(20, ['far-3']),
      ...repeat(10, behind),
      ...repeat(10, ['far-3']),
      ...repeat(4, []),
    ]);
    assert.deepEqual(listAlarms(decisions), ['far-3', 'provider-dns']);
    assert.deepEqual(listExamined(decisions), ['far-3', 'provider-dns']);
    const told = decisions.flat().flatMap((one) => (one.kind === 'incident' ? [one.incident] : []));
    assert.equal(told.findLast(({ target }) => target === 'provider-dns')?.segment, 'provider');
    assert.equal(told.findLast(({ target }) => target === 'far-3')?.segment, 'beyond');
    assert.ok(Object.values(state).every(({ watch: { incidents } }) => incidents.length === 0));
  });

  it('is no alarm again where a line that loses a little anyway loses some more by chance afterwards', () => {
    const byChance = [2, 0, 2, 0, 2, 2, 0, 2, 2, 0, 2, 0, 2, 2, 0, 0, 2, 0, 2, 0, 0];
    const { state, decisions } = watchLosses([
      ...Array.from({ length: 5 }, () => () => 0),
      ...Array.from({ length: 20 }, () => () => 30),
      ...[...byChance, ...Array.from({ length: 20 }, () => 0)].map(
        (lost) => (name: string) => (name === 'far-5' ? lost : 0),
      ),
    ]);
    assert.deepEqual(listAlarms(decisions), ['router']);
    assert.deepEqual(listExamined(decisions), ['router']);
    assert.deepEqual(
      Object.values(state).flatMap(({ watch: { incidents } }) => incidents),
      [],
    );
  });

  it('is an alarm of its own where a loss goes on after the others are well', () => {
    const { decisions } = watchLosses([
      ...Array.from({ length: 5 }, () => () => 0),
      ...Array.from({ length: 20 }, () => () => 30),
      ...Array.from({ length: 12 }, () => (name: string) => (name === 'far-5' ? 6 : 0)),
    ]);
    assert.deepEqual(listAlarms(decisions), ['router', 'far-5']);
  });
});

it('whatever fails when, nothing that stays bad is without an alarm, and no alarm comes twice', () => {
  const failing = fc.array(fc.subarray(['router', 'provider-dns', 'far-0', 'far-1', ...FAR.slice(2)]), {
    minLength: 1,
    maxLength: 5,
  });
  const property = fc.property(failing, (phases) => {
    const { state, decisions } = watch(phases.flatMap((names) => repeat(6, names)));
    const open = new Map(
      Object.values(state).flatMap(({ watch: { incidents } }) => incidents.map((one) => [one.id, one] as const)),
    );
    for (const name of phases.at(-1) ?? []) {
      const own = [...open.values()].find(({ target }) => target === name);
      assert.ok(own, `${name} fails and has an incident`);
      const told = own.partOf === null ? own : open.get(own.partOf);
      assert.equal(told?.partOf, null, `what ${name} is a part of is open and stands for itself`);
    }
    const opened = decisions
      .flat()
      .flatMap((one) => (one.kind === 'incident' && one.event?.kind === 'opened' ? [one.event.id] : []));
    assert.equal(new Set(opened).size, opened.length);
  });
  fc.assert(property, { numRuns: 60 });
});
