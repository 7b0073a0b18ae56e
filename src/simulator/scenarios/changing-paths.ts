// Paths that change packets, their number, their order or their way.
import { NS_PER_MS, NS_PER_SEC } from '../../model/units.js';
import { buildPath, buildSymmetricPath, OFFICE_WAN } from './build-path.js';
import type { ScenarioGroup } from './build-path.js';

/** DSCP · 4: expedited forwarding (46) becomes class selector 1 (8). */
const EF_TO_CS1 = { 184: 32 };

export const CHANGING_PATHS: ScenarioGroup = {
  reordering: [
    '5 % of requests take a way that is 1 ms longer, so that others overtake them',
    buildPath({
      forward: [{ ...OFFICE_WAN, detour: { ratio: 0.05, delayNs: 1 * NS_PER_MS } }],
      reverse: [OFFICE_WAN],
    }),
  ],
  duplication: [
    '3 % of requests arrive twice',
    buildPath({ forward: [{ ...OFFICE_WAN, duplicationRatio: 0.03 }], reverse: [OFFICE_WAN] }),
  ],
  remarked: [
    'a provider that clears the DSCP of what it carries, both ways',
    buildSymmetricPath([{ ...OFFICE_WAN, remark: { kind: 'clear-dscp' } }]),
  ],
  'dscp-remark': [
    'a provider that sends marked voice behind everything else, on the way there',
    buildPath({ forward: [{ ...OFFICE_WAN, remark: { kind: 'map', to: EF_TO_CS1 } }], reverse: [OFFICE_WAN] }),
  ],
  'route-change': [
    'four seconds after the start the way back gets 6 ms and two routers longer',
    buildPath({
      forward: [OFFICE_WAN],
      reverse: [{ ...OFFICE_WAN, routeChange: { atNs: 4 * NS_PER_SEC, extraDelayNs: 6 * NS_PER_MS, extraHops: 2 } }],
    }),
  ],
};
