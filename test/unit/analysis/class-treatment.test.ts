// What single replies say of a mark: who stamps is a reflector also in the reply that nothing follows up.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimateClassTreatments } from '../../../src/analysis/estimators/loss/traffic-classes.js';
import { buildTrace } from './built-trace.js';

const ECT_0 = 2;
const classes = {
  trafficClass: Uint8Array.of(ECT_0, ECT_0),
  farTrafficClass: Int16Array.of(ECT_0, ECT_0),
  replyTrafficClass: Int16Array.of(0, 0),
};

describe('a reply without ECN', () => {
  it('of a reflector is no word on the way back, its last one included', () => {
    const rows = [{ farRxNs: 5, farTxNs: 10 }, {}];
    const trace = buildTrace(rows, { ...classes, stamps: { tx: 'kernel', rx: 'kernel', far: 'kernel' } });
    assert.equal(estimateClassTreatments([trace])?.[0]?.reverse, null);
  });

  it('of an echo shows that the mark was cleared', () => {
    assert.equal(estimateClassTreatments([buildTrace([{}, {}], classes)])?.[0]?.reverse, 0);
  });
});
