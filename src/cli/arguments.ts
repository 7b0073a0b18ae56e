// Arguments and options as typed by a person, checked before anything is opened or sent. Each message says what would be right.
import { isIP } from 'node:net';
import { UsageError } from '../model/errors.js';
import type { RunPartsOptions } from '../model/parts.js';
import { findNearestName } from '../model/nearest-name.js';
import { VIA_CHOICES, type ViaChoice } from '../model/path.js';
import { QUANTITIES, type Quantity } from '../model/examination.js';
import { ROUTE_VIA_CHOICES, type RouteViaChoice } from '../model/route.js';

/** @throws UsageError `usage.argument` */
export function parseVia(text: string): ViaChoice {
  return parseChoice('--via', VIA_CHOICES, text);
}

/** @throws UsageError `usage.argument` */
export function parseRouteVia(text: string): RouteViaChoice {
  return parseChoice('--via', ROUTE_VIA_CHOICES, text);
}

/** @throws UsageError `usage.argument` */
export function parseQuantity(text: string): Quantity {
  return parseChoice('the quantity', QUANTITIES, text);
}

function parseChoice<T extends string>(what: string, choices: readonly T[], text: string): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice !== undefined) return choice;
  const nearest = findNearestName(text, choices);
  const meant = nearest === null ? '' : `did you mean ${nearest}? `;
  throw new UsageError('usage.argument', `${what} cannot be "${text}": ${meant}choose one of ${choices.join(', ')}`);
}

/** Comma-separated choices. @throws UsageError `usage.argument` */
export function parseList<T extends string>(option: string, choices: readonly T[], text: string): T[] {
  return text.split(',').map((part) => parseChoice(option, choices, part));
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Whole decimal number in a range. @throws UsageError `usage.argument` */
export function parseWholeNumber(option: string, range: Range, text: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= range.low && value <= range.high) return value;
  const limits = `${range.low} to ${range.high}`;
  throw new UsageError('usage.argument', `${option} cannot be "${text}": give a whole number from ${limits}`);
}

const BYTES_PER_UNIT: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6 };
const BYTES_RANGE: Range = { low: 1_000, high: 1_000_000_000 };

/** `500k`, `5M`, `5MB` or plain bytes, decimal units. @throws UsageError `usage.argument` */
export function parseByteCount(option: string, text: string): number {
  const match = /^(\d{1,10}(?:\.\d{1,3})?) ?([km]?)b?$/i.exec(text);
  const bytes = match ? Math.round(Number(match[1]) * (BYTES_PER_UNIT[(match[2] ?? '').toLowerCase()] ?? NaN)) : NaN;
  if (bytes >= BYTES_RANGE.low && bytes <= BYTES_RANGE.high) return bytes;
  throw new UsageError('usage.argument', `${option} cannot be "${text}": give 1k to 1000M, such as 500k or 5M`);
}

/** An address of this machine, or all of them: `0.0.0.0`, `::`. @throws UsageError `usage.argument` */
export function parseListenAddress(text: string): string {
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (isIP(bare)) return bare;
  throw new UsageError(
    'usage.argument',
    `--listen cannot be "${text}": give an address of this machine, 0.0.0.0 or ::`,
  );
}

export interface TlsWords {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly plainHttp: boolean;
}

/** Certificate and key come together, and not with plain HTTP. @throws UsageError */
export function parseTlsOptions({ cert, key, plainHttp }: TlsWords): Pick<RunPartsOptions, 'tls' | 'plainHttp'> {
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError('usage.argument', '--tls-cert and --tls-key come together: a certificate and its key');
  if (plainHttp && cert !== undefined)
    throw new UsageError('usage.argument', '--plain-http cannot be used with --tls-cert');
  if (cert === undefined || key === undefined) return plainHttp ? { plainHttp } : {};
  return { tls: { certPath: cert, keyPath: key } };
}
