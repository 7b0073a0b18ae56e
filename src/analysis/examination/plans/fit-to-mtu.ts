// Packets of later phases are no larger than what was found to pass: what is lost for its size would look like loss, and a train of
// fragments like a slower link.
import { estimateMtu } from '../../estimators/loss/mtu.js';
import type { Knowledge, PhaseName } from '../knowledge.js';

/** These look for the limit, or come before it. */
const BEFORE: readonly PhaseName[] = ['reach', 'delay', 'mtu'];

/** The knowledge that a phase plans from, its path narrowed to both directions' MTU where one is known to be smaller. */
export function fitToMtu(knowledge: Knowledge, phase: PhaseName): Knowledge {
  const { path, traces } = knowledge;
  const mtu = BEFORE.includes(phase) ? null : estimateMtu(traces.mtu, path);
  if (mtu === null) return knowledge;
  const limits = [
    ...(mtu.failedBytes.forward === null ? [] : [mtu.forwardBytes]),
    ...(mtu.failedBytes.reverse === null || mtu.reverseBytes === null ? [] : [mtu.reverseBytes]),
  ];
  const mtuBytes = Math.max(path.minSizeBytes, Math.min(path.mtuBytes, ...limits));
  return mtuBytes === path.mtuBytes ? knowledge : { ...knowledge, path: { ...path, mtuBytes } };
}
