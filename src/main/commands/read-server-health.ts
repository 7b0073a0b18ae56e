// What the analysis server of this machine says of itself, to whoever runs the command: through its socket file where that may be
// opened, else as anybody on loopback.
import { readPlaceInForce } from '../../box/config/read-server-place.js';
import { CONFIG_PATH } from '../../model/parts.js';
import type { ServerHealth } from '../../model/server-health.js';
import { askLocalApi, type LocalApiPlace } from './ask-local-api.js';
import { findLocalSocketPath } from './find-local-server.js';

const REQUEST = { method: 'GET', path: '/api/v1/health' };

/** null where none answers before `signal` ends. Its shape is trusted: it is the same program of the same version. */
export async function readServerHealth(
  stateDir: string | undefined,
  signal: AbortSignal,
): Promise<ServerHealth | null> {
  const asSocketPath = findLocalSocketPath(stateDir);
  const { apiPort } = await readPlaceInForce(CONFIG_PATH);
  for (const place of [{ port: 0, asSocketPath }, { port: apiPort }] satisfies LocalApiPlace[]) {
    const answer = await askLocalApi(place, { ...REQUEST, signal }).catch(() => null);
    if (isHealth(answer)) return answer;
  }
  return null;
}

/** What else may have the port is no part of the product. */
function isHealth(answer: unknown): answer is ServerHealth {
  if (typeof answer !== 'object' || answer === null) return false;
  const { status, version, parts } = answer as Record<string, unknown>;
  return (status === 'ok' || status === 'degraded') && typeof version === 'string' && Array.isArray(parts);
}
