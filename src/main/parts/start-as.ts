// apparenet-as: the analysis server with this version's examination, the history of the box, and what it watches.
import { join } from 'node:path';
import { findStateFolder } from '../../box/abilities-store.js';
import type { History } from '../../history/history.js';
import type { MadeBundle } from '../../model/bundle.js';
import type { HealthConcern } from '../../model/box-health.js';
import type { Configuration } from '../../model/configuration.js';
import { DeviceError, StoreError } from '../../model/errors.js';
import type { BoxEvent, Incident } from '../../model/incident.js';
import { computeLocalSocketPath, CONFIG_PATH } from '../../model/parts.js';
import { ConfigurationDesk } from '../../server/configuration-desk.js';
import { startAnalysisServer } from '../../server/server.js';
import { composeApiPart } from './api-part.js';
import type { ChosenTls } from './choose-tls.js';
import { openHistory } from './open-history.js';
import type { Part } from './part.js';
import { writeDefect, writeTrouble } from './part.js';
import { RequestedWork } from './requested-work.js';
import { Mqtt } from './start-mqtt.js';
import { actAsConfigured } from './act-as-configured.js';
import type { Acting } from './act-as-configured.js';

export interface StartAsOptions {
  readonly port: number;
  readonly address?: string;
  readonly tls?: ChosenTls;
  /** The sequencer's control socket; that of this part for local administrators lies beside it. */
  readonly socketPath: string;
  /** Takes the place of the state folder of this user. */
  readonly stateDir?: string;
  /** Takes the place of /etc/apparenet/config.yaml. */
  readonly configPath?: string;
  /** False: whatever the configuration says, nothing is watched. */
  readonly watches?: boolean;
  /** Of a period of watching, ms; a minute unless somebody cannot wait so long. */
  readonly minuteMs?: number;
  /** Broker to publish to where the configuration switches MQTT off. */
  readonly mqttUrl?: string;
}

/** @throws DeviceError `device.busy` when the TCP port is taken. */
export async function startAs(options: StartAsOptions): Promise<Part> {
  const { port, address, socketPath, stateDir, configPath = CONFIG_PATH, watches = true, minuteMs } = options;
  const folder = stateDir ?? findStateFolder();
  let tell: (event: BoxEvent, incident: Incident | null) => void = () => undefined;
  let acting: Acting | null = null;
  const { history, isOfAnother, problems, concerns } = await openHistory(folder, (event) => tell(event, null));
  const onDefect = (error: unknown): void => writeDefect('as', error);
  const onTrouble = (text: string): void => {
    writeTrouble('as', text);
    mqtt.say(text);
  };
  const onStoreError = (error: StoreError): void => onTrouble(error.message);
  const configuration = new ConfigurationDesk(configPath, () => acting?.reload());
  let requested: RequestedWork | null = null;
  const listConcerns = (): readonly HealthConcern[] => [...(acting?.listConcerns() ?? []), ...concerns];
  const mqtt = new Mqtt({
    ...{ stateFolder: folder, socketPath, listConcerns, onTrouble, onStoreError, onDefect },
    loadWork: () => {
      if (requested === null) throw new DeviceError('peer.unreachable', 'the box has not started yet; try again');
      return requested;
    },
    listOpenIncidents: () => acting?.listOpenIncidents() ?? [],
    readLastReport: async () => (await history?.listReports({ limit: 1 }))?.[0] ?? null,
  });
  try {
    const server = await startAnalysisServer({
      port,
      ...(address === undefined ? {} : { address }),
      tls: options.tls?.tls ?? null,
      socketPath,
      localSocketPath: computeLocalSocketPath(socketPath),
      accessPath: join(folder, 'access.json'),
      history,
      configuration,
      readStanding: () => {
        if (acting === null) throw new DeviceError('peer.unreachable', 'the calendar has not started yet; try again');
        return acting.readStanding();
      },
      loadExamination: async () => (await import('../../analysis/examination/start-examination.js')).startExamination,
      readMqtt: () => mqtt.readState(),
      listConcerns,
      onReport: (report) => mqtt.takeReport(report),
      onDefect,
      onStoreError,
    });
    const makeBundle = async (): Promise<MadeBundle> => {
      const { bundleOfServer } = await import('../commands/bundle-of-server.js');
      return bundleOfServer({ stateFolder: folder, configPath, socketPath, history });
    };
    requested = new RequestedWork({ desk: server.desk, configuration, makeBundle });
    tell = (event, incident) => {
      writeTrouble('as', event.text);
      server.events.publish(event);
      mqtt.tell(event, incident);
    };
    const started = await actAsConfigured({
      // Two that act on one folder would examine twice, publish twice and overwrite each other's baselines.
      watches: watches && !isOfAnother,
      desk: server.desk,
      ...{ configPath, stateFolder: folder, socketPath, history, onDefect, onStoreError },
      onTold: (event, incident) => tell(event, incident),
      onMinutes: (minutes) => mqtt.takeMinutes(minutes),
      onConfigured: (configuration) => mqtt.reconfigure(chooseBroker(configuration, options.mqttUrl)),
      ...(minuteMs === undefined ? {} : { minuteMs }),
    });
    acting = started;
    return composeApiPart({
      ...{ server, tls: options.tls },
      problems: [...problems, ...started.problems],
      close: async () => {
        await started.close();
        await mqtt.close();
        await server.close();
        await closeHistory(history);
      },
    });
  } catch (error) {
    await closeHistory(history);
    throw error;
  }
}

/** What a full disk did not take is lost with the process: said, and no reason to end otherwise. */
async function closeHistory(history: History | null): Promise<void> {
  await history?.close().catch((error: unknown) => {
    if (!(error instanceof StoreError)) throw error;
    writeTrouble('as', error.message);
  });
}

function chooseBroker(configuration: Configuration, mqttUrl: string | undefined): Configuration {
  const { mqtt } = configuration;
  return mqttUrl === undefined || mqtt.enabled
    ? configuration
    : { ...configuration, mqtt: { ...mqtt, enabled: true, url: mqttUrl } };
}
