// Names of addresses, from the name servers of this machine. Only on request: each name is a query that others see.
import { Resolver } from 'node:dns/promises';

const SERVER_WAIT_MS = 1_000;
/** Whoever owns an address chooses its name; nothing else may come to a terminal. */
const PRINTABLE = /^[a-z0-9._-]{1,253}$/i;

/** Asks for all at once. Who does not answer in a second, or has no name, is left out; an aborted signal ends the asking. */
export async function readNames(addresses: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  const resolver = new Resolver({ timeout: SERVER_WAIT_MS, tries: 1 });
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel);
  try {
    const answers = await Promise.allSettled(addresses.map((address) => resolver.reverse(address)));
    return new Map(
      answers.flatMap((answer, i) => {
        const name = answer.status === 'fulfilled' ? answer.value[0] : undefined;
        return name === undefined || !PRINTABLE.test(name) ? [] : [[addresses[i] ?? '', name] as const];
      }),
    );
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
