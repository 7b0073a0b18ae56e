// apparenet-as: the analysis server. What it answers is in the routes, who may ask in access/; here is the order in
// which these are put together.
import { Server as TlsServer } from 'node:https';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { computeCertificateHealth } from '../box/tls/judge-certificate.js';
import type { TlsFiles } from '../box/tls/tls-files.js';
import type { HealthConcern } from '../model/box-health.js';
import type { StoreError } from '../model/errors.js';
import type { StartExamination } from '../model/examination.js';
import { isLoopback, LOOPBACK_ADDRESS } from '../model/loopback.js';
import type { Report } from '../model/report.js';
import type { MqttState } from '../model/server-health.js';
import { listOwnNames } from '../model/own-headers.js';
import { AccessDesk } from './access/access-desk.js';
import { addAccessRoutes } from './access/access-routes.js';
import { Accounts } from './access/accounts.js';
import { LocalConnections } from './access/caller.js';
import { addGate } from './access/gate.js';
import { createApp, listen, openLocalServer } from './api-frame.js';
import { addApiDocument } from './http/api-document.js';
import { addCalendarRoutes } from './http/calendar-routes.js';
import type { ReadStanding } from './http/calendar-routes.js';
import { EventFeed } from './event-feed.js';
import type { ConfigurationDesk } from './configuration-desk.js';
import { addConfigurationRoutes } from './http/configuration-routes.js';
import { addEventRoutes } from './http/event-routes.js';
import { addExaminationRoutes } from './http/examination-routes.js';
import { ExaminationDesk } from './examination-desk.js';
import { addHealthRoutes, keepResults, readSequencerPart } from './http/health-routes.js';
import { addHistoryRoutes } from './http/history-routes.js';
import type { HistorySource } from './history-source.js';
import { addMetricsRoute } from './http/metrics.js';
import { ReportShelf } from './report-shelf.js';
import type { ReportKeeper } from './report-shelf.js';
import { addReportRoutes } from './http/report-routes.js';

export interface AnalysisServerOptions {
  /** Where to listen; 127.0.0.1 without it. Beyond loopback nothing is open to somebody who has not logged in. */
  readonly address?: string;
  /** PEM; null, or without it, plain HTTP. The socket file never needs it. */
  readonly tls?: TlsFiles | null;
  /** TCP port; 0 lets the kernel choose. */
  readonly port: number;
  /** The sequencer's control socket. It need not answer yet. */
  readonly socketPath: string;
  /** A socket file for this machine's own administrators, who need no password there; none without it. */
  readonly localSocketPath?: string;
  /** The file of users and tokens. It need not exist. */
  readonly accessPath: string;
  /** What is looked back at, and where reports are kept; null where its folder could not be opened. */
  readonly history?: (HistorySource & ReportKeeper) | null;
  /** The configuration file; null, or without it, nothing of it is shown or changed here. */
  readonly configuration?: ConfigurationDesk | null;
  /** null, or without it, where nothing starts by itself. */
  readonly readStanding?: ReadStanding | null;
  readonly loadExamination: () => Promise<StartExamination>;
  /** Hears of defects: errors that no request explains. */
  readonly onDefect: (error: unknown) => void;
  /** Hears of each report, when it has been kept. */
  readonly onReport?: (report: Report) => void;
  /** What of it somebody should do something about, beside the machine itself. */
  readonly listConcerns?: () => readonly HealthConcern[];
  /** How publishing over MQTT goes; null where it is switched off. */
  readonly readMqtt?: () => MqttState | null;
  /** Hears of reports that could not be kept. They are given out from memory. */
  readonly onStoreError?: (error: StoreError) => void;
}

export interface AnalysisServer {
  /** Such as `http://127.0.0.1:3238`. */
  readonly url: string;
  /** Makes whoever types it the first admin; null where somebody has a password. */
  readonly claimCode: string | null;
  /** What it has to do without, one sentence each. */
  readonly problems: readonly string[];
  /** What is published here is told to everybody who follows the events. */
  readonly events: EventFeed;
  /** Takes orders from this process as the API does from others. */
  readonly desk: ExaminationDesk;
  /** For connections from now on; nothing without TLS. */
  renewCertificate(tls: TlsFiles): void;
  /** Cancels what is under way and closes every connection. */
  close(): Promise<void>;
}

/** @throws DeviceError `device.busy` when the port is taken, PermissionError when it may not be had. */
export async function startAnalysisServer(options: AnalysisServerOptions): Promise<AnalysisServer> {
  const { address = LOOPBACK_ADDRESS, history = null, configuration = null, readStanding = null } = options;
  const events = new EventFeed();
  const accounts = new Accounts(options.accessPath);
  const access = new AccessDesk(accounts, () => performance.timeOrigin + performance.now());
  const shelf = new ReportShelf(history, options.onStoreError ?? options.onDefect);
  const keep = async (report: Report): Promise<void> => {
    await shelf.add(report);
    options.onReport?.(report);
  };
  const desk = new ExaminationDesk({ ...options, keep });
  const local = new LocalConnections();
  const app = createApp(options);
  await addApiDocument(app);
  addGate(app, { desk: access, local, onLoopbackOnly: isLoopback(address), ownNames: listOwnNames(hostname()) });
  addAccessRoutes(app, access);
  addExaminationRoutes(app, desk);
  addReportRoutes(app, shelf, keep);
  const stateFolder = dirname(options.accessPath);
  let certificate = options.tls ? computeCertificateHealth(options.tls) : null;
  const shared = {
    ...{ history, stateFolder, readMqtt: options.readMqtt ?? (() => null) },
    readCertificate: () => certificate,
    readResults: keepResults(shelf),
    listConcerns: options.listConcerns ?? (() => []),
  };
  addHealthRoutes(app, { ...shared, shelf, socketPath: options.socketPath });
  addConfigurationRoutes(app, { configuration, history });
  addCalendarRoutes(app, readStanding);
  addHistoryRoutes(app, history);
  addEventRoutes(app, events, history);
  addMetricsRoute(app, {
    ...shared,
    isSequencerUp: async () => (await readSequencerPart(options.socketPath)).up,
    countReports: async () => (await shelf.count()).reports,
  });
  // What it listens on is not Fastify's own, so that it does not know the scheme.
  const url = (await listen(app, address, options.port)).replace(/^http:/, options.tls ? 'https:' : 'http:');
  const problems = accounts.problem === null ? [] : [accounts.problem];
  const localServer = await openLocalServer(app, local, options.localSocketPath).catch((error: unknown) => {
    problems.push(
      `no socket file for administrators of this machine: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  });
  return {
    url,
    events,
    desk,
    claimCode: access.claimCode,
    problems,
    renewCertificate: (tls) => {
      if (!(app.server instanceof TlsServer)) return;
      app.server.setSecureContext(tls);
      certificate = computeCertificateHealth(tls);
    },
    close: async () => {
      await desk.close();
      localServer?.close();
      localServer?.closeAllConnections();
      await app.close();
    },
  };
}
