// Paths with a shared link in them and nothing else that could lose or delay.
import type { FarEndModel, HopModel, PathModel, SharedLinkModel } from '../../../src/simulator/path-model.js';
import { buildBarePath, INSTANT_HOP } from './bare-path.js';

const WIRE_OVERHEAD_BYTES = 38;

export const echoAfter = (floorNs: number): FarEndModel => ({ kind: 'echo', processing: { floorNs, meanExtraNs: 0 } });

export interface SharedPathOptions {
  readonly near: 'half' | 'full';
  readonly far: 'half' | 'full';
  readonly rateBitsPerSec?: number;
  readonly propagationNs?: number;
  readonly queueBytes?: number;
  readonly others?: NonNullable<SharedLinkModel['others']>;
  readonly answeringNs?: number;
  /** What stands before and behind the link. */
  readonly wan?: HopModel;
}

/** Port, shared link, far end. */
export function buildSharedPath(options: SharedPathOptions): PathModel {
  const { near, far, rateBitsPerSec = 100e6, propagationNs = 500, queueBytes = 1e6, others, answeringNs = 0 } = options;
  const link: HopModel = { rateBitsPerSec, propagationNs, queueBytes, overheadBytes: WIRE_OVERHEAD_BYTES };
  const wan = options.wan ?? INSTANT_HOP;
  return {
    ...buildBarePath([INSTANT_HOP, link, wan], [wan, link, INSTANT_HOP], echoAfter(answeringNs)),
    sharedLink: { forwardHop: 1, reverseHop: 1, near, far, ...(others && { others }) },
  };
}
