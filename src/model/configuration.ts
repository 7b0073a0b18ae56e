// What the appliance is told to do by itself: the words of the configuration file, complete, with every default filled in. How the
// file is read is box/config's business, what follows from it the server's.
import type { Depth } from './examination.js';
import type { MonitorTarget } from './monitor.js';
import type { RequestSettings } from './mqtt-request.js';

/** 0 is Sunday, as in cron. */
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Examinations at times of the calendar. */
export interface ScheduledJob {
  /** `[a-z0-9_-]{1,32}`, unique. */
  readonly name: string;
  /** Five fields of cron: minute, hour, day of the month, month, day of the week; in the configuration's time zone. */
  readonly at: string;
  /** Names of monitored targets, examined one after the other; empty: all that are enabled. */
  readonly targets: readonly string[];
  readonly depth: Depth;
  readonly enabled: boolean;
}

/** A part of the day in which nothing heavy starts by itself. Over midnight where `to` is not after `from`. */
export interface QuietHours {
  /** `HH:MM`. */
  readonly from: string;
  readonly to: string;
  /** Of its beginning; empty: every day. */
  readonly days: readonly Weekday[];
}

/** What all examinations may cost that nobody ordered by hand; the light packets of the monitors are not in it. */
export interface DataBudget {
  /** Decimal megabytes of Ethernet frames sent, each calendar day and month. */
  readonly dayMb: number;
  readonly monthMb: number;
  /** Of the narrow link, on average over one examination. */
  readonly linkSharePercent: number;
}

/** What the history may take. Whichever comes first, the oldest goes. */
export interface Retention {
  /** Decimal megabytes of summaries; diary and reports have a share of their own that grows with it. */
  readonly maxMb: number;
  /** Of minutes and reports; what is coarser is kept for longer. */
  readonly days: number;
}

/** Where API and page listen. Counts from the next start on. */
export interface ServerPlace {
  /** An address of this machine, or all of them: `0.0.0.0`, `::`. */
  readonly listen: string;
  /** TCP ports. */
  readonly apiPort: number;
  readonly pagePort: number;
  /** Paths of PEM files, both or neither: beyond loopback the box then makes its own. */
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  /** No TLS beyond loopback either. */
  readonly plainHttp: boolean;
}

/** Where results and alerts are published. Files are named here, so that no secret stands in the configuration. */
export interface MqttSettings {
  readonly enabled: boolean;
  /** `mqtt`, `mqtts`, `ws` or `wss`; there where it is enabled. */
  readonly url?: string;
  readonly version: '3.1.1' | 5;
  /** `[a-z0-9_-]{1,40}`, of this box in topics; absent: made of the host name and the machine's id. */
  readonly id?: string;
  /** For people; absent: the id. */
  readonly name?: string;
  readonly baseTopic: string;
  /** YAML with `username` and `password`. */
  readonly credentialsFile?: string;
  /** PEM: whom to believe instead of the well-known authorities. */
  readonly caFile?: string;
  /** SHA-256 of the broker's certificate, 64 hexadecimal digits: this one and no other, whoever signed it. */
  readonly fingerprint?: string;
  /** PEM: what the box shows of itself. */
  readonly certificateFile?: string;
  readonly keyFile?: string;
  readonly homeAssistant: boolean;
  readonly discoveryPrefix: string;
  /** What may wait for a broker that is away; whichever comes first, something is dropped. */
  readonly spool: { readonly maxMb: number; readonly maxDays: number };
  readonly requests: RequestSettings;
}

export interface Configuration {
  /** IANA name; null: that of the machine. */
  readonly timeZone: string | null;
  readonly targets: readonly MonitorTarget[];
  readonly schedule: readonly ScheduledJob[];
  readonly quietHours: readonly QuietHours[];
  readonly budget: DataBudget;
  readonly retention: Retention;
  readonly server: ServerPlace;
  readonly mqtt: MqttSettings;
}
