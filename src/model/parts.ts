// The three parts of the product: their names, where they listen, and how one process is asked to run any of them.
// What main starts, what the command line parses and what the page's server calls must agree on this.
import type { ExitCode } from './errors.js';
import type { ExaminationEvent } from './examination.js';
import type { Report } from './report.js';

/** `tps` sequences test packets, `as` analyses and serves the API, `ui` serves the page. */
export const PART_NAMES = ['tps', 'as', 'ui'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** Loopback TCP ports of the API and the page; UDP ports of the reflector (ours, and STAMP's own of RFC 8762). */
export const PART_PORTS = { as: 3238, ui: 3239, reflector: [3237, 862] } as const;

/** The configuration, unless somebody names another file. */
export const CONFIG_PATH = '/etc/apparenet/config.yaml';

/** The program's version, as `hello`, `/health` and `--version` give it. */
export const VERSION = '0.1.0';

export interface RunPartsOptions {
  /** Parts to start in this process; all three without it. */
  readonly only?: readonly PartName[];
  /** Examined as soon as the parts are ready, through the analysis server, which must answer at `asPort`. */
  readonly target?: string;
  /** Stop after the verdict on `target`, which is then required, with the verdict's exit code. */
  readonly once?: boolean;
  /** The sequencer's control socket; without it `computeControlSocketPath` decides. */
  readonly socketPath?: string;
  /** Folder that takes the place of /run/apparenet and of the state folder. For the socket, `socketPath` goes before it. */
  readonly stateDir?: string;
  /** The configuration file that takes the place of `CONFIG_PATH`. */
  readonly configPath?: string;
  /** Broker to publish to where the configuration switches MQTT off. */
  readonly mqttUrl?: string;
  /** Address on which analysis server and page listen; that of the configuration without it, as the next five. */
  readonly listen?: string;
  /** Certificate and key of API and page, PEM files; beyond loopback they make one of their own without any. */
  readonly tls?: { readonly certPath: string; readonly keyPath: string; readonly saidBy?: 'configuration' };
  /** Beyond loopback, too: what is sent, passwords among it, can be read on the way. */
  readonly plainHttp?: boolean;
  /** TCP port of the analysis server; 0 lets the kernel choose. */
  readonly asPort?: number;
  /** TCP port of the page; 0 lets the kernel choose. */
  readonly uiPort?: number;
  /** UDP ports of the reflector. Default 3237 and 862; empty starts no reflector. */
  readonly reflectorPorts?: readonly number[];
  /** Ends the run: what is being examined is canceled, the parts are stopped. */
  readonly signal: AbortSignal;
  /** One line for a person: what started where, what could not and why. */
  readonly note: (line: string) => void;
  /** What happens while `target` is examined. */
  readonly onEvent?: (event: ExaminationEvent) => void;
  /** The report on `target`, and the page that shows it (null where the page runs elsewhere). */
  readonly onReport?: (report: Report, pageUrl: string | null) => void;
}

/**
 * Starts the chosen parts and resolves when they have stopped: on `signal` with 0, after `once` with the exit code of the
 * verdict. @throws DeviceError `device.busy` or PermissionError naming the socket or port that a part could
 * not have; whatever started before is stopped first.
 */
export type RunParts = (options: RunPartsOptions) => Promise<ExitCode>;

/**
 * The control socket of the sequencer: /run/apparenet/tps.sock for root, else below the user's runtime folder, and below
 * `/tmp/apparenet-UID` where there is none. Linux allows 107 bytes.
 */
export function computeControlSocketPath(uid: number, runtimeDir: string | undefined, stateDir?: string): string {
  if (stateDir !== undefined) return `${stateDir}/tps.sock`;
  if (uid === 0) return '/run/apparenet/tps.sock';
  return `${runtimeDir ?? `/tmp/apparenet-${uid}`}/apparenet/tps.sock`;
}

/** Where the history of a box is, below its state folder. */
export function computeHistoryFolder(stateFolder: string): string {
  return `${stateFolder}/history`;
}

/** What the calendar of a box remembers, in its state folder. */
export function computeCalendarPath(stateFolder: string): string {
  return `${stateFolder}/calendar.json`;
}

/** The analysis server's socket file for administrators on the machine itself, beside the sequencer's. */
export function computeLocalSocketPath(controlSocketPath: string): string {
  return `${controlSocketPath.slice(0, controlSocketPath.lastIndexOf('/') + 1)}as.sock`;
}
