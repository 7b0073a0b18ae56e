// Room and wear of what a folder lies on. Flash tells its wear only where it is eMMC or UFS; SD cards tell nothing.
import { statfsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { StorageHealth } from '../../model/box-health.js';
import type { HostFiles } from '../host-files.js';

const SECTOR_BYTES = 512;
/** Field of /sys/block/DEVICE/stat (kernel.org block/stat.html), counted from 0. */
const SECTORS_WRITTEN = 6;

/** Answer of statfs(2), in blocks. */
export interface FileSystemRoom {
  readonly bsize: number;
  readonly blocks: number;
  readonly bavail: number;
}

/** Where the folder does not exist yet, of the one it will be made in. `readRoom` throws as statfs(2) fails. */
export function readStorage(
  folder: string,
  files: HostFiles,
  readRoom: (folder: string) => FileSystemRoom = statfsSync,
): StorageHealth | null {
  let room: FileSystemRoom;
  try {
    room = readRoom(folder);
  } catch {
    return dirname(folder) === folder ? null : readStorage(dirname(folder), files, readRoom);
  }
  const mount = findMount(folder, files.readText('proc/self/mountinfo') ?? '');
  const device = mount?.source.startsWith('/dev/') ? basename(mount.source) : null;
  const disk = device === null ? null : findDisk(device, files);
  return {
    folder,
    fileSystem: mount?.fileSystem ?? 'unknown',
    device,
    totalBytes: room.blocks * room.bsize,
    availableBytes: room.bavail * room.bsize,
    readOnly: mount?.readOnly ?? false,
    writtenBytes: disk === null ? null : readWritten(disk, files),
    wear: disk === null ? null : readWear(disk, files),
  };
}

interface Mount {
  readonly point: string;
  readonly fileSystem: string;
  readonly source: string;
  readonly readOnly: boolean;
}

/** The deepest mount that holds `folder`, the latest where several lie on one point; proc_pid_mountinfo(5). */
function findMount(folder: string, mountinfo: string): Mount | null {
  const holding = mountinfo.split('\n').flatMap((line): Mount[] => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , , rawPoint = '', options = ''] = before.split(' ');
    const [fileSystem = '', source = '', superOptions = ''] = after.split(' ');
    const point = unescapeOctal(rawPoint);
    const holds = point === '/' || folder === point || folder.startsWith(`${point}/`);
    const readOnly = [options, superOptions].some((words) => words.split(',').includes('ro'));
    return point !== '' && holds ? [{ point, fileSystem, source: unescapeOctal(source), readOnly }] : [];
  });
  return holding.reduce<Mount | null>(
    (best, mount) => (best === null || mount.point.length >= best.point.length ? mount : best),
    null,
  );
}

/** Spaces and the like stand as \040. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

/** Folder under /sys of the disk that a partition is on, or of the disk itself. */
function findDisk(device: string, files: HostFiles): string | null {
  const folder = `sys/class/block/${device}`;
  if (files.readText(`${folder}/stat`) === null) return null;
  const isPartition = files.readText(`${folder}/partition`) !== null;
  const link = files.readLink(folder);
  return isPartition && link !== null ? `sys/class/block/${basename(dirname(link))}` : folder;
}

function readWritten(disk: string, files: HostFiles): number | null {
  const sectors = files.readText(`${disk}/stat`)?.split(/\s+/)[SECTORS_WRITTEN];
  return sectors === undefined ? null : Number(sectors) * SECTOR_BYTES;
}

/** EXT_CSD 268 and 269 of eMMC (JESD84-B51): 1 is less than a tenth of the life used, 10 nine tenths, 11 all of it. */
function readWear(disk: string, files: HostFiles): number | null {
  const levels = (files.readText(`${disk}/device/life_time`) ?? '').split(/\s+/).map(Number);
  const used = levels.filter((level) => level >= 1 && level <= 11);
  return used.length === 0 ? null : Math.min(1, Math.max(...used) / 10);
}
