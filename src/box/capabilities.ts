// Whether this process may open raw packets, and the exact words to grant it. Nothing is tried: the kernel's own record decides.
import { realpathSync } from 'node:fs';
import { PermissionError } from '../model/errors.js';
import { HostFiles } from './host-files.js';

const CAP_NET_RAW = 13n;

/** True where the effective capability set of this process holds CAP_NET_RAW. */
export function readMayOpenRawPackets(files = new HostFiles()): boolean {
  const hex = /^CapEff:\s*([0-9a-f]+)$/im.exec(files.readText('proc/self/status') ?? '')?.[1];
  return hex !== undefined && ((BigInt(`0x${hex}`) >> CAP_NET_RAW) & 1n) === 1n;
}

/** The command that grants raw packets and real-time pacing to the program that runs this one. */
export function computeGrantCommand(nodePath: string): string {
  return `sudo setcap cap_net_raw,cap_net_bind_service,cap_sys_nice+ep ${/[^\w@%+=:,./-]/.test(nodePath) ? `'${nodePath}'` : nodePath}`;
}

/** setcap refuses symbolic links, so the real path of node is named. */
function readGrantCommand(): string {
  return computeGrantCommand(realpathSync(process.execPath));
}

export function createRawPacketError(cause?: unknown): PermissionError {
  return new PermissionError(
    'permission.raw-packets',
    'sending test packets needs the capability CAP_NET_RAW, which this process does not have',
    readGrantCommand(),
    { cause },
  );
}
