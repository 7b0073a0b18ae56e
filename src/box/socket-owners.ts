// Which process holds a socket: the links /proc/PID/fd/* name sockets by inode. Other users' processes can only be read by root.
import type { HostFiles } from './host-files.js';

export interface SocketOwner {
  readonly pid: number;
  /** The kernel's short name, at most 15 characters. */
  readonly name: string;
  readonly commandLine: readonly string[];
}

/** Owners of those of the inodes whose process may be looked into. A socket shared by several processes names the first. */
export function readSocketOwners(inodes: ReadonlySet<number>, files: HostFiles): Map<number, SocketOwner> {
  const owners = new Map<number, SocketOwner>();
  if (inodes.size === 0) return owners;
  const pids = (files.list('proc') ?? []).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids.sort((a, b) => a - b)) {
    for (const fd of files.list(`proc/${pid}/fd`) ?? []) {
      const inode = Number(/^socket:\[(\d+)\]$/.exec(files.readLink(`proc/${pid}/fd/${fd}`) ?? '')?.[1]);
      if (inodes.has(inode) && !owners.has(inode)) owners.set(inode, readOwner(pid, files));
    }
    if (owners.size === inodes.size) break;
  }
  return owners;
}

function readOwner(pid: number, files: HostFiles): SocketOwner {
  const commandLine = (files.readText(`proc/${pid}/cmdline`) ?? '').split('\0').filter((word) => word !== '');
  return { pid, name: files.readText(`proc/${pid}/comm`) ?? '?', commandLine };
}
