// Reports as a person reads them, against golden texts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseInk, PLAIN } from '../../../src/cli/ink.js';
import { describeQuantity } from '../../../src/cli/quantity-text.js';
import { renderReport } from '../../../src/cli/report-text.js';
import { assertGolden } from './golden.js';
import type { Finding, Report } from '../../../src/model/report.js';
import { HEALTHY_REPORT, SAMPLE_REPORTS } from './sample-reports.js';

const COLOURED = chooseInk({ FORCE_COLOR: '1' }, false);
const ESCAPES = /\u001b\[[\d;]*m/g;
const NOTES = ['No answer by STAMP on udp/3237 or udp/862: measured by ICMP echo, both directions together'];

describe('golden texts', () => {
  for (const [name, report] of Object.entries(SAMPLE_REPORTS)) {
    const notes = report.target.via === 'icmp' ? NOTES : [];
    for (const columns of [100, 60]) {
      test(`${name}, ${columns} columns`, () => {
        assertGolden(`${name}-${columns}`, renderReport(report, { columns, ink: PLAIN, notes }));
      });
    }
  }
});

test('a healthy path takes six lines', () => {
  const text = renderReport(HEALTHY_REPORT, { columns: 100, ink: PLAIN, notes: [] });
  assert.equal(text.trimEnd().split('\n').length, 6);
});

test('a report keeps to the width, and no line ends in a space', () => {
  for (const [name, report] of Object.entries(SAMPLE_REPORTS)) {
    for (const line of renderReport(report, { columns: 60, ink: PLAIN, notes: NOTES }).split('\n')) {
      assert.ok(line.length <= 60, `${name}: ${line}`);
      assert.equal(line, line.trimEnd(), name);
    }
  }
});

test('colour says nothing that the words do not', () => {
  for (const [name, report] of Object.entries(SAMPLE_REPORTS)) {
    const plain = renderReport(report, { columns: 100, ink: PLAIN, notes: NOTES });
    const coloured = renderReport(report, { columns: 100, ink: COLOURED, notes: NOTES });
    assert.match(coloured, ESCAPES, name);
    assert.equal(coloured.replace(ESCAPES, ''), plain, name);
    assert.ok(plain.includes(report.verdict.toUpperCase()), name);
  }
});

test('a note that the report also holds is printed once', () => {
  const [note = ''] = NOTES;
  const text = renderReport({ ...HEALTHY_REPORT, limits: [note] }, { columns: 200, ink: PLAIN, notes: NOTES });
  assert.equal(text.split(note).length, 2);
});

const PROBE_LIMITED: Finding = {
  condition: 'probe-limited',
  probability: 0.9,
  severity: 'info',
  where: { kind: 'probe' },
  direction: 'unknown',
  evidence: [],
  advice: '',
};

test('what hurts stands before what is more probable and does not, and gives the verdict its place', () => {
  const hole: Finding = {
    ...PROBE_LIMITED,
    condition: 'mtu-black-hole',
    probability: 0.7,
    severity: 'critical',
    where: { kind: 'target' },
  };
  const report: Report = { ...HEALTHY_REPORT, verdict: 'critical', findings: [PROBE_LIMITED, hole] };
  const text = renderReport(report, { columns: 200, ink: PLAIN, notes: [] });
  assert.match(text, /CRITICAL.* at the target\n/);
  assert.match(text, /what +MTU black hole: .*\n[^]*also +probe limited: .*, here, at the probe\n/);
});

test('a verdict that all is well has no place', () => {
  const text = renderReport({ ...HEALTHY_REPORT, findings: [PROBE_LIMITED] }, { columns: 200, ink: PLAIN, notes: [] });
  assert.doesNotMatch(text, /OK .* at the probe/);
  assert.match(text, /what +probe limited: .*, here, at the probe\n/);
});

describe('one quantity', () => {
  const CASES = [
    ['capacity', 'healthy', ['capacity  96.9 Mb/s ± 0.3  (95 % interval, 400 samples, good)']],
    ['capacity', 'probe-limited', ['capacity  at least 18 Mb/s  (400 samples, poor, limited by the probe)']],
    ['loss', 'healthy', ['loss  0 % (below 0.9)  (95 % interval, 400 samples, good)']],
    [
      'jitter',
      'healthy',
      ['jitter  RFC 3550 41.0 µs ± 2.1  IPDV p99 210 µs (above 199)  PDV p99 180 µs (above 171)  (95 % intervals)'],
    ],
    ['mtu', 'duplex-mismatch', ['mtu  1500 bytes']],
    ['capacity', 'interrupted', []],
    ['delay', 'interrupted', []],
  ] as const;
  for (const [quantity, name, lines] of CASES) {
    test(`${quantity} of ${name}`, () => {
      assert.deepEqual(describeQuantity(SAMPLE_REPORTS[name] ?? HEALTHY_REPORT, quantity), lines);
    });
  }

  test('loss comes with its runs, and with its place where something was lost', () => {
    assert.deepEqual(describeQuantity(SAMPLE_REPORTS['rich'] ?? HEALTHY_REPORT, 'loss').slice(-5), [
      'in a row  1.60 packets ± 0.08, at most 4',
      'episodes  1.3 % (0.6 to 2.6) of the time, each 13 ms (9 to 24) on average  (95 % intervals, 5 seen)',
      'lost        alone         first in a burst  interior    last',
      '92 bytes    < 1 % of 640  0 % of 60         1 % of 240  3 % of 60',
      '1492 bytes  0 % of 14     0 % of 50         8 % of 260  18 % of 50',
    ]);
  });

  test('a rate that the probe limited is a bound in each direction', () => {
    const [forward = '', reverse = ''] = describeQuantity(SAMPLE_REPORTS['rich'] ?? HEALTHY_REPORT, 'available');
    assert.match(forward, /^available forward {2}31\.2 Mb\/s ± /);
    assert.match(reverse, /^available reverse {2}at least 238 Mb\/s {2}\(/);
  });

  test('capacity of a path with both directions has a line for each', () => {
    const lines = describeQuantity(SAMPLE_REPORTS['duplex-mismatch'] ?? HEALTHY_REPORT, 'capacity');
    assert.deepEqual(
      lines.map((line) => line.split('  ')[0]),
      ['capacity forward', 'capacity reverse'],
    );
  });
});
