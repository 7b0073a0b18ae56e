// Errors across the control protocol: their class, code and what a person needs survive, so that exit codes do too.
import {
  AccessError,
  ApparenetError,
  CanceledError,
  ConfigError,
  DeviceError,
  ERROR_CODES,
  InvariantError,
  PermissionError,
  ProtocolError,
  StoreError,
  UsageError,
} from '../../model/errors.js';
import type { ErrorCode } from '../../model/errors.js';
import type { ErrorMessage } from './messages.js';

const MAX_TEXT = 2_000;

/** What is not one of our errors is a defect of ours and travels as `invariant`. */
export function encodeError(error: unknown): ErrorMessage {
  if (!(error instanceof ApparenetError)) {
    const reason = error instanceof Error ? error.message : String(error);
    return { type: 'error', code: 'invariant', message: clip(`unexpected: ${reason}`) };
  }
  const base = { type: 'error', code: error.code, message: clip(error.message) } as const;
  if (error instanceof ConfigError) return { ...base, field: error.field };
  if (error instanceof PermissionError) return { ...base, remedy: clip(error.remedy) };
  if (error instanceof DeviceError) return { ...base, ...error.details };
  return base;
}

/** Never throws: what has no known code becomes DeviceError `peer.failed` with the peer's words. */
export function parseError(fields: Readonly<Record<string, unknown>>): ApparenetError {
  const message = clip(readText(fields['message']) ?? 'the sequencer gave no reason');
  const code = readText(fields['code']) ?? '';
  if (!isErrorCode(code)) return new DeviceError('peer.failed', message);
  switch (code) {
    case 'config.invalid':
    case 'config.file':
      return rebuildConfigError(code, readText(fields['field']) ?? 'configuration', message);
    case 'usage.argument':
    case 'usage.address':
    case 'usage.port':
    case 'usage.unsupported':
      return new UsageError(code, message);
    case 'permission.raw-packets':
    case 'permission.socket':
    case 'permission.file':
      return new PermissionError(code, message, clip(readText(fields['remedy']) ?? ''));
    case 'access.log-in':
    case 'access.role':
    case 'access.claim':
    case 'access.request':
    case 'access.limited':
      return new AccessError(code, message);
    case 'protocol.malformed':
    case 'protocol.too-large':
    case 'protocol.version':
      return new ProtocolError(message, code);
    case 'store.write':
    case 'store.busy':
    case 'store.newer':
      return new StoreError(code, message);
    case 'device.open':
    case 'device.gone':
    case 'device.io':
    case 'device.busy':
    case 'device.route':
    case 'device.engine':
    case 'device.package':
    case 'peer.unreachable':
    case 'peer.failed':
      return new DeviceError(code, message, {
        errno: readText(fields['errno']),
        syscall: readText(fields['syscall']),
        port: readText(fields['port']),
      });
    case 'canceled':
      return new CanceledError(message);
    case 'invariant':
      return new InvariantError(message);
  }
}

/** ConfigError writes the field before the problem; the message on the wire has it there already. */
function rebuildConfigError(code: ConfigError['code'], field: string, message: string): ConfigError {
  const prefix = `${field}: `;
  return new ConfigError(field, message.startsWith(prefix) ? message.slice(prefix.length) : message, code);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

function readText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function clip(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)} …` : text;
}
