// A path as a person reads it: one sentence first, a row a hop, remarks under their hop.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PLAIN } from '../../../src/cli/ink.js';
import { renderRoute } from '../../../src/cli/route-text.js';
import type { RouteHop, RouteReport } from '../../../src/model/route.js';

const HOP: RouteHop = {
  ttl: 1,
  addresses: [{ address: '192.0.2.1', answers: 13 }],
  isTarget: false,
  loss: {
    value: 0,
    low: 0,
    high: 0.26,
    method: 'probes to this hop without an answer, Wilson interval',
    samples: 11,
    quality: 'poor',
    limitedBy: 'samples',
  },
  delay: { minNs: 312_000, p50Ns: 340_000, p95Ns: 1_210_000, samples: 6 },
  mtu: { lowBytes: 1500, highBytes: 1500, how: 'passed' },
  link: null,
  labels: [],
  notes: [],
};
const RATE = { ...HOP.loss, value: 4.9e6, low: 4.2e6, high: 7.9e6, method: 'growth', samples: 11 } as const;
const SILENT: RouteHop = { ...HOP, ttl: 2, addresses: [], loss: null, delay: null, mtu: null };
const LAST: RouteHop = {
  ...HOP,
  ttl: 3,
  addresses: [{ address: '198.51.100.7', name: 'www.example', answers: 90 }],
  isTarget: true,
  mtu: { lowBytes: 1400, highBytes: 1400, how: 'announced' },
  link: { since: 1, rate: { ...RATE, quality: 'fair', limitedBy: 'noise' } },
  notes: [{ kind: 'mtu', text: 'MTU 1400, as the router before it says' }],
};
const REPORT: RouteReport = {
  schema: 'apparenet.route/1',
  target: { address: '198.51.100.7', name: 'www.example', via: 'icmp' },
  port: { name: 'eth0' },
  stamps: { tx: 'kernel', rx: 'kernel', far: null },
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 8_100,
  cost: { packets: 143, bytes: 96_300 },
  verdict: 'ok',
  summary: 'The target is hop 3. None of 88 packets to it was lost',
  end: { kind: 'target', lastTtl: 3, text: 'The target is hop 3' },
  hops: [HOP, SILENT, LAST],
  onsets: { loss: null, delay: null, queueing: null, narrowLink: null },
  limits: ['Links: the path passes too few sizes to tell rates'],
};

describe('a path as text', () => {
  it('shows the sentence, the hops, their remarks, what limits them and what it cost', () => {
    assert.equal(
      renderRoute(REPORT, { columns: 110, ink: PLAIN }),
      `eth0 · kernel stamps · www.example 198.51.100.7 by ICMP echo, hop by hop

OK  The target is hop 3. None of 88 packets to it was lost

hop  address                     loss       min     median  p95      mtu   link
1    192.0.2.1                   0 % of 11  312 µs  340 µs  1.21 ms  1500
2    ***                         -          -       -       -        -
3    www.example (198.51.100.7)  0 % of 11  312 µs  340 µs  1.21 ms  1400  4.9 Mb/s (4.2 to 7.9)
     - MTU 1400, as the router before it says

note  Links: the path passes too few sizes to tell rates
cost 143 packets, 96.3 kB in 8.1 s
`,
    );
  });

  it('shows silence behind the last hop that answered', () => {
    const end = { kind: 'silent', lastTtl: 1, text: 'Hop 1 is the last that answers' } as const;
    const text = renderRoute({ ...REPORT, verdict: 'critical', end, hops: [HOP] }, { columns: 110, ink: PLAIN });
    assert.match(text, /^CRITICAL {2}/m);
    assert.match(text, /^2… +\*\*\*$/m);
  });

  it('has no table where nobody answered', () => {
    const end = { kind: 'silent', lastTtl: 0, text: 'Nobody answered' } as const;
    assert.doesNotMatch(renderRoute({ ...REPORT, end, hops: [], stamps: null }, { columns: 80, ink: PLAIN }), /^hop/m);
  });

  it('keeps its sentences and remarks within the terminal', () => {
    const long = {
      ...REPORT,
      summary: `${REPORT.summary}. ${'Most of the delay is between hop 1 and hop 3. '.repeat(4)}`,
    };
    const lines = renderRoute(long, { columns: 72, ink: PLAIN }).split('\n');
    for (const line of lines.filter((text) => !/^\d|^hop/.test(text))) assert.ok(line.length <= 72, line);
  });
});
