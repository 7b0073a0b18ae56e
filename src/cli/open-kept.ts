// The past of this machine, or of a folder that was named, for the commands that look back.
import type { CommandContext } from './command-context.js';
import type { Past } from './services.js';

/** What of it cannot be read is said on stderr. @throws as Services.openPast */
export function openKept(stateDir: string | undefined, { services, terminal }: CommandContext): Promise<Past> {
  return services.openPast(stateDir, (sentence) => terminal.err.write(`${sentence}\n`));
}
