// Who answers on the registered ports of another machine: a connection to each, a health page from the two that speak HTTP, and
// one STAMP packet. Everything here is sent only because a person named the machine.
import { lookup } from 'node:dns/promises';
import { UsageError } from '../model/errors.js';
import { PART_PORTS } from '../model/parts.js';
import { readHealth } from './part-health.js';
import { REGISTERED_PORTS, type Judgement, type RegisteredPort } from './registered-ports.js';
import { sendStampProbe } from './stamp-probe.js';
import { openTcpPort } from './tcp-port.js';

export interface RemotePort extends RegisteredPort {
  readonly judgement: Judgement;
  readonly note: string;
}

export interface RemotePorts {
  readonly host: string;
  readonly address: string;
  readonly ports: readonly RemotePort[];
}

interface Finding {
  readonly judgement: Judgement;
  readonly note: string;
}

/** All ports are asked at once; each waits `timeoutMs` at most. @throws UsageError `usage.address` */
export async function readRemotePorts(host: string, timeoutMs: number): Promise<RemotePorts> {
  const address = await resolveHost(host);
  const used = REGISTERED_PORTS.filter((port) => port.used);
  const findings = await Promise.all(used.map((port) => askPort(address, port, timeoutMs)));
  const ports = used.flatMap((port, i) => {
    const finding = findings[i];
    return finding ? [{ ...port, ...finding }] : [];
  });
  return { host, address, ports };
}

async function resolveHost(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    throw new UsageError('usage.address', `"${host}" is neither an address nor a name that resolves`, { cause });
  }
}

async function askPort(address: string, port: RegisteredPort, timeoutMs: number): Promise<Finding> {
  if (port.protocol === 'udp') return askReflector(address, port.port, timeoutMs);
  const state = await openTcpPort(address, port.port, timeoutMs);
  if (state === 'closed') return { judgement: 'free', note: 'nobody listens' };
  if (state === 'silent') return { judgement: 'silent', note: '' };
  if (port.port === PART_PORTS.as || port.port === PART_PORTS.ui) return askPart(address, port.port, timeoutMs);
  return { judgement: 'unexpected', note: 'accepts connections, which appareNet does only on the machine itself' };
}

async function askPart(address: string, port: number, timeoutMs: number): Promise<Finding> {
  const health = await readHealth(address, port, timeoutMs);
  if (health) return { judgement: 'ours', note: `version ${health.version}` };
  return { judgement: 'unexpected', note: 'accepts connections, but does not answer as appareNet does' };
}

/** Video-conferencing units hold this port for media and do not answer; that looks like no answer at all. */
async function askReflector(address: string, port: number, timeoutMs: number): Promise<Finding> {
  const answer = await sendStampProbe(address, port, timeoutMs);
  switch (answer) {
    case 'reflected':
      return { judgement: 'ours', note: 'reflects STAMP packets' };
    case 'foreign':
      return { judgement: 'unexpected', note: 'answers, but not with a STAMP packet' };
    case 'closed':
      return { judgement: 'free', note: 'nobody listens' };
    case 'silent':
      return { judgement: 'silent', note: 'filtered, a reflector that does not allow us, or a video unit' };
  }
}
