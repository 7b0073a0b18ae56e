// Conditions told from what the port and its link say: VLANs, addresses claimed twice, error counters, and the probe's own limits.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { composeEstimates } from '../../../src/analysis/examination/report/compose-estimates.js';
import { createNoTraces } from '../../../src/analysis/examination/knowledge.js';
import { judgeDuplicateAddress } from '../../../src/analysis/signatures/duplicate-address.js';
import type { Judgement, Observations } from '../../../src/analysis/signatures/observations.js';
import { judgePortErrors } from '../../../src/analysis/signatures/port-errors.js';
import { judgeProbeLimited } from '../../../src/analysis/signatures/probe-limited.js';
import { judgeVlanMismatch } from '../../../src/analysis/signatures/vlan-mismatch.js';
import type { NeighbourFacts } from '../../../src/model/link-evidence.js';
import type { PathDescription } from '../../../src/model/path.js';
import { TRACE_FLAG } from '../../../src/model/trace.js';
import type { PortErrors, Trace } from '../../../src/model/trace.js';
import { PATH, PORT, REQUEST } from './asked.js';
import { buildLossTrace } from './built-trace.js';

function observe(path: Partial<PathDescription>, traces: readonly Trace[] = []): Observations {
  const whole = { ...PATH, ...path };
  const byPhase = { ...createNoTraces(), delay: [...traces] };
  const allowance = { packets: 0, bytes: 0, ns: 0 };
  const estimates = composeEstimates({ request: REQUEST, path: whole, traces: byPhase, allowance });
  return { path: whole, estimates, light: traces, all: traces, byPhase };
}

const SWITCH: NeighbourFacts = {
  protocol: 'lldp',
  systemName: 'sw-3',
  portId: 'ge-0/0/7',
  portDescription: null,
  duplex: null,
  speedBitsPerSec: null,
  autoNegotiationEnabled: null,
  nativeVlan: 1,
  vlanIds: [1, 20, 30],
  maxFrameBytes: null,
};
const unanswered = buildLossTrace('xxxxxx', {
  flags: new Uint16Array(6).fill(TRACE_FLAG.noNeighbour),
});
const answered = buildLossTrace('......');
const probabilityOf = (judgement: Judgement | null): number => judgement?.probability ?? 0;

describe('a VLAN mismatch', () => {
  it('is near certain where the switch does not name our VLAN and nobody answers', () => {
    const judgement = judgeVlanMismatch(observe({ port: { ...PORT, vlanId: 40 }, neighbour: SWITCH }, [unanswered]));
    assert.ok(probabilityOf(judgement) > 0.95);
    assert.equal(judgement?.finding?.severity, 'critical');
    assert.match(judgement.finding.advice, /VLAN 40 tagged on sw-3, port ge-0\/0\/7/);
  });

  it('is likely where all that comes in is tagged and nobody answers', () => {
    assert.ok(probabilityOf(judgeVlanMismatch(observe({ taggedVlanIds: [20, 30] }, [unanswered]))) > 0.75);
  });

  it('is none where a trunk works, where our VLAN is named, or where a machine is only off', () => {
    assert.equal(judgeVlanMismatch(observe({ taggedVlanIds: [20] }, [answered]))?.finding ?? null, null);
    const named = observe({ port: { ...PORT, vlanId: 20 }, neighbour: SWITCH }, [answered]);
    assert.equal(judgeVlanMismatch(named), null);
    assert.equal(judgeVlanMismatch(observe({}, [unanswered])), null);
  });
});

describe('a duplicate address', () => {
  const conflict = (...linkAddresses: string[]) => ({ addressConflict: { address: '10.0.0.2', linkAddresses } });

  it('is named with both machines, and is critical where packets are lost', () => {
    const two = conflict('52:54:00:00:00:01', '52:54:00:00:00:02');
    const lossy = judgeDuplicateAddress(observe(two, [buildLossTrace('..x..x')]));
    assert.ok(probabilityOf(lossy) > 0.9);
    assert.equal(lossy?.finding?.severity, 'critical');
    assert.match(lossy.finding.evidence[0]?.text ?? '', /52:54:00:00:00:01, 52:54:00:00:00:02/);
    assert.equal(judgeDuplicateAddress(observe(two, [answered]))?.finding?.severity, 'warning');
  });

  it('is improbable where one is the shared address of routers, and none where one machine answers', () => {
    const shared = judgeDuplicateAddress(observe(conflict('00:00:5e:00:01:0a', '52:54:00:00:00:02')));
    assert.ok(probabilityOf(shared) < 0.5);
    assert.equal(shared?.finding?.severity, 'info');
    assert.equal(judgeDuplicateAddress(observe({ addressConflict: null })), null);
    assert.equal(judgeDuplicateAddress(observe({})), null);
  });
});

const NO_ERRORS: PortErrors = {
  fcsErrors: 0,
  alignmentErrors: 0,
  collisions: 0,
  lateCollisions: 0,
  excessiveCollisions: 0,
  carrierErrors: 0,
  receiveOverruns: 0,
  receiveMissed: 0,
};
/** A run in which the port received 3 MB. */
const counted = (errors: Partial<PortErrors>): Trace => ({
  ...answered,
  portBytes: { sent: 3e6, received: 3e6, durationNs: 1e9 },
  portErrors: { ...NO_ERRORS, ...errors },
});

describe('port errors', () => {
  it('are near certain from a few damaged frames on', () => {
    for (const fcsErrors of [4, 40, 4_000]) {
      assert.ok(probabilityOf(judgePortErrors(observe({}, [counted({ fcsErrors })]))) > 0.95, `${fcsErrors}`);
    }
  });

  it('are doubtful after one frame, which a sound link damages now and then', () => {
    const probability = probabilityOf(judgePortErrors(observe({}, [counted({ fcsErrors: 1 })])));
    assert.ok(probability > 0.05 && probability < 0.9, `${probability}`);
  });

  it('are none without a count, and collisions are none of them', () => {
    assert.equal(judgePortErrors(observe({}, [counted({})])), null);
    assert.equal(judgePortErrors(observe({}, [counted({ collisions: 900, lateCollisions: 7 })])), null);
    assert.equal(judgePortErrors(observe({}, [answered])), null);
  });
});

describe('a probe that is the limit', () => {
  it('is told by frames for which the port had no room', () => {
    const judgement = judgeProbeLimited(observe({}, [counted({ receiveMissed: 12 })]));
    assert.match(judgement?.finding?.evidence[0]?.text ?? '', /no room for 12 frames/);
    assert.equal(judgeProbeLimited(observe({}, [counted({})])), null);
  });
});
