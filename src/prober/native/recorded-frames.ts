// Columns of the engine -> the frames that went out and came in, each with its instant on the wall clock, for a capture file. Pure.
import { TX_STATUS, type RunOptions as EngineRun, type RunResult } from '../../../device/nic/native-port.js';
import { encodeEthernetHeader } from '../../packet/ethernet.js';
import { concatOctets } from '../../packet/octets.js';
import { ETHER_TYPE } from '../../packet/protocol-numbers.js';
import type { FrameToRecord } from '../capture/capture-file.js';
import type { NextHop } from './next-hop.js';

const NO_MAC = new Uint8Array(6);

/**
 * The kernel's stamps, or our own reading of the clock where it gave none; a NIC's own clock need not be the time of day. What the
 * engine patches into a packet as it leaves (STAMP's T1) is not in the copy.
 */
export function listRecordedFrames(run: EngineRun, result: RunResult, hop: NextHop): FrameToRecord[] {
  const { tx, rx, baseWallNs } = result;
  const at = (kernelNs: number, userNs: number): bigint | null => {
    const offsetNs = Number.isNaN(kernelNs) ? userNs : kernelNs;
    return Number.isFinite(offsetNs) ? baseWallNs + BigInt(Math.round(offsetNs)) : null;
  };
  const linkHeader = encodeMissingHeader(hop);
  const frames: FrameToRecord[] = [];
  tx.status.forEach((status, i) => {
    const wallNs = at(tx.kernelNs[i] ?? NaN, tx.userNs[i] ?? NaN);
    if (status !== TX_STATUS.sent || wallNs === null) return;
    const index = run.frameIndex[i] ?? 0;
    const start = run.frameOffset[index] ?? 0;
    const sent = run.arena.subarray(start, start + (run.frameLength[index] ?? 0));
    const bytes = linkHeader === null ? sent : concatOctets([linkHeader, sent]);
    frames.push({ wallNs, bytes, wireBytes: bytes.length });
  });
  for (let k = 0; k < rx.count; k += 1) {
    const wallNs = at(rx.kernelNs[k] ?? NaN, rx.userNs[k] ?? NaN);
    if (wallNs === null) continue;
    const bytes = rx.bytes.slice(rx.start[k] ?? 0, rx.start[k + 1] ?? 0);
    frames.push({ wallNs, bytes, wireBytes: Math.max(bytes.length, rx.length[k] ?? 0) });
  }
  return frames;
}

/** On loopback packets leave without the header that they come back with. */
function encodeMissingHeader({ sendLayer, linkLayer, version }: NextHop): Uint8Array | null {
  if (sendLayer === 'link' || linkLayer === 'none') return null;
  const etherType = version === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6;
  return encodeEthernetHeader({ destination: NO_MAC, source: NO_MAC, vlans: [], etherType });
}
