// apparenet-ui: the page's server, which relays to the analysis server.
import { startPageServer } from '../ui/server.js';
import { checkHealth } from './check-health.js';
import type { Part } from './part.js';

/** @throws DeviceError `device.busy` when the TCP port is taken. */
export async function startUi(port: number, asPort: number): Promise<Part> {
  const server = await startPageServer({ port, asPort });
  return {
    name: 'ui',
    where: server.url,
    problems: [],
    check: () => checkHealth(server.url),
    close: () => server.close(),
  };
}
