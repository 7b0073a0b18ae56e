// apparenet-as: the analysis server. What it answers is in the routes, who may ask in access/; here is the order in
// which these are put together.
import { dirname } from 'node:path';
import { computeCertificateHealth } from '../box/tls/judge-certificate.js';
import type { HealthConcern } from '../model/box-health.js';
import type { StoreError } from '../model/errors.js';
import type { StartExamination } from '../model/examination.js';
import type { Report } from '../model/report.js';
import type { MqttState } from '../model/server-health.js';
import { openDoors } from './api-doors.js';
import type { DoorOptions, Doors } from './api-doors.js';
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

export interface AnalysisServerOptions extends DoorOptions {
  /** The sequencer's control socket. It need not answer yet. */
  readonly socketPath: string;
  /** What is looked back at, and where reports are kept; null where its folder could not be opened. */
  readonly history?: (HistorySource & ReportKeeper) | null;
  /** The configuration file; null, or without it, nothing of it is shown or changed here. */
  readonly configuration?: ConfigurationDesk | null;
  /** null, or without it, where nothing starts by itself. */
  readonly readStanding?: ReadStanding | null;
  readonly loadExamination: () => Promise<StartExamination>;
  /** Hears of each report, when it has been kept. */
  readonly onReport?: (report: Report) => void;
  /** What of it somebody should do something about, beside the machine itself. */
  readonly listConcerns?: () => readonly HealthConcern[];
  /** How publishing over MQTT goes; null where it is switched off. */
  readonly readMqtt?: () => MqttState | null;
  /** Hears of reports that could not be kept. They are given out from memory. */
  readonly onStoreError?: (error: StoreError) => void;
}

export interface AnalysisServer extends Doors {
  /** What is published here is told to everybody who follows the events. */
  readonly events: EventFeed;
  /** Takes orders from this process as the API does from others. */
  readonly desk: ExaminationDesk;
  /** Cancels what is under way and ends every connection. */
  close(): Promise<void>;
}

/** @throws DeviceError `device.busy` when the port is taken, PermissionError when it may not be had. */
export async function startAnalysisServer(options: AnalysisServerOptions): Promise<AnalysisServer> {
  const { history = null, configuration = null, readStanding = null } = options;
  const events = new EventFeed();
  const shelf = new ReportShelf(history, options.onStoreError ?? options.onDefect);
  const keep = async (report: Report): Promise<void> => {
    await shelf.add(report);
    options.onReport?.(report);
  };
  const desk = new ExaminationDesk({ ...options, keep });
  let certificate = options.tls ? computeCertificateHealth(options.tls) : null;
  const shared = {
    ...{ history, stateFolder: dirname(options.accessPath), readMqtt: options.readMqtt ?? (() => null) },
    readCertificate: () => certificate,
    readResults: keepResults(shelf),
    listConcerns: options.listConcerns ?? (() => []),
  };
  const doors = await openDoors(options, (app) => {
    addExaminationRoutes(app, desk);
    addReportRoutes(app, shelf, keep);
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
  });
  return {
    ...doors,
    ...{ events, desk },
    renewCertificate: (tls) => {
      if (certificate === null) return;
      doors.renewCertificate(tls);
      certificate = computeCertificateHealth(tls);
    },
    close: async () => {
      await desk.close();
      await doors.close();
    },
  };
}
