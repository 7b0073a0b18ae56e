// Delays are worked out once for the same traces, and anew for others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeDelays } from '../../../src/analysis/examination/report/compose-delays.js';
import { createNoTraces } from '../../../src/analysis/examination/knowledge.js';
import { buildTrace } from './built-trace.js';

const buildDelayTrace = (packets: number) => buildTrace(Array.from({ length: packets }, () => ({})));

test('delays follow traces that are added, and only light ones', () => {
  const traces = createNoTraces();
  assert.equal(composeDelays(traces).rtt, null);
  traces.delay.push(buildDelayTrace(20));
  assert.equal(composeDelays(traces).rtt?.samples, 20);
  traces.delay.push(buildDelayTrace(30));
  const before = composeDelays(traces);
  assert.equal(before.rtt?.samples, 50);
  traces.capacity.push(buildDelayTrace(40));
  assert.deepEqual(composeDelays(traces), before);
});

test('traces that share only the newest one have delays of their own', () => {
  const newest = buildDelayTrace(10);
  const samples = [5, 25].map((packets) => {
    const traces = createNoTraces();
    traces.delay.push(buildDelayTrace(packets), newest);
    return composeDelays(traces).rtt?.samples;
  });
  assert.deepEqual(samples, [15, 35]);
});
