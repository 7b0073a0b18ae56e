// What the routes ask of a console. The console itself is src/console.
import type { SummaryAnswer, SummaryQuery } from '../../history/history-reader.js';
import type { BrokerStanding, FleetBox, FleetBoxDetail, FleetEvent, FleetIncident } from '../../model/fleet.js';
import type { Report } from '../../model/report.js';

/** Newest first, at most `limit`; `beforeId` is the last of the page before. Without `box` of all. */
export interface FleetPage {
  readonly limit: number;
  readonly beforeId?: string;
  readonly box?: string;
}

export interface FleetSource {
  readStanding(): BrokerStanding;
  /** The worst first. */
  listBoxes(): readonly FleetBox[];
  /** null for one that was never heard. */
  readBox(id: string): FleetBoxDetail | null;
  listIncidents(page: FleetPage & { readonly state?: FleetIncident['state'] }): Promise<FleetIncident[]>;
  listEvents(page: FleetPage): Promise<FleetEvent[]>;
  countOpenIncidents(): number;
  querySummaries(box: string, query: SummaryQuery): Promise<SummaryAnswer>;
  /** null for one that is not kept. */
  readReport(box: string, id: string): Promise<Report | null>;
}
