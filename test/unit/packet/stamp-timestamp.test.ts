// NTP and PTP timestamps and the error estimate of STAMP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  encodeNtpTimestamp,
  encodePtpTimestamp,
  errorEstimateAt,
  parseNtpTimestamp,
  parsePtpTimestamp,
  putErrorEstimate,
  timestampAt,
} from '../../../src/packet/stamp-timestamp.js';
import { check, octetsOf } from './properties.js';

const NS = 1_000_000_000n;

// RFC 5905 figure 4: dates and their NTP era offsets.
const RFC_5905_DATES: readonly (readonly [string, bigint])[] = [
  ['1970-01-01T00:00:00Z', 2_208_988_800n],
  ['1972-01-01T00:00:00Z', 2_272_060_800n],
  ['1999-12-31T00:00:00Z', 3_155_587_200n],
  ['2036-02-08T00:00:00Z', 63_104n],
];

for (const [date, eraSeconds] of RFC_5905_DATES) {
  test(`${date} is NTP second ${eraSeconds.toString()} of its era`, () => {
    const unixNs = BigInt(Date.parse(date)) * 1_000_000n;
    assert.equal(encodeNtpTimestamp(unixNs), eraSeconds << 32n);
    assert.equal(parseNtpTimestamp(eraSeconds << 32n), unixNs);
  });
}

test('every ns from 1970 to 2104 survives NTP format', () => {
  check(fc.bigInt({ min: 0n, max: 4_233_000_000n * NS }), (unixNs) => {
    assert.equal(parseNtpTimestamp(encodeNtpTimestamp(unixNs)), unixNs);
  });
});

test('every ns from 1970 to 2106 survives PTP format', () => {
  check(fc.bigInt({ min: 0n, max: ((1n << 32n) - 1n) * NS + NS - 1n }), (unixNs) => {
    assert.equal(parsePtpTimestamp(encodePtpTimestamp(unixNs)), unixNs);
  });
});

test('any 64 bits are some instant, all zero are none', () => {
  check(octetsOf(8), (bytes) => {
    const isZero = bytes.every((octet) => octet === 0);
    assert.equal(timestampAt(bytes, 0, 'ntp') === null, isZero);
    assert.equal(timestampAt(bytes, 0, 'ptp') === null, isZero);
  });
});

test('every error estimate survives its 16 bits', () => {
  check(octetsOf(2), (bytes) => {
    const copy = new Uint8Array(2);
    putErrorEstimate(copy, 0, errorEstimateAt(bytes, 0));
    assert.deepEqual(copy, bytes);
  });
});
