// Errors as problem+json (RFC 9457): the model's code and remedy travel with the words, and each class has its HTTP status.
import {
  AccessError,
  ApparenetError,
  CanceledError,
  ConfigError,
  DeviceError,
  PermissionError,
  ProtocolError,
  UsageError,
} from '../../model/errors.js';
import type { ErrorCode } from '../../model/errors.js';

export const PROBLEM_TYPE = 'application/problem+json';

export interface Problem {
  /** `urn:apparenet:error:CODE`; docs/errors.md explains each. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  /** What an administrator may run; only with `permission.*`. */
  readonly remedy?: string;
  /** Of the configuration, such as `targets[0].address`; only with `config.*`. */
  readonly field?: string;
}

const TITLES: readonly (readonly [number, string])[] = [
  [400, 'The request cannot be understood'],
  [401, 'Somebody must log in first'],
  [403, 'A permission is missing'],
  [404, 'There is no such thing here'],
  [405, 'This cannot be done with it'],
  [406, 'There is no such form of it'],
  [409, 'This is not possible, or not any more'],
  [413, 'The request is too large'],
  [414, 'A name in the path is too long'],
  [415, 'The body must be application/json'],
  [429, 'Too many attempts'],
  [421, 'This server does not answer to that name'],
  [500, 'The analysis server made a mistake'],
  [502, 'The examination could not be made'],
  [503, 'Another part is not ready for this'],
];

export function createProblem(status: number, code: ErrorCode, detail: string): Problem {
  const title = TITLES.find(([known]) => known === status)?.[1] ?? 'The request was refused';
  return { type: `urn:apparenet:error:${code}`, title, status, detail, code };
}

/** What is not one of our errors is a defect of ours; its words stay in the log. */
export function describeProblem(error: unknown): Problem {
  if (!(error instanceof ApparenetError)) return createProblem(500, 'invariant', 'unexpected error; the log says more');
  const problem = createProblem(chooseStatus(error), error.code, error.message);
  if (error instanceof ConfigError) return { ...problem, field: error.field };
  return error instanceof PermissionError ? { ...problem, remedy: error.remedy } : problem;
}

type AccessCode = Extract<ErrorCode, `access.${string}`>;
const ACCESS_STATUS: Readonly<Record<AccessCode, number>> = {
  'access.log-in': 401,
  'access.role': 403,
  'access.claim': 409,
  'access.request': 403,
  'access.limited': 429,
};

function chooseStatus(error: ApparenetError): number {
  if (error instanceof UsageError) return 400;
  if (error instanceof ConfigError) return error.code === 'config.file' ? 409 : 400;
  if (error instanceof PermissionError) return 403;
  if (error instanceof AccessError) return ACCESS_STATUS[error.code as AccessCode];
  if (error instanceof CanceledError) return 409;
  if (error instanceof DeviceError)
    return error.code === 'peer.unreachable' || error.code === 'device.busy' ? 503 : 502;
  if (error instanceof ProtocolError) return 502;
  return 500;
}
