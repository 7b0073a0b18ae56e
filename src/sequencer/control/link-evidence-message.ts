// What a port and its link told during a run, out of the header of a trace. Absent stays absent: a sequencer need not listen.
import { ProtocolError } from '../../model/errors.js';
import type { HeardOnLink, NeighbourFacts, PortNeighbour } from '../../model/link-evidence.js';
import type { PortErrors, Trace } from '../../model/trace.js';
import { parseCount, parseObject, parseText } from './messages.js';

type Fields = Readonly<Record<string, unknown>>;

const MAX_TEXT = 255;
const MAX_VLANS = 4094;

/** @throws ProtocolError */
export function parseLinkEvidence(fields: Fields): Pick<Trace, 'portErrors' | 'heard'> {
  const { portErrors, heard } = fields;
  return {
    ...(portErrors === undefined ? {} : { portErrors: orNull(portErrors, parsePortErrors) }),
    ...(heard === undefined ? {} : { heard: orNull(heard, parseHeard) }),
  };
}

const MAX_PORTS = 4096;

/** Of a status; none where the sequencer is of a version that does not listen. @throws ProtocolError */
export function parsePortNeighbours(value: unknown): PortNeighbour[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_PORTS) throw new ProtocolError('neighbours: a list is needed');
  return value.map((entry: unknown) => {
    const fields = parseObject(entry, 'neighbours');
    return { port: parseText(fields['port'], 'neighbours.port', 64), neighbour: parseNeighbour(fields['neighbour']) };
  });
}

function parsePortErrors(value: unknown): PortErrors {
  const fields = parseObject(value, 'portErrors');
  const count = (name: keyof PortErrors): number | null =>
    orNull(fields[name], (number) => parseCount(number, `portErrors.${name}`));
  return {
    fcsErrors: count('fcsErrors'),
    alignmentErrors: count('alignmentErrors'),
    collisions: count('collisions'),
    lateCollisions: count('lateCollisions'),
    excessiveCollisions: count('excessiveCollisions'),
    carrierErrors: count('carrierErrors'),
    receiveOverruns: count('receiveOverruns'),
    receiveMissed: count('receiveMissed'),
  };
}

function parseHeard(value: unknown): HeardOnLink {
  const fields = parseObject(value, 'heard');
  return {
    neighbour: orNull(fields['neighbour'], parseNeighbour),
    taggedVlanIds: parseVlanIds(fields['taggedVlanIds'], 'heard.taggedVlanIds'),
  };
}

function parseNeighbour(value: unknown): NeighbourFacts {
  const fields = parseObject(value, 'neighbour');
  const text = (name: string): string | null =>
    orNull(fields[name], (given) => parseText(given, `neighbour.${name}`, MAX_TEXT));
  const count = (name: string): number | null =>
    orNull(fields[name], (given) => parseCount(given, `neighbour.${name}`));
  const { protocol, duplex, autoNegotiationEnabled } = fields;
  if (protocol !== 'lldp' && protocol !== 'cdp') throw new ProtocolError('neighbour.protocol: none that is known');
  if (duplex !== 'full' && duplex !== 'half' && duplex !== null) throw new ProtocolError('neighbour.duplex: unknown');
  if (typeof autoNegotiationEnabled !== 'boolean' && autoNegotiationEnabled !== null) {
    throw new ProtocolError('neighbour.autoNegotiationEnabled: true, false or null is needed');
  }
  const nativeVlan = orNull(fields['nativeVlan'], (given) => parseVlanId(given, 'neighbour.nativeVlan'));
  return {
    protocol,
    systemName: text('systemName'),
    portId: text('portId'),
    portDescription: text('portDescription'),
    duplex,
    speedBitsPerSec: count('speedBitsPerSec'),
    autoNegotiationEnabled,
    nativeVlan,
    vlanIds: parseVlanIds(fields['vlanIds'], 'neighbour.vlanIds'),
    maxFrameBytes: count('maxFrameBytes'),
    ...(fields['ageSec'] === undefined ? {} : { ageSec: parseCount(fields['ageSec'], 'neighbour.ageSec') }),
  };
}

function parseVlanIds(value: unknown, name: string): number[] {
  if (!Array.isArray(value) || value.length > MAX_VLANS) throw new ProtocolError(`${name}: a list is needed`);
  return value.map((entry: unknown) => parseVlanId(entry, name));
}

function parseVlanId(value: unknown, name: string): number {
  const id = parseCount(value, name);
  if (id < 1 || id > MAX_VLANS) throw new ProtocolError(`${name}: 1 to ${MAX_VLANS} is needed`);
  return id;
}

function orNull<T>(value: unknown, parse: (value: unknown) => T): T | null {
  return value === null ? null : parse(value);
}
