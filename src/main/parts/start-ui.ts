// apparenet-ui: the page's server, which relays to the analysis server.
import { startPageServer } from '../../ui/server.js';
import type { ChosenTls } from './choose-tls.js';
import { checkHealth } from '../commands/check-health.js';
import { followTls } from './follow-tls.js';
import type { Part } from './part.js';
import { writeTrouble } from './part.js';

export interface StartUiOptions {
  readonly port: number;
  readonly address?: string;
  readonly tls?: ChosenTls;
  readonly asPort: number;
  readonly asSocketPath?: string;
  /** What is shown first; one box without it. */
  readonly home?: 'box' | 'fleet';
}

/** @throws DeviceError `device.busy` when the TCP port is taken. */
export async function startUi(options: StartUiOptions): Promise<Part> {
  const { tls, ...place } = options;
  const server = await startPageServer({ ...place, tls: tls?.tls ?? null });
  const followed = followTls({
    chosen: tls,
    renew: (renewed) => server.renewCertificate(renewed),
    tell: (sentence) => writeTrouble('ui', sentence),
  });
  return {
    name: 'ui',
    where: server.url,
    problems: [],
    check: () => checkHealth(server.url),
    close: () => {
      followed.close();
      return server.close();
    },
  };
}
