// Paths that lose packets on the medium, or for want of an answer.
import { NS_PER_MS } from '../../model/units.js';
import type { HopModel, LossModel, PathModel } from '../path-model.js';
import { buildPath, buildSymmetricPath, OFFICE_WAN } from './build-path.js';
import type { ScenarioGroup } from './build-path.js';

const withLoss = (loss: LossModel): HopModel => ({ ...OFFICE_WAN, loss });
const losingRequests = (loss: LossModel): PathModel => buildPath({ forward: [withLoss(loss)], reverse: [OFFICE_WAN] });

export const LOSSY_PATHS: ScenarioGroup = {
  lossy: ['3 % of requests lost at random', losingRequests({ kind: 'bernoulli', lossRatio: 0.03 })],
  'random-loss': [
    '1 % lost at random each way',
    buildSymmetricPath([withLoss({ kind: 'bernoulli', lossRatio: 0.01 })]),
  ],
  'light-loss': ['one request of a thousand lost', losingRequests({ kind: 'bernoulli', lossRatio: 0.001 })],
  'bursty-loss': [
    '2 % of requests lost, in runs of four on average',
    losingRequests({ kind: 'gilbert', goodToBad: 0.0051, badToGood: 0.25, goodLossRatio: 0, badLossRatio: 1 }),
  ],
  'media-errors': [
    'a bad cable: 6 % of full frames lost each way, 0.3 % of the shortest',
    buildSymmetricPath([withLoss({ kind: 'bit-errors', bitErrorRatio: 5e-6 })]),
  ],
  noise: [
    'bursts of noise of 3 ms that break what is on the link, a few each second',
    buildSymmetricPath([withLoss({ kind: 'noise-bursts', meanGapNs: 200 * NS_PER_MS, meanBurstNs: 3 * NS_PER_MS })]),
  ],
  unreachable: [
    'a target that never answers',
    buildPath({ forward: [OFFICE_WAN], reverse: [OFFICE_WAN], far: { kind: 'silent' } }),
  ],
};
