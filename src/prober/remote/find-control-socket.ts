// Where a client looks for a sequencer: the service's socket first, whoever the client is, then one of its own user.
import { existsSync } from 'node:fs';
import { computeControlSocketPath } from '../../model/parts.js';

/** A path in every case; whether somebody answers there shows when it is used. */
export function findControlSocketPath(): string {
  const service = computeControlSocketPath(0, undefined);
  if (existsSync(service)) return service;
  return computeControlSocketPath(process.getuid?.() ?? 0, process.env['XDG_RUNTIME_DIR']);
}
