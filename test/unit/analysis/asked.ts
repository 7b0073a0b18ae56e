// A request and a path to examine that the tests vary.
import type { ExaminationRequest } from '../../../src/model/examination.js';
import type { LinkMode, PathDescription, PortFacts } from '../../../src/model/path.js';

export const REQUEST: ExaminationRequest = {
  id: '7K3Q',
  startedAt: '2026-01-01T00:00:00.000Z',
  depth: 'normal',
  quantity: null,
  maxSeconds: 15,
  maxBytes: 5e6,
  seed: 1,
};

const full = (speedBitsPerSec: number): LinkMode => ({ speedBitsPerSec, duplex: 'full' });
export const GIGABIT_MODES: readonly LinkMode[] = [full(10e6), full(100e6), full(1e9)];

export const PORT: PortFacts = {
  name: 'eth0',
  mtuBytes: 1500,
  linkUp: true,
  speedBitsPerSec: 1e9,
  duplex: 'full',
  autoNegotiation: true,
  supportedModes: GIGABIT_MODES,
  advertisedModes: GIGABIT_MODES,
  partnerModes: GIGABIT_MODES,
};

export const PATH: PathDescription = {
  target: { address: '10.0.0.2', via: 'icmp' },
  port: PORT,
  stamps: { tx: 'kernel', rx: 'kernel', far: null },
  nextHop: { address: '10.0.0.2', resolved: true },
  mtuBytes: 1500,
  minSizeBytes: 64,
  replySize: 'same',
  maxProbesPerSec: null,
  farSends: false,
  abilities: null,
  notes: [],
};
