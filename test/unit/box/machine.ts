// A recorded machine: the files of test/fixtures/machine and the driver answers that belong to them.
import { fileURLToPath } from 'node:url';
import { HostFiles } from '../../../src/box/host-files.js';
import type { PortSource } from '../../../src/box/port-facts.js';

export const MACHINE_ROOT = fileURLToPath(new URL('../../../../test/fixtures/machine', import.meta.url));
export const MACHINE_FILES = new HostFiles(MACHINE_ROOT);

/** The machine without an engine: files only. */
export const FILES_ONLY: PortSource = {
  files: MACHINE_FILES,
  readInterface: () => null,
  readLink: () => null,
  readTimestamping: () => null,
  readLinkState: () => null,
  readVlan: () => null,
};
