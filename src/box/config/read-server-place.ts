// Where API and page are to listen by the configuration file. The page's server asks this alone, and shares a small machine with two
// others: what reads the whole file is loaded only where the file speaks of it.
import { readFileSync } from 'node:fs';
import type { ServerPlace } from '../../model/configuration.js';
import { ConfigError } from '../../model/errors.js';
import { CONFIG_SCHEMA } from './schema.js';

/** As shipped. */
export const DEFAULT_PLACE: ServerPlace = Object.freeze({
  listen: CONFIG_SCHEMA.properties.server.properties.listen.default,
  apiPort: CONFIG_SCHEMA.properties.server.properties.apiPort.default,
  pagePort: CONFIG_SCHEMA.properties.server.properties.pagePort.default,
  plainHttp: CONFIG_SCHEMA.properties.server.properties.plainHttp.default,
});

/** @throws ConfigError for a file that is not sound */
export async function readServerPlace(path: string): Promise<ServerPlace> {
  if (!speaksOfServer(path)) return DEFAULT_PLACE;
  const { readConfiguration } = await import('./configuration-file.js');
  return readConfiguration(path, false).server;
}

/** As shipped where the file is not sound: so little do the parts go by it. */
export function readPlaceInForce(path: string): Promise<ServerPlace> {
  return readServerPlace(path).catch((error: unknown) => {
    if (error instanceof ConfigError) return DEFAULT_PLACE;
    throw error;
  });
}

/** True as well for a file that cannot be read: whoever reads the whole of it says why. */
function speaksOfServer(path: string): boolean {
  try {
    // A key that is written with escapes has a backslash.
    return /^[^#\n]*(server|\\)/m.test(readFileSync(path, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
