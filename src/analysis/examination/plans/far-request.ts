// A train that the far end sends on request: one light packet of ours asks for it, and we listen for as long as it lasts. What to ask for is
// decided by the phases.
import type { Sequence } from '../../../model/sequence.js';
import { ETHERNET_HEADER_BYTES } from '../../../model/units.js';
import { computeLightSize } from '../knowledge.js';
import type { Knowledge } from '../knowledge.js';

/** Our one packet costs as well. */
export function leaveRoomForTrigger(knowledge: Knowledge): Knowledge {
  const { allowance, path } = knowledge;
  const bytes = Math.max(0, allowance.bytes - computeLightSize(path) - ETHERNET_HEADER_BYTES);
  return { ...knowledge, allowance: { ...allowance, bytes, packets: Math.max(0, allowance.packets - 1) } };
}

/** The far end begins when our one packet arrives; we listen for as long as its train lasts. */
export function askFarEnd({ path }: Knowledge, sequence: Sequence | null): Sequence | null {
  if (sequence?.pattern.kind !== 'train') return null;
  const { pattern, lingerNs } = sequence;
  const lastsNs = pattern.trains * (pattern.spacingNs + pattern.packetsPerTrain * pattern.gapNs);
  const trigger = { kind: 'single', sizeBytes: computeLightSize(path) } as const;
  return { ...sequence, pattern: trigger, farPattern: pattern, lingerNs: Math.round(lingerNs + lastsNs) };
}
