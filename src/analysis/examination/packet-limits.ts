// What kept the path MTU and the treatment of marks from being known better, in sentences.
import { estimateMtu, readMtu } from '../estimators/mtu.js';
import type { Knowledge } from './knowledge.js';
import { selectPhases } from './supported-quantities.js';

export function describeMtuLimits({ request, path, traces }: Knowledge): string[] {
  if (!selectPhases(request.quantity).includes('mtu') || traces.mtu.length === 0) return [];
  const mtu = estimateMtu(traces.mtu, path);
  if (mtu === null) return ['The path MTU is unknown: too much is lost to tell a size that never passes from bad luck'];
  const { forwardBytes, failedBytes } = mtu;
  if (failedBytes.forward === null) return [];
  const limits: string[] = [];
  if (failedBytes.forward > forwardBytes + 1) {
    const range = `${forwardBytes} to ${failedBytes.forward - 1} bytes`;
    limits.push(`The path MTU is not known to the byte, only ${range}: time, bytes or replies were too few`);
  }
  if (path.replySize === 'same' && !readMtu(traces.mtu).isCounting) {
    limits.push('The far end does not tell what arrives: what fails may fail on the way there or on the way back');
  }
  return limits;
}

/** Phases of packets of a kind that were asked for and not paid for. */
export function describeUntriedPackets({ request, path, traces }: Knowledge): string[] {
  const phases = selectPhases(request.quantity);
  const isRare = path.maxProbesPerSec !== null && path.maxProbesPerSec < 10;
  const why = isRare ? 'the target answers too seldom' : 'time or bytes allowed were too few';
  return [
    ...(phases.includes('mtu') && traces.mtu.length === 0 ? [`The path MTU was not looked for: ${why}`] : []),
    ...(phases.includes('classes') && traces.classes.length === 0 ? [`Marked packets were not sent: ${why}`] : []),
  ];
}
