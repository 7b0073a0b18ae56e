// What a person typed or wrote as a target, checked before anything is resolved or sent. Each message says what would be right.
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { UsageError } from '../model/errors.js';

/** A name, an IPv4 or an IPv6 address with an optional zone, without brackets. @throws UsageError `usage.address` */
export function parseTarget(text: string): string {
  if (text.trim() === '') throw badAddress('no target given: name a host or an address, such as 192.0.2.1');
  if (/\s/.test(text)) throw badAddress(`"${text}" has a space in it: give one host or address`);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw badAddress(`"${text}" is a URL: ${adviseHost(text)}`);
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (bare.includes('/')) throw badAddress(`"${text}" is a network or a path: give one host or address`);
  if (/^[\d.]+$/.test(bare)) return requireIpv4(bare);
  if (bare.includes(':') || bare.includes('%') || bare !== text) return requireIpv6(bare, text);
  return requireName(bare);
}

function requireIpv4(text: string): string {
  if (isIPv4(text)) return text;
  throw badAddress(`"${text}" is no IPv4 address: it needs four numbers from 0 to 255, such as 192.0.2.1`);
}

function requireIpv6(bare: string, text: string): string {
  const [address = '', zone, ...more] = bare.split('%');
  const zoneFits = zone === undefined || (/^[^\s/:]{1,15}$/.test(zone) && more.length === 0);
  if (isIPv6(address) && zoneFits) return bare;
  const hostAndPort = /^(\[.+\]|[^:]+):\d+$/.exec(text)?.[1];
  if (hostAndPort !== undefined) throw badAddress(`"${text}" names a port number: give only the host, ${hostAndPort}`);
  throw badAddress(`"${text}" is no IPv6 address: it looks like 2001:db8::1, or fe80::1%eth0 on a link`);
}

function requireName(text: string): string {
  const ascii = domainToASCII(text).replace(/\.$/, '');
  const labels = ascii.split('.');
  const fits = ascii.length <= 253 && labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label));
  if (fits && !isIP(ascii)) return ascii;
  throw badAddress(`"${text}" is neither an address nor a host name`);
}

function adviseHost(url: string): string {
  const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
  return host === '' ? 'give only its host' : `give only its host, ${host}`;
}

function badAddress(message: string): UsageError {
  return new UsageError('usage.address', message);
}
