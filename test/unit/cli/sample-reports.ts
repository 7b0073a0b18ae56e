// Reports of invented examinations, one for each thing a reader of the terminal can meet.
import type { ClassTreatment, Estimate, Estimates } from '../../../src/model/estimates.js';
import type { Finding, Report } from '../../../src/model/report.js';
import { above, delayOf, intervalsOf, within } from './sample-delays.js';

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
  lossEpisodes: null,
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
  intervals: intervalsOf(1.93e6, 3.1e6, 4.2e6),
};

const HEALTHY: Estimates = {
  ...NOTHING,
  capacity: forwardOnly(estimate(96.9e6, 96.6e6, 97.2e6)),
  loss: { roundTrip: NO_LOSS, forward: null, reverse: null },
  rtt: RTT,
  propagation: estimate(1.71e6, 1.7e6, 1.72e6),
  jitter: {
    rfc3550Ns: 41_000,
    ipdvP99Ns: 210_000,
    pdvP99Ns: 180_000,
    intervals: { rfc3550Ns: within(41_000), ipdvP99Ns: above(210_000), pdvP99Ns: above(180_000) },
  },
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

const treatment = (sent: number, forward: number | null, reverse: number | null): ClassTreatment => ({
  sent,
  forward,
  reverse,
  loss: estimate(0, 0, 0.4345, { samples: 5, quality: 'poor', limitedBy: 'samples' }),
  medianRttNs: 18.4e6,
});

/** A line into the internet with everything measured: every estimate is there. */
const RICH: Estimates = {
  capacity: { forward: estimate(49.8e6, 49.5e6, 50.1e6), reverse: estimate(251e6, 248.6e6, 253.4e6) },
  available: {
    forward: estimate(31.2e6, 28.9e6, 33.4e6),
    reverse: estimate(238e6, 238e6, 940e6, { quality: 'poor', limitedBy: 'probe' }),
  },
  utilization: {
    forward: estimate(0.374, 0.33, 0.42),
    reverse: estimate(0.04, 0, 0.11, { quality: 'fair', limitedBy: 'noise' }),
  },
  maximum: { forward: estimate(48.1e6, 47.8e6, 48.3e6), reverse: estimate(243e6, 241e6, 245e6) },
  loss: {
    roundTrip: estimate(0.0125, 0.0061, 0.0254),
    forward: estimate(0.0125, 0.0061, 0.0254),
    reverse: estimate(0, 0, 0.0083),
  },
  lossRuns: { meanLength: 1.6, maxLength: 4, intervals: { meanLength: within(1.6) } },
  lossEpisodes: {
    frequency: estimate(0.0125, 0.0061, 0.0254),
    durationNs: estimate(12.8e6, 9.1e6, 24e6, { samples: 5 }),
  },
  lossTable: [
    { sizeBytes: 92, place: 'alone', sent: 640, lost: 2 },
    { sizeBytes: 92, place: 'first', sent: 60, lost: 0 },
    { sizeBytes: 92, place: 'interior', sent: 240, lost: 3 },
    { sizeBytes: 92, place: 'last', sent: 60, lost: 2 },
    { sizeBytes: 1492, place: 'alone', sent: 14, lost: 0 },
    { sizeBytes: 1492, place: 'first', sent: 50, lost: 0 },
    { sizeBytes: 1492, place: 'interior', sent: 260, lost: 21 },
    { sizeBytes: 1492, place: 'last', sent: 50, lost: 9 },
  ],
  rtt: delayOf(18.4, 22.7, 31.2),
  oneWay: {
    forward: delayOf(1.31, 4.9, 12.6),
    reverse: delayOf(0.12, 0.4, 0.9),
    clockSkewPpm: estimate(-4.31, -4.62, -4.02),
    isAbsolute: false,
  },
  queueing: {
    p50Ns: 1.4e6,
    p95Ns: 5.2e6,
    p99Ns: 13.1e6,
    intervals: intervalsOf(1.4e6, 5.2e6, 13.1e6),
    forward: { p50Ns: 1.31e6, p95Ns: 4.9e6, p99Ns: 12.6e6, intervals: intervalsOf(1.31e6, 4.9e6, 12.6e6) },
    reverse: { p50Ns: 0.12e6, p95Ns: 0.4e6, p99Ns: 0.9e6, intervals: intervalsOf(0.12e6, 0.4e6, 0.9e6) },
  },
  propagation: estimate(16.92e6, 16.9e6, 16.94e6),
  serialisation: estimate(194, 191, 197),
  jitter: {
    rfc3550Ns: 890_000,
    ipdvP99Ns: 9.4e6,
    pdvP99Ns: 13.1e6,
    intervals: { rfc3550Ns: within(890_000), ipdvP99Ns: above(9.4e6), pdvP99Ns: above(13.1e6) },
  },
  reordering: estimate(0.028, 0.011, 0.061),
  reorderingBySpacing: [
    {
      gapNs: 0,
      ratio: estimate(0.07, 0.03, 0.15, { samples: 120 }),
      maxExtent: 3,
      beyondExtent: estimate(0, 0, 0.031, { samples: 120 }),
    },
    {
      gapNs: 50_000,
      ratio: estimate(0.0083, 0, 0.045, { samples: 120 }),
      maxExtent: 1,
      beyondExtent: estimate(0, 0, 0.031, { samples: 120 }),
    },
    {
      gapNs: 250_000,
      ratio: estimate(0, 0, 0.031, { samples: 120 }),
      maxExtent: 0,
      beyondExtent: estimate(0, 0, 0.031, { samples: 120 }),
    },
  ],
  duplication: estimate(0, 0, 0.0031),
  mtu: {
    forwardBytes: 1492,
    reverseBytes: 1480,
    failedBytes: { forward: 1493, reverse: 1481 },
    isAnnounced: true,
    announcement: { from: '198.51.100.17', mtuBytes: 1492 },
    fragmentsPass: true,
  },
  dscp: [
    treatment(0, 0, 0),
    treatment(1, 1, null),
    treatment(2, 2, null),
    treatment(40, 0, 40),
    treatment(136, 0, 136),
    treatment(184, 72, 184),
    treatment(192, 192, null),
  ],
  voice: { rFactor: 86.3, mos: 4.24, intervals: { rFactor: within(86.3), mos: within(4.24) } },
  loaded: {
    idle: delayOf(18.4, 22.7, 31.2),
    up: {
      loadBitsPerSec: { forward: 47.6e6, reverse: null },
      ownFlow: delayOf(241, 263, 266),
      otherFlow: delayOf(24.1, 29.8, 33.5),
      increaseNs: 246e6,
      bufferBytes: 1.46e6,
      roundTripsPerMinute: 249,
      lossRatio: 0.021,
      intervals: {
        increaseNs: above(246e6),
        bufferBytes: above(1.46e6),
        roundTripsPerMinute: within(249),
        lossRatio: within(0.021),
      },
    },
    down: {
      loadBitsPerSec: { forward: null, reverse: 243e6 },
      ownFlow: delayOf(38.2, 44.9, 51.3),
      otherFlow: delayOf(37.9, 45.2, 52.1),
      increaseNs: 28.6e6,
      bufferBytes: 869_000,
      roundTripsPerMinute: 1571,
      lossRatio: 0,
      intervals: {
        increaseNs: above(28.6e6),
        bufferBytes: above(869_000),
        roundTripsPerMinute: within(1571),
        lossRatio: within(0),
      },
    },
    both: {
      loadBitsPerSec: { forward: 41.3e6, reverse: 212e6 },
      ownFlow: delayOf(268, 291, 299),
      otherFlow: null,
      increaseNs: 274e6,
      bufferBytes: 1.41e6,
      roundTripsPerMinute: 224,
      lossRatio: 0.034,
      intervals: {
        increaseNs: above(274e6),
        bufferBytes: above(1.41e6),
        roundTripsPerMinute: within(224),
        lossRatio: within(0.034),
      },
    },
  },
};

const BUFFERBLOAT: Finding = {
  condition: 'bufferbloat',
  probability: 0.93,
  severity: 'warning',
  where: { kind: 'path' },
  direction: 'forward',
  evidence: [
    { text: 'under load packets wait 246 ms longer than without', metric: 'delay', value: 246, expected: 30 },
    { text: 'another flow beside the load waits 7.1 ms longer', metric: 'delay', value: 7.1, expected: 30 },
  ],
  advice: 'Turn on smart queue management (SQM, fq_codel) where the slow link begins, at 95 % of its rate.',
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
      lossRuns: { meanLength: 2.1, maxLength: 7, intervals: { meanLength: within(2.1) } },
      mtu: {
        forwardBytes: 1500,
        reverseBytes: null,
        failedBytes: NOT_KNOWN,
        isAnnounced: null,
        announcement: null,
        fragmentsPass: null,
      },
      voice: { rFactor: 41, mos: 2.1, intervals: { rFactor: within(41), mos: within(2.1) } },
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
      lossRuns: { meanLength: 1.04, maxLength: 2, intervals: { meanLength: within(1.04) } },
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
  rich: {
    ...HEALTHY_REPORT,
    target: { address: '203.0.113.9', name: 'probe.example', via: 'stamp' },
    port: {
      name: 'eth0',
      speedBitsPerSec: 1e9,
      duplex: 'full',
      stamps: { tx: 'kernel', rx: 'kernel', far: 'kernel' },
    },
    durationMs: 41_700,
    cost: { packets: 48_210, bytes: 68_104_220 },
    verdict: 'warning',
    summary: 'Bufferbloat: under load packets wait 246 ms longer',
    estimates: RICH,
    findings: [BUFFERBLOAT],
    alternatives: [{ condition: 'congestion', probability: 0.05 }],
    limits: [
      'The fastest streams met no tight link on the way back: what is available there is a lower bound',
      'Other traffic used this port during 3 of 31 runs',
    ],
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
