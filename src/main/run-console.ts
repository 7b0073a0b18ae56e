// `apparenet console`: the analysis server of a console and its page in one process, until told to stop.
import { join } from 'node:path';
import { findStateFolder } from '../box/abilities-store.js';
import type { RunConsole, RunConsoleOptions } from '../model/console-options.js';
import { EXIT } from '../model/errors.js';
import { PART_PORTS } from '../model/parts.js';
import type { Part } from './parts/part.js';
import { announceReady, announceStopping } from './parts/service-manager.js';
import { startConsole } from './parts/start-console.js';
import { startUi } from './parts/start-ui.js';
import { stopParts } from './parts/stop-parts.js';

const TITLES: Readonly<Record<Part['name'], string>> = { tps: 'sequencer', as: 'console', ui: 'page' };

export const runConsole: RunConsole = async (options) => {
  const { signal, note } = options;
  const parts: Part[] = [];
  try {
    await startParts(options, parts);
    const watch = announceReady(parts);
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    }
    announceStopping();
    watch.stop();
    return EXIT.ok;
  } finally {
    await stopParts(parts, note);
  }
};

async function startParts(options: RunConsoleOptions, parts: Part[]): Promise<void> {
  const { listen, broker, retention, note } = options;
  // Beside that of a box on the same machine.
  const folder = options.stateDir ?? join(findStateFolder(), 'console');
  const { chooseTls } = await import('./parts/choose-tls.js');
  const tls = await chooseTls({ ...options, stateDir: folder });
  const place = { ...(listen === undefined ? {} : { address: listen }), tls };
  const add = (part: Part): void => {
    parts.push(part);
    note(`${TITLES[part.name].padEnd(16)} ${part.where}`);
    for (const line of [...part.problems, ...(part.notes ?? [])]) note(`${''.padEnd(16)} ${line}`);
  };
  const server = await startConsole({ port: options.asPort ?? PART_PORTS.as, ...place, folder, broker, retention });
  add(server);
  const asPort = Number(new URL(server.where).port);
  // Whatever the server listens on, its socket file is on this machine.
  const asSocketPath = join(folder, 'as.sock');
  add(await startUi({ port: options.uiPort ?? PART_PORTS.ui, ...place, asPort, asSocketPath, home: 'fleet' }));
  note(`${'broker'.padEnd(16)} ${broker.url ?? ''}, topics ${broker.baseTopic}/+/…`);
}
