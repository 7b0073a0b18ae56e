// What turns the raw output of a bench into its figures.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderFigures } from '../../bench/figure.js';
import { computeSteadyRate } from '../../bench/send-rate.js';
import { parseListing } from '../../bench/wire-witness.js';

test('a ratio above 1 is in our favour, and is taken within each round', () => {
  const peer = (values: number[]) => ({ name: 'peer', values });
  const table = renderFigures([
    { what: 'noise, us', better: 'lower', ours: [2, 4, 6], peer: peer([20, 80, 60]) },
    { what: 'rate, kpps', better: 'higher', ours: [100], peer: peer([200]) },
    { what: 'unaccounted', better: 'lower', ours: [0, 0], peer: null },
  ]);
  const [, , noise, rate, unaccounted] = table.split('\n');
  assert.equal(noise, '| noise, us | lower | 4.00 (2.00-6.00) | peer | 60.0 (20.0-80.0) | 10.0x |');
  assert.equal(rate, '| rate, kpps | higher | 100 (100-100) | peer | 200 (200-200) | 0.50x |');
  assert.equal(unaccounted, '| unaccounted | lower | 0 (0-0) | - | - | - |');
});

test('the steady rate leaves a slow start and a slow end out', () => {
  const samples: [number, number][] = [[0, 7]];
  for (let ms = 1; ms <= 100; ms += 1) samples.push([ms * 1e6, 7 + (ms <= 50 ? ms : 50 + (ms - 50) * 1000)]);
  samples.push([10e9, 7 + 50 + 50 * 1000]);
  assert.equal(Math.round(computeSteadyRate(samples)), 1_000_000);
  assert.throws(() => computeSteadyRate([[0, 5]]), /too few samples/);
});

test('a tcpdump listing becomes requests and replies, exact to the nanosecond', () => {
  const listing = [
    '1763829278.999999999 IP 10.66.0.1.43644 > 10.66.0.2.2112: UDP, length 60',
    '1763829279.000000001 IP 10.66.0.2.2112 > 10.66.0.1.43644: UDP, length 60',
    'reading from file x, link-type EN10MB (Ethernet), snapshot length 64',
    '1763829280.000000000 IP 10.66.0.1.43644 > 10.66.0.2.2112: UDP, length 60',
  ].join('\n');
  assert.deepEqual(parseListing(listing, '10.66.0.2'), { requestsNs: [0, 1_000_000_001], repliesNs: [2] });
});
