// Any of the three parts in one process: start in order, serve until told to stop or the verdict, stop in bounded time. The parts
// talk over their sockets here just as they do in processes of their own.
import { existsSync } from 'node:fs';
import { CanceledError, EXIT } from '../model/errors.js';
import type { ExitCode } from '../model/errors.js';
import { isLoopback, LOOPBACK_ADDRESS } from '../model/loopback.js';
import { computeControlSocketPath, computeLocalSocketPath, PART_NAMES, PART_PORTS } from '../model/parts.js';
import type { RunParts, RunPartsOptions } from '../model/parts.js';
import { findControlSocketPath } from '../prober/remote/find-control-socket.js';
import type { LocalApiPlace } from './commands/ask-local-api.js';
import { choosePlace } from './parts/choose-place.js';
import type { ChosenTls } from './parts/choose-tls.js';
import { orderExamination } from './commands/order-examination.js';
import type { Part } from './parts/part.js';
import { announceReady, announceStopping } from './parts/service-manager.js';
import { stopParts } from './parts/stop-parts.js';

interface Running {
  readonly parts: readonly Part[];
  readonly as: LocalApiPlace;
  readonly pageUrl: string | null;
}

export const runParts: RunParts = async (options) => {
  const running = await startParts(options);
  const watch = announceReady(running.parts);
  try {
    return await serve(running, options);
  } finally {
    announceStopping();
    watch.stop();
    await stopParts(running.parts, options.note);
  }
};

async function startParts(asked: RunPartsOptions): Promise<Running> {
  const chosen = PART_NAMES.filter((name) => asked.only?.includes(name) ?? true);
  const options = chosen.some((name) => name !== 'tps') ? await choosePlace(asked) : asked;
  const socketPath = chooseSocketPath(options, chosen.includes('tps'));
  const parts: Part[] = [];
  let asPort = options.asPort ?? PART_PORTS.as;
  try {
    for (const name of chosen) {
      const part = await startPart(name, { ...options, socketPath, asPort });
      parts.push(part);
      if (part.name === 'as') asPort = Number(new URL(part.where).port);
      options.note(`${TITLES[name].padEnd(16)} ${part.where}`);
      for (const line of [...part.problems, ...(part.notes ?? [])]) options.note(`${''.padEnd(16)} ${line}`);
    }
  } catch (error) {
    await stopParts(parts, options.note);
    throw error;
  }
  const pageUrl = parts.find(({ name }) => name === 'ui')?.where ?? null;
  return { parts, as: { port: asPort, ...findLocalSocket(socketPath) }, pageUrl };
}

/** Where the sequencer makes its socket, or where the others find that of one in another process. */
function chooseSocketPath({ socketPath, stateDir }: RunPartsOptions, startsTps: boolean): string {
  if (socketPath !== undefined) return socketPath;
  if (!startsTps && stateDir === undefined) return findControlSocketPath();
  return computeControlSocketPath(process.getuid?.() ?? 0, process.env['XDG_RUNTIME_DIR'], stateDir);
}

const TITLES = { tps: 'sequencer', as: 'analysis server', ui: 'page' } as const;

/** Each part's code is loaded only where the part is wanted. */
async function startPart(
  name: Part['name'],
  options: RunPartsOptions & { readonly socketPath: string; readonly asPort: number },
): Promise<Part> {
  const { socketPath, asPort } = options;
  switch (name) {
    case 'tps': {
      const { startTps } = await import('./parts/start-tps.js');
      return startTps({ socketPath, reflectorPorts: options.reflectorPorts ?? PART_PORTS.reflector });
    }
    case 'as': {
      const { startAs } = await import('./parts/start-as.js');
      return startAs({
        port: asPort,
        socketPath,
        ...chooseAddress(options),
        ...(await loadTls(options)),
        ...pickFiles(options),
        ...chooseWatching(options),
      });
    }
    case 'ui': {
      const { startUi } = await import('./parts/start-ui.js');
      const place = { asPort, ...findLocalSocket(socketPath) };
      return startUi({
        port: options.uiPort ?? PART_PORTS.ui,
        ...place,
        ...chooseAddress(options),
        ...(await loadTls(options)),
      });
    }
  }
}

/** How the other parts of this machine reach the analysis server whatever it listens on; it may not have been able to make it. */
function findLocalSocket(socketPath: string): { readonly asSocketPath?: string } {
  const asSocketPath = computeLocalSocketPath(socketPath);
  return existsSync(asSocketPath) ? { asSocketPath } : {};
}

/** Not loaded where nothing listens beyond loopback and nobody names a certificate. */
async function loadTls(options: RunPartsOptions): Promise<{ readonly tls?: ChosenTls }> {
  if (isLoopback(options.listen ?? LOOPBACK_ADDRESS) && options.tls === undefined) return {};
  const { chooseTls } = await import('./parts/choose-tls.js');
  return { tls: await chooseTls(options) };
}

function chooseAddress({ listen }: RunPartsOptions): { readonly address?: string } {
  return listen === undefined ? {} : { address: listen };
}

/** Who wants one verdict does not want to be watched over. */
function chooseWatching({ once }: RunPartsOptions): { readonly watches?: false } {
  return once ? { watches: false } : {};
}

function pickFiles({
  stateDir,
  configPath,
  mqttUrl,
}: RunPartsOptions): Pick<RunPartsOptions, 'stateDir' | 'configPath' | 'mqttUrl'> {
  return {
    ...(mqttUrl === undefined ? {} : { mqttUrl }),
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(configPath === undefined ? {} : { configPath }),
  };
}

/** Resolves with the exit code when there is a reason to stop. */
async function serve(running: Running, options: RunPartsOptions): Promise<ExitCode> {
  const { signal } = options;
  const verdict = options.target === undefined ? null : await examineTarget(running, options);
  if (options.once && verdict !== null) return verdict;
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }
  return EXIT.ok;
}

/** Null when it failed and the parts are to go on without it. @throws what it failed with when nothing else was asked for. */
async function examineTarget(running: Running, options: RunPartsOptions): Promise<ExitCode | null> {
  const { target = '', once, signal, note } = options;
  try {
    const onEvent = options.onEvent ?? (() => undefined);
    const report = await orderExamination({ as: running.as, target, signal, onEvent });
    options.onReport?.(report, running.pageUrl);
    return EXIT[report.verdict];
  } catch (error) {
    if (once || !(error instanceof Error)) throw error;
    if (!(error instanceof CanceledError)) note(`${target} was not examined: ${error.message}`);
    return null;
  }
}
