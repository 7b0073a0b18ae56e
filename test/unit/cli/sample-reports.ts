// Reports of invented examinations, one for each thing a reader of the terminal can meet.
import type { Estimate, Estimates, Finding, Report } from '../../../src/model/report.js';

const estimate = (value: number, low: number, high: number, more: Partial<Estimate> = {}): Estimate => ({
  value,
  low,
  high,
  method: 'sample',
  samples: 400,
  quality: 'good',
  limitedBy: null,
  ...more,
});
const forwardOnly = (forward: Estimate) => ({ forward, reverse: null });
const NOT_KNOWN = { forward: null, reverse: null };

const NOTHING: Estimates = {
  capacity: NOT_KNOWN,
  available: NOT_KNOWN,
  utilization: NOT_KNOWN,
  maximum: NOT_KNOWN,
  loss: { roundTrip: null, forward: null, reverse: null },
  lossRuns: null,
  lossTable: null,
  rtt: null,
  oneWay: { ...NOT_KNOWN, clockSkewPpm: null, isAbsolute: false },
  queueing: null,
  propagation: null,
  serialisation: null,
  jitter: null,
  reordering: null,
  reorderingBySpacing: null,
  duplication: null,
  mtu: null,
  dscp: null,
  voice: null,
  loaded: null,
};

const NO_LOSS = estimate(0, 0, 0.0089);
const RTT = {
  minNs: 1.71e6,
  p50Ns: 1.93e6,
  p95Ns: 3.1e6,
  p99Ns: 4.2e6,
  maxNs: 5.03e6,
  meanNs: 2.02e6,
  samples: 400,
};

const HEALTHY: Estimates = {
  ...NOTHING,
  capacity: forwardOnly(estimate(96.9e6, 96.6e6, 97.2e6)),
  loss: { roundTrip: NO_LOSS, forward: null, reverse: null },
  rtt: RTT,
  propagation: estimate(1.71e6, 1.7e6, 1.72e6),
  jitter: { rfc3550Ns: 41_000, ipdvP99Ns: 210_000, pdvP99Ns: 180_000 },
  reordering: estimate(0, 0, 0.0031),
  duplication: estimate(0, 0, 0.0031),
};

export const HEALTHY_REPORT: Report = {
  schema: 'apparenet.report/1',
  id: '7K3Q',
  target: { address: '10.20.0.9', via: 'icmp' },
  port: { name: 'eth0', speedBitsPerSec: 1e8, duplex: 'full', stamps: { tx: 'kernel', rx: 'kernel', far: null } },
  startedAt: '2026-01-02T03:04:05.000Z',
  durationMs: 8_412,
  cost: { packets: 1893, bytes: 1_902_311 },
  verdict: 'ok',
  summary: 'No fault found: 96.9 Mb/s, 1.93 ms, no loss in 424 packets',
  estimates: HEALTHY,
  findings: [],
  alternatives: [],
  limits: [],
};

const UNREACHABLE: Finding = {
  condition: 'unreachable',
  probability: 0.97,
  severity: 'critical',
  where: { kind: 'first-hop', address: '10.20.0.9' },
  direction: 'unknown',
  evidence: [{ text: 'None of 18 packets was answered', metric: 'loss', value: 1, expected: 0 }],
  advice:
    '10.20.0.9 does not answer address resolution: check that it is on, that the cable leads to it, and that address, ' +
    'prefix length and VLAN of both sides match.',
};

const MISMATCH: Finding = {
  condition: 'duplex-mismatch',
  probability: 0.97,
  severity: 'critical',
  where: { kind: 'hop', hop: 2, address: '10.20.0.1' },
  direction: 'both',
  halfSide: 'far',
  evidence: [
    { text: 'large packets inside two-way bursts: 61 % lost', metric: 'loss', value: 0.61, expected: 0 },
    { text: 'the same packets sent one at a time: 0 % lost (of 240)', metric: 'loss', value: 0, expected: 0 },
  ],
  advice: 'Let both ends of that link auto-negotiate, or fix both to 100 full. Then run this again: expected loss 0.',
};

const REORDERING: Finding = {
  condition: 'reordering',
  probability: 0.62,
  severity: 'warning',
  where: { kind: 'target' },
  direction: 'reverse',
  evidence: [{ text: '3 % of replies overtook one another', metric: 'reordering', value: 0.03, expected: 0 }],
  advice: '',
};

/** By name; each has a golden text of the same name in test/fixtures/cli. */
export const SAMPLE_REPORTS: Readonly<Record<string, Report>> = {
  healthy: HEALTHY_REPORT,
  unreachable: {
    ...HEALTHY_REPORT,
    verdict: 'critical',
    summary: 'Unreachable: none of 18 packets to 10.20.0.9 was answered',
    estimates: { ...NOTHING, loss: { roundTrip: estimate(1, 0.824, 1), forward: null, reverse: null } },
    findings: [UNREACHABLE],
  },
  'duplex-mismatch': {
    ...HEALTHY_REPORT,
    target: { address: '10.20.0.9', name: 'plc.example', via: 'stamp' },
    port: { ...HEALTHY_REPORT.port, stamps: { tx: 'hardware', rx: 'kernel', far: 'kernel' } },
    verdict: 'critical',
    summary: 'Duplex mismatch: the far side of this path runs half duplex',
    estimates: {
      ...HEALTHY,
      capacity: { forward: estimate(96.9e6, 96.6e6, 97.2e6), reverse: estimate(96.8e6, 96.4e6, 97.2e6) },
      available: { forward: estimate(31e6, 27e6, 35e6), reverse: estimate(12e6, 9e6, 15e6) },
      loss: {
        roundTrip: estimate(0.2, 0.18, 0.22),
        forward: estimate(0.182, 0.169, 0.196),
        reverse: estimate(0.074, 0.051, 0.112),
      },
      lossRuns: { meanLength: 2.1, maxLength: 7 },
      mtu: {
        forwardBytes: 1500,
        reverseBytes: null,
        failedBytes: NOT_KNOWN,
        isAnnounced: null,
        announcement: null,
        fragmentsPass: null,
      },
      voice: { rFactor: 41, mos: 2.1 },
    },
    findings: [MISMATCH, REORDERING],
    alternatives: [
      { condition: 'media-errors', probability: 0.02 },
      { condition: 'policer', probability: 0.004 },
    ],
    limits: ['Other traffic used this port during 2 of 9 runs'],
  },
  'random-loss': {
    ...HEALTHY_REPORT,
    target: { address: '2001:db8::9', name: 'far.example', via: 'stamp' },
    port: {
      name: 'tun0',
      speedBitsPerSec: null,
      duplex: 'unknown',
      stamps: { tx: 'kernel', rx: 'kernel', far: 'kernel' },
    },
    verdict: 'warning',
    summary: '2.1 % of packets are lost, at random',
    estimates: {
      ...HEALTHY,
      loss: {
        roundTrip: estimate(0.021, 0.014, 0.031),
        forward: estimate(0.021, 0.014, 0.031),
        reverse: estimate(0, 0, 0.004),
      },
      lossRuns: { meanLength: 1.04, maxLength: 2 },
    },
  },
  'probe-limited': {
    ...HEALTHY_REPORT,
    summary: 'No fault found: at least 18 Mb/s, no loss in 424 packets',
    estimates: {
      ...HEALTHY,
      capacity: forwardOnly(estimate(18e6, 18e6, 182e6, { quality: 'poor', limitedBy: 'probe' })),
    },
    limits: ['The target is this machine itself: nothing but its own kernel is measured'],
  },
  interrupted: {
    ...HEALTHY_REPORT,
    durationMs: 612,
    cost: { packets: 3, bytes: 222 },
    verdict: 'unknown',
    summary: 'Stopped on request before anything could be said',
    estimates: NOTHING,
  },
};
