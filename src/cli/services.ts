// What the commands ask of the rest of the product. main/ wires it, so that a command says what it needs and not where it lives,
// and so that `--help` and `ports` load neither the engine nor the servers.
import type { Role } from '../model/access-role.js';
import type { MadeBundle } from '../model/bundle.js';
import type { CalendarStanding } from '../model/calendar.js';
import type { ExaminationEvent, ExaminationRequest } from '../model/examination.js';
import type { Incident } from '../model/incident.js';
import type { RunConsole } from '../model/console-options.js';
import type { RunParts } from '../model/parts.js';
import type { PathRequest, PortAbilities } from '../model/path.js';
import type { Report } from '../model/report.js';
import type { Cost } from '../model/sequence.js';
import type { RouteReport, RouteRequest } from '../model/route.js';
import type { ServerHealth } from '../model/server-health.js';
import type { ExportFormat, ExportRange } from '../history/export.js';
import type { IncidentQuery, SummaryAnswer, SummaryQuery } from '../history/history-reader.js';
import type { WeekReport } from '../history/week-report.js';
import type { ReflectorCounters, RunningReflector, StartReflectorOptions } from '../sequencer/reflector/adapter.js';

export type { ReflectorCounters, RunningReflector, StartReflectorOptions };

export interface ExamineOptions {
  /** Aborting ends the sending at once; the report then holds what is known. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: ExaminationEvent) => void;
  /** Where the frames of the examination go; a file that is not there yet. Absent: nowhere. */
  readonly captureFile?: string;
}

export interface ScenarioSummary {
  readonly name: string;
  /** One line. */
  readonly description: string;
}

export interface CalibratedPort {
  readonly port: string;
  readonly target: string;
  /** null where the target did not answer enough. */
  readonly abilities: PortAbilities | null;
  readonly cost: Cost;
  /** Where it is kept; null where it could not be. */
  readonly storedIn: string | null;
  readonly notes: readonly string[];
}

export interface RecordingRequest {
  readonly id: string;
  readonly target: string | null;
  readonly probe: string | null;
}

export interface KnownUser {
  readonly name: string;
  readonly role: Role;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export interface KnownToken extends KnownUser {
  readonly id: string;
}

/** Users and tokens of the analysis server. Each may throw UsageError in the words of the API, and StoreError. */
export interface AccessAdministration {
  /** The file that is changed; null where the running server does it. */
  readonly file: string | null;
  listUsers(): Promise<readonly KnownUser[]>;
  addUser(user: Pick<KnownUser, 'name' | 'role'> & { readonly password: string }): Promise<void>;
  removeUser(name: string): Promise<void>;
  setPassword(name: string, password: string): Promise<void>;
  listTokens(): Promise<readonly KnownToken[]>;
  /** `token` cannot be read again. */
  createToken(name: string, role: Role): Promise<KnownToken & { readonly token: string }>;
  removeToken(id: string): Promise<void>;
  /** null where somebody has a password. @throws DeviceError `peer.unreachable` where no server runs: it draws one at its start. */
  readClaimCode(): Promise<string | null>;
}

export interface PastAnswer extends SummaryAnswer {
  /** Begin of all that is kept of the target, Unix ms; null where nothing is. */
  readonly firstMs: number | null;
}

/** What is looked back at: the same from a running server and from its files. Each may throw what the server refuses with. */
export interface Past {
  /** A server that runs tells it; else its files. */
  readonly isOfServer: boolean;
  /** Names of all targets with a history, sorted. */
  listTargets(): Promise<readonly string[]>;
  querySummaries(query: SummaryQuery): Promise<PastAnswer>;
  /** The newest first. */
  listIncidents(query: Omit<IncidentQuery, 'beforeId'>): Promise<readonly Incident[]>;
  /** null for one that is not kept. */
  readIncident(id: string): Promise<Incident | null>;
  /** The newest first. */
  listReports(limit: number): Promise<readonly Report[]>;
  /** null for one that is not kept. */
  readReport(id: string): Promise<Report | null>;
  /** Of the seven days before `toMs`, Unix ms. */
  readWeek(toMs: number): Promise<WeekReport>;
  exportSummaries(range: ExportRange, format: ExportFormat): AsyncIterable<string>;
}

export interface CalendarPlace {
  /** Takes the place of the state folder of the service or of this user. */
  readonly stateDir?: string;
  /** With it the files are read, whatever server runs: it may go by another configuration. */
  readonly configPath?: string;
}

export interface BundleRequest extends CalendarPlace {
  /** A file that is not there yet; absent: one in the folder of the command, named after the box and the time. */
  readonly output?: string;
}

export interface Services {
  /**
   * Opens the path, examines it and closes it. @throws PermissionError where nobody here may send; UsageError for a capture file
   * that cannot be written, before anything is sent.
   */
  readonly examinePath: (path: PathRequest, request: ExaminationRequest, options: ExamineOptions) => Promise<Report>;
  /**
   * Gives the report to the analysis server of this machine, beside its own; nothing where none runs. @throws PermissionError where this
   * user may not; what the server refuses with; DeviceError `peer.unreachable`
   */
  readonly keepReport: (report: Report) => Promise<void>;
  /** As `examinePath`, in virtual time; the request's seed draws the path too. @throws UsageError for a name not in the list. */
  readonly examineScenario: (name: string, request: ExaminationRequest, options: ExamineOptions) => Promise<Report>;
  /** Measures what a port can do by packets to a target, and keeps it. @throws as `examinePath`. */
  readonly calibratePort: (request: PathRequest | null, signal: AbortSignal) => Promise<CalibratedPort>;
  /** Hop by hop. @throws PermissionError where this process may not send; DeviceError without the package raw-socket. */
  readonly traceRoute: (request: RouteRequest, options: ExamineOptions) => Promise<RouteReport>;
  /** Sends nothing. Addresses choose one exchange of several. @throws UsageError for a file that cannot be analysed. */
  readonly analyzeRecording: (file: string, request: RecordingRequest) => Promise<Report>;
  readonly listScenarios: () => Promise<readonly ScenarioSummary[]>;
  /**
   * What was kept in a state folder; nothing where it does not exist. `onLoss` hears what cannot be read. @throws PermissionError where
   * this user may neither ask the running server nor read the files; StoreError `store.newer`
   */
  readonly openPast: (stateDir: string | undefined, onLoss: (sentence: string) => void) => Promise<Past>;
  /** Asks the running server, through its socket file, or changes its file. @throws PermissionError where this user may not. */
  readonly openAccess: (stateDir: string | undefined) => Promise<AccessAdministration>;
  /** Typed twice and unseen on a terminal, else the first line of stdin. @throws UsageError where the two differ. */
  readonly readNewPassword: (name: string) => Promise<string>;
  /** How the calendar stands. @throws as `openPast`; ConfigError; StoreError for a file that cannot be read */
  readonly readCalendar: (place: CalendarPlace) => Promise<CalendarStanding>;
  /** Of this machine. What cannot be read is missing in it, and named. @throws UsageError for a file that is there; StoreError */
  readonly makeBundle: (request: BundleRequest) => Promise<MadeBundle>;
  readonly startReflector: (options: StartReflectorOptions) => Promise<RunningReflector>;
  readonly runParts: RunParts;
  /** The fleet of a broker, until a signal. */
  readonly runConsole: RunConsole;
  /** Of the analysis server, as far as this user may know it; null where none answers before `signal` ends. */
  readonly readServerHealth: (stateDir: string | undefined, signal: AbortSignal) => Promise<ServerHealth | null>;
  /** Where a sequencer that this user can ask would answer. */
  readonly findControlSocketPath: () => string;
}
