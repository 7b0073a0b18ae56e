// A port below its ability: seen at both ends, seen at one, and the ports that must be left alone.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { composeEstimates } from '../../../src/analysis/examination/report/compose-estimates.js';
import { createNoTraces } from '../../../src/analysis/examination/knowledge.js';
import { judgeLowNegotiation } from '../../../src/analysis/signatures/low-negotiation.js';
import type { PortFacts } from '../../../src/model/path.js';
import { GIGABIT_MODES, PATH, PORT, REQUEST } from './asked.js';

const NOTHING_MEASURED = composeEstimates({
  request: REQUEST,
  path: PATH,
  traces: createNoTraces(),
  allowance: { packets: 0, bytes: 0, ns: 0 },
});

function judge(port: Partial<PortFacts>) {
  const path = { ...PATH, port: { ...PORT, ...port } };
  return judgeLowNegotiation({ path, estimates: NOTHING_MEASURED, light: [], all: [], byPhase: createNoTraces() });
}

describe('low negotiation', () => {
  it('is near certain where both ends can do more', () => {
    const judgement = judge({ speedBitsPerSec: 100e6 });
    assert.ok((judgement?.probability ?? 0) > 0.9);
    assert.equal(judgement?.finding?.severity, 'warning');
    assert.equal(judgement.finding.evidence[0]?.expected, 1e9);
  });

  it('is less probable, and says what it cannot see, where the partner is unknown', () => {
    const judgement = judge({ speedBitsPerSec: 100e6, partnerModes: null });
    assert.ok((judgement?.probability ?? 1) < 0.5);
    assert.equal(judgement?.finding?.severity, 'info');
    assert.match(JSON.stringify(judgement.finding.evidence), /not visible/);
  });

  it('sees a duplex that is poorer than it could be', () => {
    const modes = [
      { speedBitsPerSec: 100e6, duplex: 'half' },
      { speedBitsPerSec: 100e6, duplex: 'full' },
    ] as const;
    const port = { speedBitsPerSec: 100e6, supportedModes: modes, partnerModes: modes };
    assert.notEqual(judge({ ...port, duplex: 'half' }), null);
    assert.equal(judge({ ...port, duplex: 'full' }), null);
    assert.equal(judge({ ...port, duplex: 'unknown' }), null);
  });

  it('advises to negotiate where that is switched off', () => {
    const judgement = judge({ speedBitsPerSec: 10e6, autoNegotiation: false });
    assert.match(judgement?.finding?.advice ?? '', /Auto-negotiation is off/);
  });

  it('leaves alone the best common mode, a port without link, and virtual ports', () => {
    assert.equal(judge({}), null);
    assert.equal(judge({ speedBitsPerSec: 100e6, partnerModes: GIGABIT_MODES.slice(0, 2) }), null);
    assert.equal(judge({ speedBitsPerSec: 100e6, partnerModes: [] }), null);
    assert.equal(judge({ speedBitsPerSec: null }), null);
    assert.equal(judge({ speedBitsPerSec: 100e6, linkUp: false }), null);
    assert.equal(judge({ speedBitsPerSec: 10e6, supportedModes: [], partnerModes: null }), null);
  });
});
