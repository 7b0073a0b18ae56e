// From minutes to incidents: what opens one, what does not, when it ends, and what a flapping target tells.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endTargetWatch, takeReport } from '../../../src/analysis/baseline/incident-record.js';
import type { Report } from '../../../src/model/report.js';
import { composeSummary, HOUR_MS, MINUTE_MS, MONDAY_MS, RTT_NS, WatchedTarget } from './watched-minutes.js';

const SICK = { rttNs: 2 * RTT_NS };
const OUT = { lost: 60 };

function learntTarget(days = 3): WatchedTarget {
  const target = new WatchedTarget();
  target.learn(MONDAY_MS, days);
  assert.deepEqual(target.incidents, [], 'nothing happened while it was learnt');
  target.decisions.length = 0;
  return target;
}

describe('incidents of one target', () => {
  it('opens one with the second minute without an answer, and ends it', () => {
    const target = learntTarget();
    target.judgeAll(MONDAY_MS, 20, (i) => (i >= 5 && i < 12 ? OUT : {}));
    assert.deepEqual(target.toldKinds, ['opened outage', 'recovered outage']);
    const [incident] = target.incidents;
    assert.equal(incident?.startedMs, MONDAY_MS + 5 * MINUTE_MS);
    assert.equal(incident.openedMs, MONDAY_MS + 7 * MINUTE_MS);
    assert.equal(incident.endedMs, MONDAY_MS + 12 * MINUTE_MS);
    assert.equal(incident.severity, 'critical');
    assert.match(incident.summary, /does not answer.*7 min/);
  });

  it('tells slower round trips from the usual ones', () => {
    const target = learntTarget();
    target.judgeAll(MONDAY_MS, 40, (i) => (i >= 10 && i < 25 ? SICK : {}));
    assert.deepEqual(target.toldKinds, ['opened delay', 'recovered delay']);
    const [incident] = target.incidents;
    assert.equal(incident?.startedMs, MONDAY_MS + 10 * MINUTE_MS);
    assert.ok(incident.openedMs <= MONDAY_MS + 14 * MINUTE_MS, 'within four minutes');
    assert.ok(Math.abs(incident.expected - RTT_NS) < 0.03 * RTT_NS, String(incident.expected));
    assert.match(incident.summary, /40 ms.*20(\.\d)? ms are usual at this hour/);
  });

  it('asks for an examination once, and takes in what hurts of what it found', () => {
    const target = learntTarget();
    target.judgeAll(MONDAY_MS, 20, (i) => (i >= 5 ? { lost: 12 } : {}));
    const wanted = target.decisions.filter(({ kind }) => kind === 'examine');
    assert.equal(wanted.length, 1);
    const incidentId = target.incidents[0]?.id ?? '';
    const finding = { condition: 'policer', probability: 0.97, severity: 'warning' };
    const harmless = { condition: 'slow-target', probability: 0.99, severity: 'info' };
    const report = {
      id: 'R1',
      verdict: 'warning',
      summary: 'A policer drops.',
      findings: [harmless, finding],
    } as unknown as Report;
    const taken = takeReport(target.watch, incidentId, { report, atMs: MONDAY_MS + 20 * MINUTE_MS });
    assert.deepEqual(taken.watch.incidents[0]?.finding, finding);
    assert.deepEqual(
      taken.decisions.map((decision) => decision.kind === 'incident' && decision.incident.reportId),
      ['R1'],
    );
    assert.deepEqual(takeReport(target.watch, 'another', { report, atMs: 0 }).decisions, []);
  });

  it('says nothing of single bad minutes', () => {
    const target = learntTarget();
    target.judgeAll(MONDAY_MS, 600, (i) => (i % 30 === 7 ? { ...SICK, lost: 20 } : i % 30 === 20 ? OUT : {}));
    assert.deepEqual(target.toldKinds, []);
  });

  it('says nothing of changes that nobody notices', () => {
    const target = learntTarget();
    target.judgeAll(MONDAY_MS, 300, (i) => (i >= 50 ? { rttNs: 1.06 * RTT_NS } : {}));
    assert.deepEqual(target.toldKinds, []);
  });

  it('tells a flapping target a few times, not each time', () => {
    const target = learntTarget();
    target.judgeAll(MONDAY_MS, 1440, (i) => (i % 8 < 3 ? OUT : {}));
    const opened = target.toldKinds.filter((told) => told.startsWith('opened'));
    assert.ok(opened.length <= 4, opened.join(', '));
    assert.ok(opened.length >= 1);
  });

  it('tells a line that fails again and again for a minute, as one incident that ends with the last time', () => {
    for (const lost of [60, 20]) {
      const target = new WatchedTarget();
      target.learn(MONDAY_MS, 1);
      target.judgeAll(MONDAY_MS, 300, (i) => ({ lost: i < 180 && i % 4 === 0 ? lost : 0 }));
      const [incident, ...others] = target.incidents;
      assert.deepEqual(others, []);
      assert.equal(incident?.kind, 'loss');
      assert.equal(incident.startedMs, MONDAY_MS);
      assert.equal(incident.endedMs, MONDAY_MS + 177 * MINUTE_MS);
      assert.deepEqual(target.toldKinds, ['opened loss', 'recovered loss']);
    }
  });

  it('says nothing of a line that always has such minutes, nor of three in half an hour', () => {
    const usual = new WatchedTarget();
    usual.judgeAll(MONDAY_MS - 2 * 24 * HOUR_MS, 4 * 1440, (i) => ({ lost: i % 5 === 0 ? 8 : 0 }));
    assert.deepEqual(
      usual.incidents.filter(({ openedMs }) => openedMs > MONDAY_MS - 24 * HOUR_MS),
      [],
    );
    const few = new WatchedTarget();
    few.learn(MONDAY_MS, 1);
    few.judgeAll(MONDAY_MS, 300, (i) => ({ lost: i % 10 === 0 ? 60 : 0 }));
    assert.deepEqual(few.incidents, []);
  });

  it('tells an incident that gets worse', () => {
    const target = learntTarget();
    const at = (i: number) => (i < 10 ? {} : i < 60 ? { rttNs: 2 * RTT_NS } : i < 120 ? { rttNs: 20 * RTT_NS } : {});
    target.judgeAll(MONDAY_MS, 140, (i) => at(i));
    assert.deepEqual(target.toldKinds, ['opened delay', 'updated delay', 'recovered delay']);
    assert.equal(target.incidents[0]?.severity, 'critical');
  });

  it('says how bad it was at worst, also where that was too little worse to be told', () => {
    const target = learntTarget();
    target.judgeAll(MONDAY_MS, 20, (i) => (i >= 5 ? { lost: 9 } : {}));
    const before = target.decisions.length;
    target.judgeAll(MONDAY_MS + 20 * MINUTE_MS, 5, (i) => ({ lost: 9 + i }));
    const records = target.decisions.slice(before).filter(({ kind }) => kind === 'incident');
    assert.ok(records.length > 0 && records.length < 5, 'not each minute that is a little worse');
    assert.deepEqual(target.toldKinds, ['opened loss']);
    assert.match(target.incidents[0]?.summary ?? '', /up to (20|22) %/);
    target.judgeAll(MONDAY_MS + 25 * MINUTE_MS, 30, () => ({}));
    const [ended] = target.incidents;
    assert.deepEqual([ended?.state, ended?.worst], ['closed', 13 / 60]);
    assert.match(ended?.summary ?? '', /up to 22 % .* Over after/);
  });

  it('opens one where nothing can be measured, and none where the box is only busy', () => {
    const target = learntTarget();
    target.judgeAll(MONDAY_MS, 30, (i) => (i >= 10 && i < 20 ? { problem: 'the port has no link' } : {}));
    assert.deepEqual(target.toldKinds, ['opened cannot-measure', 'recovered cannot-measure']);
    assert.match(target.incidents[0]?.summary ?? '', /cannot be measured: the port has no link\. Over after/);
    const busy = learntTarget();
    busy.judgeAll(MONDAY_MS, 30, (i) => (i >= 10 && i < 20 ? { ...SICK, lost: 20, disturbed: 0.8 } : {}));
    assert.deepEqual(busy.toldKinds, []);
  });

  it('holds explicit limits, whatever is usual', () => {
    const target = learntTarget();
    target.thresholds = { rttMs: 50, lossPercent: 30 };
    target.judgeAll(MONDAY_MS, 60, (i) => (i < 20 ? SICK : i < 40 ? { rttNs: 55e6, lost: 12 } : {}));
    assert.deepEqual(target.toldKinds, ['opened delay', 'recovered delay']);
    assert.match(target.incidents[0]?.summary ?? '', /50 ms are the limit set for it/);
  });

  it('knows outages and large changes from the first hour on, and says that it is learning', () => {
    const target = new WatchedTarget();
    target.judgeAll(MONDAY_MS, 60, (i) => (i < 30 ? {} : i < 40 ? { rttNs: 6 * RTT_NS } : i < 50 ? {} : OUT));
    assert.deepEqual(target.toldKinds, ['opened delay', 'recovered delay', 'opened outage']);
    assert.match(target.incidents[0]?.summary ?? '', /less than a day was seen/);
    const gentle = new WatchedTarget();
    gentle.judgeAll(MONDAY_MS, 600, (i) => (i < 300 ? {} : { rttNs: 1.5 * RTT_NS }));
    assert.deepEqual(gentle.toldKinds, []);
  });

  it('takes for usual what has lasted for a day, and tells it', () => {
    const target = learntTarget();
    target.judgeAll(MONDAY_MS, 3 * 1440, () => ({ rttNs: 1.8 * RTT_NS }));
    assert.deepEqual(target.toldKinds, ['opened delay', 'recovered delay']);
    assert.match(target.incidents[0]?.summary ?? '', /taken as usual from now on/);
    target.judgeAll(MONDAY_MS + 3 * 24 * HOUR_MS, 60, () => ({ rttNs: 3.6 * RTT_NS }));
    assert.equal(target.incidents.length, 2);
  });

  it('never takes loss for usual', () => {
    const target = learntTarget();
    target.judgeAll(MONDAY_MS, 3 * 1440, () => ({ lost: 6 }));
    assert.deepEqual(
      target.incidents.map(({ kind, state }) => `${kind} ${state}`),
      ['loss open'],
    );
  });

  it('floods nobody when the clock is set three days ahead and back', () => {
    const target = learntTarget();
    const threeDays = 72 * HOUR_MS;
    target.judgeAll(MONDAY_MS, 30);
    target.judgeAll(MONDAY_MS + 30 * MINUTE_MS + threeDays, 200);
    target.judgeAll(MONDAY_MS + 230 * MINUTE_MS, 200);
    assert.deepEqual(target.toldKinds, []);
    target.judgeAll(MONDAY_MS + 430 * MINUTE_MS, 10, () => OUT);
    target.judgeAll(MONDAY_MS + 400 * MINUTE_MS, 100, (i) => (i < 20 ? OUT : {}));
    assert.deepEqual(target.toldKinds, ['opened outage', 'recovered outage']);
    const ids = target.decisions.flatMap((decision) =>
      decision.kind === 'incident' && decision.event !== null ? [decision.event.id] : [],
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it('closes what is open of a target that is no longer watched', () => {
    const target = learntTarget();
    target.judgeAll(MONDAY_MS, 10, () => OUT);
    const decisions = endTargetWatch(target.watch, MONDAY_MS + 10 * MINUTE_MS);
    assert.deepEqual(
      decisions.map((decision) => decision.kind === 'incident' && decision.incident.state),
      ['closed'],
    );
  });

  it('learns no minute of an incident', () => {
    const target = learntTarget();
    target.judgeAll(MONDAY_MS, 300, () => SICK);
    const learnt = target.norms.filter(({ startMs }) => startMs >= MONDAY_MS);
    assert.deepEqual(learnt, []);
    target.judge(composeSummary(MONDAY_MS + 301 * MINUTE_MS));
  });
});
