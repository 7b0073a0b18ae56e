// Names of traffic classes, as the RFCs give them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeDscp, computeEcn, computeTrafficClass, nameTrafficClass } from '../../../src/model/traffic-class.js';

test('code points have the names that RFC 2474, 2597, 3246, 5865 and 8622 give them', () => {
  const names = [0, 8, 10, 14, 18, 26, 34, 38, 40, 44, 46, 48, 56, 1, 5, 42];
  assert.deepEqual(
    names.map((dscp) => nameTrafficClass(computeTrafficClass(dscp, 0))),
    ['CS0', 'CS1', 'AF11', 'AF13', 'AF21', 'AF31', 'AF41', 'AF43', 'CS5', 'VA', 'EF', 'CS6', 'CS7', 'LE'].concat([
      'DSCP 5',
      'DSCP 42',
    ]),
  );
});

test('ECN stands alone for best effort and beside other code points', () => {
  assert.deepEqual([1, 2, 3, 185].map(nameTrafficClass), ['ECT(1)', 'ECT(0)', 'CE', 'EF ECT(1)']);
});

test('every octet is its two parts, and no two share a name', () => {
  const octets = Array.from({ length: 256 }, (_, octet) => octet);
  for (const octet of octets) assert.equal(computeTrafficClass(computeDscp(octet), computeEcn(octet)), octet);
  assert.equal(new Set(octets.map(nameTrafficClass)).size, 256);
});
