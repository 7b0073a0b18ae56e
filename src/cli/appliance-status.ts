// What `status` tells: which parts answer, what the ports can do, how the clock and the machine are.
import { isIPv6 } from 'node:net';
import { AbilitiesStore } from '../box/abilities-store.js';
import { readInventory, type Inventory } from '../box/health/inventory.js';
import { addConcerns } from '../box/health/judge-health.js';
import { readBoxHealth } from '../box/health/read-box-health.js';
import { readHealth } from '../box/part-health.js';
import { judgeCertificate } from '../box/tls/judge-certificate.js';
import { listPorts, type PortSummary } from '../box/port-facts.js';
import type { BoxHealth, CertificateHealth, HealthConcern } from '../model/box-health.js';
import { ApparenetError, EXIT, type ExitCode } from '../model/errors.js';
import type { ServerPlace } from '../model/configuration.js';
import type { Incident } from '../model/incident.js';
import { isLoopback, LOOPBACK_ADDRESS } from '../model/loopback.js';
import type { NeighbourFacts, PortNeighbour } from '../model/link-evidence.js';
import type { PortAbilities } from '../model/path.js';
import { VERSION, type PartName } from '../model/parts.js';
import type { LastResults, MqttState, ServerHealth } from '../model/server-health.js';
import { readStatus } from '../prober/remote/read-status.js';

/** Local answers come in milliseconds; a part that needs longer is not well. */
const ANSWER_TIMEOUT_MS = 1500;

export interface PartStatus {
  readonly part: PartName;
  readonly where: string;
  readonly state: 'up' | 'degraded' | 'down';
  readonly version: string | null;
  readonly uptimeSec: number | null;
  /** Why it is down, or null. */
  readonly problem: string | null;
}

export interface PortStatus extends PortSummary {
  /** What a calibration found; null where there was none. */
  readonly abilities: PortAbilities | null;
  /** As the sequencer heard it; null where it heard nobody, or does not run. */
  readonly neighbour: NeighbourFacts | null;
}

export interface ApplianceStatus {
  readonly version: string;
  readonly parts: readonly PartStatus[];
  readonly ports: readonly PortStatus[];
  readonly inventory: Inventory | null;
  readonly health: BoxHealth;
  /** null where the analysis server does not answer or may not tell, and without TLS. */
  readonly certificate: CertificateHealth | null;
  /** null where the analysis server does not answer, may not tell, or has examined nothing yet. */
  readonly results: LastResults | null;
  /** null where the analysis server does not answer or may not tell. */
  readonly openIncidents: readonly Incident[] | null;
  /** null where nothing is published, or the analysis server may not tell. */
  readonly mqtt: MqttState | null;
}

export type ReadServerHealth = (signal: AbortSignal) => Promise<ServerHealth | null>;

export interface StatusPlaces {
  readonly socketPath: string;
  readonly stateDir: string;
  readonly readServerHealth: ReadServerHealth;
  /** Where API and page are by the configuration. */
  readonly server: ServerPlace;
}

/** All else is looked at here, so that it is told also where no server answers. */
const ONLY_THE_SERVER_KNOWS: readonly HealthConcern['subject'][] = ['configuration', 'history'];

/** Every question is asked at once and bounded in time. */
export async function readApplianceStatus(places: StatusPlaces): Promise<ApplianceStatus> {
  const [sequencer, as, ui, inventory, server] = await Promise.all([
    readSequencer(places.socketPath),
    readHttpPart('as', places.server, places.server.apiPort),
    readHttpPart('ui', places.server, places.server.pagePort),
    readInventory(ANSWER_TIMEOUT_MS),
    places.readServerHealth(AbortSignal.timeout(ANSWER_TIMEOUT_MS)),
  ]);
  const { tps, neighbours } = learnFromServer(sequencer, server);
  const certificate = server?.certificate ?? null;
  const store = new AbilitiesStore();
  const ports = listPorts().map((port) => {
    const { name } = port.facts;
    const neighbour = neighbours.find((heard) => heard.port === name)?.neighbour ?? null;
    return { ...port, abilities: store.read(name), neighbour };
  });
  return {
    version: VERSION,
    parts: [tps, as, ui],
    ports,
    inventory,
    health: addConcerns(readBoxHealth(places.stateDir), [
      ...judgeCertificate(certificate, Date.now()),
      ...(server?.box?.concerns.filter(({ subject }) => ONLY_THE_SERVER_KNOWS.includes(subject)) ?? []),
    ]),
    certificate,
    results: server?.results ?? null,
    openIncidents: server?.openIncidents ?? null,
    mqtt: server?.mqtt ?? null,
  };
}

interface SequencerAnswer {
  readonly tps: PartStatus;
  readonly neighbours: readonly PortNeighbour[];
}

async function readSequencer(socketPath: string): Promise<SequencerAnswer> {
  const part = { part: 'tps', where: socketPath } as const;
  try {
    const { version, uptimeSec, neighbours } = await readStatus(socketPath, AbortSignal.timeout(ANSWER_TIMEOUT_MS));
    return { tps: { ...part, state: 'up', version, uptimeSec, problem: null }, neighbours };
  } catch (error) {
    if (!(error instanceof ApparenetError)) throw error;
    const tps = { ...part, state: 'down', version: null, uptimeSec: null, problem: error.message } as const;
    return { tps, neighbours: [] };
  }
}

/** Who may not ask the sequencer hears of it from the analysis server, which may. */
function learnFromServer(own: SequencerAnswer, server: ServerHealth | null): SequencerAnswer {
  const told = server?.parts.find(({ name }) => name === 'tps');
  if (own.tps.state === 'up' || !told?.up) return own;
  const { version = null, uptimeSec = null, neighbours = [] } = told.status ?? {};
  return { tps: { ...own.tps, state: 'up', version, uptimeSec, problem: null }, neighbours };
}

/** Who listens on every address is asked on loopback. */
async function readHttpPart(part: PartName, { listen, ...tls }: ServerPlace, port: number): Promise<PartStatus> {
  const address = ['0.0.0.0', '::'].includes(listen) ? LOOPBACK_ADDRESS : listen;
  const isPlain = tls.tlsCertificate === undefined && (isLoopback(listen) || tls.plainHttp);
  const where = `${isPlain ? 'http' : 'https'}://${isIPv6(address) ? `[${address}]` : address}:${port}`;
  const health = await readHealth(address, port, ANSWER_TIMEOUT_MS);
  if (health === null) return { part, where, state: 'down', version: null, uptimeSec: null, problem: null };
  const { version, uptimeSec, status } = health;
  return { part, where, state: status === 'ok' ? 'up' : 'degraded', version, uptimeSec, problem: null };
}

/** Concerns that are not critical are told, and change nothing: a laptop without a time service measures well. */
export function computeStatusExit({ parts, health }: Pick<ApplianceStatus, 'parts' | 'health'>): ExitCode {
  const isCritical = health.concerns.some(({ severity }) => severity === 'critical');
  if (parts.every((part) => part.state === 'up')) return isCritical ? EXIT.warning : EXIT.ok;
  return parts.some((part) => part.state !== 'down') ? EXIT.warning : EXIT.unknown;
}
