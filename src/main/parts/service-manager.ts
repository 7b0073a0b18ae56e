// What the service manager is told: ready, stopping, and still working. The watchdog is fed only after every part has answered
// a question through its own socket, so a stuck event loop or a dead part ends in a restart.
import { notifyServiceManager } from '../../box/native-host.js';
import type { Part } from './part.js';

export interface Watch {
  stop(): void;
}

/** Tells that all parts are ready and feeds the watchdog, where there is one, until it is stopped. */
export function announceReady(parts: readonly Part[]): Watch {
  notifyServiceManager(`READY=1\nSTATUS=${parts.map(({ name, where }) => `${name} at ${where}`).join('; ')}`);
  const timeoutUsec = Number(process.env['WATCHDOG_USEC'] ?? 0);
  const forUs = [undefined, String(process.pid)].includes(process.env['WATCHDOG_PID']);
  if (!(timeoutUsec > 0) || !forUs) return { stop: () => undefined };
  // Twice in each period (sd_watchdog_enabled(3)).
  const timer = setInterval(() => void feed(parts), timeoutUsec / 1000 / 2);
  return { stop: () => clearInterval(timer) };
}

export function announceStopping(): void {
  notifyServiceManager('STOPPING=1');
}

async function feed(parts: readonly Part[]): Promise<void> {
  const answers = await Promise.allSettled(parts.map((part) => part.check()));
  if (answers.every(({ status }) => status === 'fulfilled')) notifyServiceManager('WATCHDOG=1');
}
