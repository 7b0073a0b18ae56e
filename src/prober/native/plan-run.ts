// Instants -> what the engine is asked: one frame a packet in one arena, and when to stop listening. Pure.
import type { RunOptions as EngineRun } from '../../../device/nic/native-port.js';
import { NS_PER_MS } from '../../model/units.js';
import type { EncodedProbe } from '../../packet/probe-packet.js';

/** Time for the engine's threads to start and to learn how late they wake. */
const LEAD_NS = 5 * NS_PER_MS;
/** After the last answer: long enough for a duplicate of it on any path that is not broken in a worse way. */
const DUPLICATE_GRACE_NS = 20 * NS_PER_MS;

/** Most that is taken at once for rows that may yet be smaller. */
const MOST_ROOM_BYTES = 192e6;

export interface RunPlan {
  /** When each packet leaves, ns after the first; never decreasing. */
  readonly offsetNs: Float64Array;
  readonly lingerNs: number;
  /** As in a sequence. */
  readonly quietNs?: number;
  /** Frames after which the run may end before its linger; 0 for never. */
  readonly expectFrames: number;
  /** The first packet waits at least this long, ns. */
  readonly restNs: number;
  /** Whether packets must leave on time, whatever else wants the processor. */
  readonly isExact: boolean;
}

/** `encode` gives the frame of a packet; where the time of sending is patched must be the same in all of them. */
export function planRun(plan: RunPlan, encode: (index: number) => EncodedProbe): EngineRun {
  const { offsetNs, lingerNs, quietNs = 0, expectFrames, restNs, isExact } = plan;
  const count = offsetNs.length;
  const frameOffset = new Uint32Array(count);
  const frameLength = new Uint32Array(count);
  let arena = new Uint8Array(0);
  let used = 0;
  let timestampAt = -1;
  let checksumAt = -1;
  for (let i = 0; i < count; i++) {
    const probe = encode(i);
    if (used + probe.bytes.length > arena.length) {
      const larger = new Uint8Array(used + planRoom(probe.bytes.length, count - i, arena.length));
      larger.set(arena.subarray(0, used));
      arena = larger;
    }
    arena.set(probe.bytes, used);
    frameOffset[i] = used;
    frameLength[i] = probe.bytes.length;
    used += probe.bytes.length;
    ({ timestampAt, checksumAt } = probe);
  }
  return {
    arena: arena.subarray(0, used),
    frameOffset,
    frameLength,
    frameIndex: Uint32Array.from({ length: count }, (_, i) => i),
    offsetNs,
    txStamping: 'all',
    timestampAt,
    checksumAt,
    lingerNs,
    expectFrames,
    graceNs: Math.min(lingerNs, DUPLICATE_GRACE_NS),
    quietNs,
    leadNs: Math.max(LEAD_NS, restNs),
    realTime: isExact,
  };
}

/** Room for the rows left if they are like this one: copying a growing arena of 125 MB takes longer than filling it. */
function planRoom(rowBytes: number, rowsLeft: number, heldBytes: number): number {
  return Math.max(rowBytes, Math.min(rowBytes * rowsLeft, Math.max(heldBytes, MOST_ROOM_BYTES)));
}
