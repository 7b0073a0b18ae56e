// Every error the project throws, classed by who must act on it. One table of codes, documented in docs/errors.md.
// Loss, time-outs, reordering and missing stamps are data (see trace.ts), never errors.

/** Code → what it means, in the words of docs/errors.md. A test holds the two against each other. */
export const ERROR_CODES = {
  'config.invalid': 'A configuration value cannot be used; the message names the field.',
  'config.file': 'The configuration file cannot be read or written, or what stands in it is not sound.',
  'usage.argument': 'A command-line argument or option has the wrong form.',
  'usage.address': 'The target is neither an address nor a name that resolves.',
  'usage.port': 'The named network port does not exist on this machine.',
  'usage.unsupported': 'The request is well formed but this version, or this target, cannot do it.',
  'permission.raw-packets': 'Raw packets need the capability CAP_NET_RAW.',
  'permission.socket': 'A local socket or network port may not be opened by this user.',
  'permission.file':
    'A file that the service keeps may not be read, or the configuration not be changed, by this user.',
  'access.log-in': 'The analysis server asks for a log-in, or does not know the one that was shown.',
  'access.role': 'Whoever is logged in may not do this.',
  'access.claim': 'The box has been claimed already, or the claim code is a wrong one.',
  'access.request': 'The configuration does not allow this request over MQTT.',
  'access.limited': 'Too many log-ins were tried; wait as long as the answer says.',
  'protocol.malformed': 'Bytes from a network do not follow their format; they are dropped and counted.',
  'protocol.too-large': 'A message from a peer exceeds its bound.',
  'protocol.version': 'A peer speaks a version that this one does not.',
  'device.open': 'A port could not be opened; errno and syscall say why.',
  'device.gone': 'The port vanished or went down while it was in use.',
  'device.io': 'The kernel refused to send or receive; errno and syscall say why.',
  'device.busy': 'The port, address or socket is in use by another program.',
  'device.route': 'The kernel has no route to the target.',
  'device.engine': 'The native engine is not built or does not load.',
  'device.package': 'A package that this command needs is not installed, or was built for another Node.js.',
  'peer.unreachable': 'Another part of the product does not answer.',
  'peer.failed': 'Another part of the product answered with an error that has no code here.',
  'store.write': 'A file of the state folder could not be written; what it would have held is lost, the work goes on.',
  'store.busy': 'Another process writes the history in this folder.',
  'store.newer': 'The history was written by a newer version, whose format this one does not know.',
  canceled: 'Somebody asked for the work to stop.',
  invariant: 'The program contradicts itself: a defect to report.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Exit codes: monitoring-plugin states plus the sysexits(3) numbers of the contract. */
export const EXIT = {
  ok: 0,
  warning: 1,
  critical: 2,
  unknown: 3,
  usage: 64,
  permission: 77,
  config: 78,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export abstract class ApparenetError extends Error {
  abstract readonly exitCode: ExitCode;
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The person who wrote the configuration must act; `field` is its dotted name. */
export class ConfigError extends ApparenetError {
  readonly exitCode = EXIT.config;
  declare readonly code: Extract<ErrorCode, `config.${string}`>;
  constructor(
    /** Or the path of the file, with `config.file`. */
    readonly field: string,
    problem: string,
    code: Extract<ErrorCode, `config.${string}`> = 'config.invalid',
  ) {
    super(code, `${field}: ${problem}`);
  }
}

/** The caller must change an argument. */
export class UsageError extends ApparenetError {
  readonly exitCode = EXIT.usage;
  constructor(code: Extract<ErrorCode, `usage.${string}`>, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** The administrator must grant something; `remedy` is the exact command that does. */
export class PermissionError extends ApparenetError {
  readonly exitCode = EXIT.permission;
  constructor(
    code: Extract<ErrorCode, `permission.${string}`>,
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** The caller must log in, as somebody who may, or wait. */
export class AccessError extends ApparenetError {
  readonly exitCode = EXIT.permission;
  constructor(
    code: Extract<ErrorCode, `access.${string}`>,
    message: string,
    /** When it may be tried again, seconds; null where waiting does not help. */
    readonly retryAfterSec: number | null = null,
  ) {
    super(code, message);
  }
}

/** Nobody must act: the bytes are dropped and counted. */
export class ProtocolError extends ApparenetError {
  readonly exitCode = EXIT.unknown;
  constructor(message: string, code: Extract<ErrorCode, `protocol.${string}`> = 'protocol.malformed') {
    super(code, message);
  }
}

export interface DeviceErrorDetails {
  /** Symbolic errno such as `ENODEV`, or null where no system call failed. */
  readonly errno: string | null;
  readonly syscall: string | null;
  readonly port: string | null;
}

/** The machine or another part must change; callers retry or degrade and say so. */
export class DeviceError extends ApparenetError {
  readonly exitCode = EXIT.unknown;
  constructor(
    code: Extract<ErrorCode, `device.${string}` | `peer.${string}`>,
    message: string,
    readonly details: DeviceErrorDetails = { errno: null, syscall: null, port: null },
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** The administrator must make room or grant rights; the work goes on without what could not be kept. */
export class StoreError extends ApparenetError {
  readonly exitCode = EXIT.unknown;
  constructor(code: Extract<ErrorCode, `store.${string}`>, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** Silent: somebody asked for it. */
export class CanceledError extends ApparenetError {
  readonly exitCode = EXIT.unknown;
  constructor(message = 'canceled') {
    super('canceled', message);
  }
}

/** A defect of ours; the process ends and the service manager starts it again. */
export class InvariantError extends ApparenetError {
  readonly exitCode = EXIT.unknown;
  constructor(message: string, options?: ErrorOptions) {
    super('invariant', message, options);
  }
}
