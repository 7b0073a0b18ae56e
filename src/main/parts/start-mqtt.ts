// Publishes over MQTT where the configuration says so, with what this machine knows of itself; begins and ends when the configuration
// changes. Its code, and the package behind it, are loaded only where it is switched on.
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readBoxId } from '../../box/box-id.js';
import { addConcerns } from '../../box/health/judge-health.js';
import { readBoxHealth } from '../../box/health/read-box-health.js';
import { listPorts } from '../../box/port-facts.js';
import type { HealthConcern } from '../../model/box-health.js';
import type { Configuration, MqttSettings } from '../../model/configuration.js';
import type { StoreError } from '../../model/errors.js';
import type { BoxEvent, Incident } from '../../model/incident.js';
import type { PeriodSummary } from '../../model/period-summary.js';
import type { Report } from '../../model/report.js';
import { VERSION } from '../../model/parts.js';
import type { MqttState } from '../../model/server-health.js';
import type { BoxPublisher } from '../../mqtt/box-publisher.js';
import type { BoxFacts } from '../../mqtt/box-states.js';
import type { RequestWork } from '../../mqtt/requests/request-desk.js';
import { readSequencerPart } from '../../server/http/health-routes.js';

export interface MqttPlace {
  readonly stateFolder: string;
  /** The sequencer's control socket. */
  readonly socketPath: string;
  /** Asked for with the first request. */
  readonly loadWork: () => RequestWork;
  readonly listOpenIncidents: () => readonly Incident[];
  /** What the figures of the machine do not tell. */
  readonly listConcerns: () => readonly HealthConcern[];
  /** null before the first. */
  readonly readLastReport: () => Promise<Report | null>;
  /** For the service manager's log: one sentence. */
  readonly onTrouble: (text: string) => void;
  readonly onStoreError: (error: StoreError) => void;
  readonly onDefect: (error: unknown) => void;
}

export class Mqtt {
  readonly #startedMs = Date.now();
  #configuration: Configuration | null = null;
  #box: BoxPublisher | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly place: MqttPlace) {}

  /** Does what this one says from now on. */
  reconfigure(configuration: Configuration): void {
    this.#inTurn(() => this.#act(configuration));
  }

  tell(event: BoxEvent, incident: Incident | null): void {
    this.#inTurn(() => this.#box?.tell(event, incident));
  }

  takeReport(report: Report): void {
    this.#inTurn(() => this.#box?.takeReport(report));
  }

  takeMinutes(minutes: readonly PeriodSummary[]): void {
    this.#box?.takeMinutes(minutes);
  }

  say(text: string): void {
    this.#box?.say(text);
  }

  /** null where it is switched off. */
  readState(): MqttState | null {
    return this.#box?.readState() ?? null;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#box?.close();
    this.#box = null;
  }

  /** What happens while a publisher begins or ends waits for it. */
  #inTurn(work: () => Promise<void> | undefined): void {
    this.#turn = this.#turn.then(work).catch(this.place.onDefect);
  }

  async #act(configuration: Configuration): Promise<void> {
    const before = this.#configuration;
    this.#configuration = configuration;
    const { mqtt } = configuration;
    if (isDeepStrictEqual(before?.mqtt, mqtt)) {
      this.#box?.look();
      return;
    }
    await this.#box?.close();
    this.#box = mqtt.enabled ? await this.#start(mqtt) : null;
  }

  async #start(settings: MqttSettings): Promise<BoxPublisher> {
    const { stateFolder, onStoreError, onDefect, onTrouble, readLastReport } = this.place;
    const { BoxPublisher } = await import('../../mqtt/box-publisher.js');
    const id = settings.id ?? readBoxId();
    return BoxPublisher.start({
      ...{ settings, onStoreError, onDefect, onTrouble },
      identity: { id, name: settings.name ?? id, version: VERSION, startedMs: this.#startedMs },
      lastReport: await readLastReport(),
      folder: join(stateFolder, 'mqtt'),
      readFacts: () => this.#readFacts(),
      work: { begin: (request, onProgress) => this.place.loadWork().begin(request, onProgress) },
      readClockMs: () => Date.now(),
      random: () => Math.random(),
    });
  }

  async #readFacts(): Promise<BoxFacts> {
    const { stateFolder, socketPath, listOpenIncidents, listConcerns } = this.place;
    const sequencer = await readSequencerPart(socketPath);
    const neighbours = sequencer.status?.neighbours ?? [];
    const ports = listPorts()
      .filter(({ kind }) => kind === 'ethernet')
      .map(({ facts }) => ({
        facts,
        neighbour: neighbours.find(({ port }) => port === facts.name)?.neighbour ?? null,
      }));
    const watched = this.#configuration?.targets.filter(({ enabled }) => enabled) ?? [];
    return {
      ports,
      targets: watched.map(({ name }) => name),
      profiles: Object.fromEntries(watched.map(({ name, depth }) => [name, depth])),
      openIncidents: listOpenIncidents(),
      health: addConcerns(readBoxHealth(stateFolder), listConcerns()),
      isSequencerUp: sequencer.up,
    };
  }
}
