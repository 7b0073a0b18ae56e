// What tells this box from others that share its image and perhaps its host name.
import { createHmac } from 'node:crypto';
import { hostname } from 'node:os';
import { HostFiles } from './host-files.js';

const MOST_NAME = 24;
const DIGITS = 4;

/**
 * `[a-z0-9_-]`, such as `hall-4f2c`: the host name, and some digits of the machine's id keyed for this use, which do not give the id
 * away (machine-id(5)); without an id of the machine the host name alone.
 */
export function computeBoxId(host: string, machineId: string): string {
  const name =
    (host.split('.')[0] ?? '')
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]+/g, '-')
      .slice(0, MOST_NAME) || 'probe';
  if (machineId === '') return name;
  return `${name}-${createHmac('sha256', machineId).update('apparenet box id').digest('hex').slice(0, DIGITS)}`;
}

export function readBoxId(files: HostFiles = new HostFiles()): string {
  return computeBoxId(hostname(), (files.readText('etc/machine-id') ?? '').trim());
}
