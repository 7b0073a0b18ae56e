// What kept the path MTU and the treatment of marks from being known better, in sentences.
import { estimateClassTreatments } from '../../estimators/loss/traffic-classes.js';
import { estimateMtu, readMtu } from '../../estimators/loss/mtu.js';
import type { Knowledge } from '../knowledge.js';
import { selectPhases } from '../phases/phases-by-quantity.js';
import { answersTrains } from '../readings/train-readings.js';

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

/** Why nobody could tell what became of any mark. */
export function describeClassLimits({ request, path, traces }: Knowledge): string[] {
  if (!selectPhases(request.quantity).includes('classes') || traces.classes.length === 0) return [];
  const treatments = estimateClassTreatments(traces.classes);
  if (treatments?.some(({ forward, reverse }) => forward !== null || reverse !== null)) return [];
  return path.target.via === 'tcp'
    ? ['TCP marks its answers as it likes: what the path does to marks is not told by this target']
    : ['Too few marked packets were answered to tell what the path does to marks'];
}

/** Phases of packets of a kind that were asked for and not paid for. */
export function describeUntriedPackets({ request, path, traces }: Knowledge): string[] {
  const phases = selectPhases(request.quantity);
  const isRare = path.maxProbesPerSec !== null && path.maxProbesPerSec < 10;
  const why = isRare ? 'the target answers too seldom' : 'time or bytes allowed were too few';
  const whyNoBursts = answersTrains(path) ? 'time or bytes allowed were too few' : 'the target limits its answers';
  // Who asked for one quantity; a quick examination of everything has no time for them.
  const isMissed = request.quantity !== null && phases.includes('spacing') && traces.spacing.length === 0;
  return [
    ...(phases.includes('mtu') && traces.mtu.length === 0 ? [`The path MTU was not looked for: ${why}`] : []),
    ...(isMissed ? [`No packets were sent close together: ${whyNoBursts}`] : []),
    ...(phases.includes('classes') && traces.classes.length === 0 ? [`Marked packets were not sent: ${why}`] : []),
  ];
}
