// What the commands ask of the rest of the product. main/ wires it, so that a command says what it needs and not where it lives,
// and so that `--help` and `ports` load neither the engine nor the servers.
import type { ExaminationEvent, ExaminationRequest, Quantity } from '../model/examination.js';
import type { RunParts } from '../model/parts.js';
import type { PathRequest, PortAbilities } from '../model/path.js';
import type { Report } from '../model/report.js';
import type { Cost } from '../model/sequence.js';
import type { RouteReport, RouteRequest } from '../model/route.js';
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

export interface Services {
  /**
   * Opens the path, examines it and closes it. @throws PermissionError where nobody here may send; UsageError for a capture file
   * that cannot be written, before anything is sent.
   */
  readonly examinePath: (path: PathRequest, request: ExaminationRequest, options: ExamineOptions) => Promise<Report>;
  /** The same in virtual time; the request's seed draws the path too. @throws UsageError for a name that is not in the list. */
  readonly examineScenario: (name: string, request: ExaminationRequest, options: ExamineOptions) => Promise<Report>;
  /** Measures what a port can do by packets to a target, and keeps it. @throws as `examinePath`. */
  readonly calibratePort: (request: PathRequest | null, signal: AbortSignal) => Promise<CalibratedPort>;
  /** Hop by hop. @throws PermissionError where this process may not send; DeviceError without the package raw-socket. */
  readonly traceRoute: (request: RouteRequest, options: ExamineOptions) => Promise<RouteReport>;
  /** Sends nothing. Addresses choose one exchange of several. @throws UsageError for a file that cannot be analysed. */
  readonly analyzeRecording: (file: string, request: RecordingRequest) => Promise<Report>;
  readonly listScenarios: () => Promise<readonly ScenarioSummary[]>;
  readonly listSupportedQuantities: () => Promise<readonly Quantity[]>;
  readonly startReflector: (options: StartReflectorOptions) => Promise<RunningReflector>;
  readonly runParts: RunParts;
  /** Where a sequencer that this user can ask would answer. */
  readonly findControlSocketPath: () => string;
}
