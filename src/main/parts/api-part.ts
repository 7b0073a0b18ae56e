// An API's server as a part: its certificate followed, its claim code told.
import type { Doors } from '../../server/api-doors.js';
import { checkHealth } from '../commands/check-health.js';
import type { ChosenTls } from './choose-tls.js';
import { followTls } from './follow-tls.js';
import type { Part } from './part.js';
import { writeTrouble } from './part.js';

export interface ApiPartOptions {
  readonly server: Doors;
  readonly tls: ChosenTls | undefined;
  /** Of what stands beside the server. */
  readonly problems?: readonly string[];
  /** Ends the server and what stands beside it, in the order that loses nothing. */
  readonly close: () => Promise<void>;
}

export function composeApiPart({ server, tls, problems = [], close }: ApiPartOptions): Part {
  const followed = followTls({
    chosen: tls,
    renew: (renewed) => server.renewCertificate(renewed),
    tell: (sentence) => writeTrouble('as', sentence),
  });
  return {
    name: 'as',
    where: server.url,
    problems: [...problems, ...server.problems],
    notes: [
      ...(tls?.notes ?? []),
      ...(server.claimCode === null ? [] : [`nobody has a password yet; claim code ${server.claimCode}`]),
    ],
    check: () => checkHealth(server.url),
    close: () => {
      followed.close();
      return close();
    },
  };
}
