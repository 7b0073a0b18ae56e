// What goes into a support bundle, from this machine and from this version; where its past is read is its caller's business.
import { readBoxId } from '../../box/box-id.js';
import { makeBundle } from '../../box/bundle/bundle.js';
import type { BundleSource } from '../../box/bundle/bundle.js';
import { listMachineSources } from '../../box/bundle/machine-sources.js';
import { readConfiguration } from '../../box/config/configuration-file.js';
import { readPlaceInForce } from '../../box/config/read-server-place.js';
import { listPorts } from '../../box/port-facts.js';
import { readApplianceStatus } from '../../cli/appliance-status.js';
import type { ReadServerHealth } from '../../cli/appliance-status.js';
import type { MadeBundle } from '../../model/bundle.js';
import type { CalendarStanding } from '../../model/calendar.js';
import type { Configuration } from '../../model/configuration.js';
import { ApparenetError } from '../../model/errors.js';
import type { Incident } from '../../model/incident.js';
import { VERSION } from '../../model/parts.js';
import type { Report } from '../../model/report.js';
import { readBrokerSecrets } from '../../mqtt/broker-secrets.js';
import type { BrokerSecrets } from '../../mqtt/broker-secrets.js';

export interface BundleParts {
  readonly stateFolder: string;
  readonly configPath: string;
  /** Whether the configuration must be there. */
  readonly isConfigNamed: boolean;
  /** Of the sequencer. */
  readonly socketPath: string;
  readonly readServerHealth: ReadServerHealth;
  /** The newest first. Each may throw. */
  readonly listReports: (limit: number) => Promise<readonly Report[]>;
  readonly listIncidents: (limit: number) => Promise<readonly Incident[]>;
  readonly readCalendar: () => Promise<CalendarStanding>;
}

const REPORTS = 20;
const INCIDENTS = 100;

/** `findPath` tells the file by the id of the box and the time, as `20261123T221000Z`. @throws UsageError, StoreError */
export async function composeBundle(
  parts: BundleParts,
  findPath: (id: string, time: string) => string,
): Promise<MadeBundle> {
  const configuration = readSound(parts);
  const id = configuration?.mqtt.id ?? readBoxId();
  const atMs = Date.now();
  const time = new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const ports = listPorts()
    .filter(({ kind }) => kind === 'ethernet')
    .map(({ facts }) => facts.name);
  return makeBundle({
    ...{ id, atMs, version: VERSION, path: findPath(id, time) },
    secrets: configuration === null ? [] : await readSecrets(configuration),
    sources: [...listOwnSources(parts), ...listMachineSources({ ports, stateFolder: parts.stateFolder })],
  });
}

function listOwnSources(parts: BundleParts): readonly BundleSource[] {
  const { configPath, isConfigNamed, socketPath, stateFolder, readServerHealth } = parts;
  const json = (name: string, read: () => Promise<unknown>): BundleSource => ({
    name,
    read: async () => `${JSON.stringify(await read(), null, 2)}\n`,
  });
  return [
    // As it is understood, and not the file: what stands in its comments is nobody's business.
    json('configuration.json', () => Promise.resolve(readConfiguration(configPath, isConfigNamed))),
    json('status.json', async () => {
      const server = await readPlaceInForce(configPath);
      return readApplianceStatus({ socketPath, stateDir: stateFolder, server, readServerHealth });
    }),
    json('calendar.json', parts.readCalendar),
    json('incidents.json', () => parts.listIncidents(INCIDENTS)),
    json('reports.json', () => parts.listReports(REPORTS)),
  ];
}

/** null for one that is not sound, which the bundle tells. */
function readSound({ configPath, isConfigNamed }: BundleParts): Configuration | null {
  try {
    return readConfiguration(configPath, isConfigNamed);
  } catch (error) {
    if (error instanceof ApparenetError) return null;
    throw error;
  }
}

/** What cannot be read cannot be in the bundle by way of its own file, but is looked for by its form all the same. */
async function readSecrets({ mqtt }: Configuration): Promise<readonly string[]> {
  const secrets: BrokerSecrets = await readBrokerSecrets(mqtt).catch(() => ({}));
  return [secrets.password, secrets.key].filter((secret) => secret !== undefined);
}
