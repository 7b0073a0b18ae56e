// Opens a path on a real port: name, route, neighbour, way of probing. Each fallback becomes a note that travels into the report.
import { AbilitiesStore } from '../../box/abilities-store.js';
import { createRawPacketError, readMayOpenRawPackets } from '../../box/capabilities.js';
import { ErrorCounters } from '../../box/error-counters.js';
import { listenAlone, type Listen, type Listening } from '../../box/link-watch.js';
import { carePort, readIsDefaultPort } from '../../box/port-care.js';
import { readPortFacts } from '../../box/port-facts.js';
import { CanceledError } from '../../model/errors.js';
import type { OpenProber, PathRequest, PortFacts, Prober } from '../../model/path.js';
import type { Cost } from '../../model/sequence.js';
import { formatAddress } from '../../packet/address.js';
import { planSchedule } from '../../sequencer/schedule.js';
import type { CaptureFile } from '../capture/capture-file.js';
import { checkAddresses } from './address-conflict.js';
import { createUnsentTrace } from './blank-trace.js';
import { CaredProber } from './cared-prober.js';
import { chooseKind, fallbackKind, type Choice, type TryKind } from './choose-via.js';
import { computeOwnMtu, createProber, describePath, type FirstLink } from './first-link.js';
import { greetFarEnd, learnMtu } from './learn-path.js';
import { resolveNeighbour, type Resolution } from './neighbour.js';
import { readNextHop, type NextHop } from './next-hop.js';
import { listRecordedFrames } from './recorded-frames.js';
import type { RecordRun } from './run-engine.js';
import { resolveTarget, type TargetAddress } from './resolve-target.js';

const NEIGHBOUR_ATTEMPTS = 3;
const FREE: Cost = { packets: 0, bytes: 0 };

export interface OpenNativeOptions {
  /** All frames that are sent and received go into the file. */
  readonly captureFile?: CaptureFile;
  /** Who hears the neighbour; without it nobody did before the path was opened. */
  readonly listen?: Listen;
}

export const openNative: OpenProber = createOpenNative();

export function createOpenNative(options: OpenNativeOptions = {}): OpenProber {
  return (request, signal) => open(request, signal, options);
}

async function open(
  request: PathRequest,
  signal: AbortSignal,
  { captureFile, listen = listenAlone }: OpenNativeOptions,
): Promise<Prober> {
  const addresses = await resolveTarget(request.target, signal);
  if (!readMayOpenRawPackets()) throw createRawPacketError();
  const { chosen, ...hop } = readNextHop(addresses, request.port);
  const facts = readPortFacts(hop.port);
  const cared = carePort(hop.port, { isTestPort: request.port !== undefined && !readIsDefaultPort(hop.port) });
  // A VLAN has no cable of its own.
  const cable = facts.parent?.name ?? hop.port;
  const listening = hop.sendLayer === 'link' ? listen(cable) : null;
  const restore = (): void => {
    listening?.close();
    cared.restore();
  };
  try {
    const record = createRecord(hop, captureFile);
    const errors = new ErrorCounters(cable);
    const prober = await openOn({ hop, facts, chosen, record, errors, listening }, request, signal);
    return new CaredProber(prober, { notes: cared.notes, restore }, new AbilitiesStore().read(hop.port));
  } catch (error) {
    restore();
    throw error;
  }
}

function createRecord(hop: NextHop, file: CaptureFile | undefined): RecordRun | null {
  if (file === undefined) return null;
  const linkType = hop.linkLayer === 'ethernet' ? 'ethernet' : 'raw';
  return (run, result) => file.record(listRecordedFrames(run, result, hop), linkType);
}

interface OpeningPort {
  readonly hop: NextHop;
  readonly facts: PortFacts;
  readonly chosen: TargetAddress;
  readonly record: RecordRun | null;
  readonly errors: ErrorCounters;
  readonly listening: Listening | null;
}

async function openOn({ chosen, ...opening }: OpeningPort, request: PathRequest, signal: AbortSignal): Promise<Prober> {
  const resolution = await resolveLink(opening.hop, signal);
  const link = { ...opening, resolution };
  const tryKind = createTrier(link);
  // Beside all that is asked of the path: another socket, two small frames, a quarter of a second of listening.
  const asking = opening.hop.sendLayer === 'link' ? checkAddresses(opening.hop, signal) : null;
  asking?.catch(() => undefined);
  const choice = await choose(request, link, tryKind, signal);
  try {
    const mtu = await learnMtu(link, choice, tryKind, signal);
    if (signal.aborted) throw new CanceledError();
    const address = chosen.zone === null ? chosen.text : `${chosen.text}%${chosen.zone}`;
    const target = { address, via: choice.kind.via, ...(chosen.name === null ? {} : { name: chosen.name }) };
    const path = describePath(link, choice, { target, mtu });
    const far = await greetFarEnd(link, choice, path, signal);
    const addresses = await asking;
    const conflict = addresses === null ? {} : { addressConflict: addresses.conflict };
    const costs = [resolution.cost, addresses?.cost ?? FREE, choice.cost, mtu?.cost ?? FREE, far.cost];
    const openingCost = costs.reduce(addCosts);
    const { farEnd } = far;
    return createProber(
      link,
      choice.kind,
      { ...path, ...conflict, farSends: farEnd !== null },
      { openingCost, farEnd, justTried: true },
    );
  } catch (error) {
    choice.kind.close();
    throw error;
  }
}

/** Ports without link addresses need none. */
async function resolveLink(hop: NextHop, signal: AbortSignal): Promise<Resolution> {
  if (hop.sendLayer !== 'link') return { mac: null, cost: { packets: 0, bytes: 0 } };
  return resolveNeighbour(hop, NEIGHBOUR_ATTEMPTS, signal);
}

async function choose(
  { via }: PathRequest,
  { hop, resolution }: FirstLink,
  tryKind: TryKind,
  signal: AbortSignal,
): Promise<Choice> {
  if (hop.sendLayer === 'link' && !resolution.mac && via !== 'tps') {
    return { kind: fallbackKind(via, hop), trace: null, cost: FREE, silent: [], messages: [] };
  }
  return chooseKind(via, hop, tryKind, signal);
}

/** A prober for each try, which leaves the kind open. Tries that begin together do not wait for each other, later ones rest. */
function createTrier(link: FirstLink): TryKind {
  let justTried = false;
  return async (kind, sequence, options) => {
    const target = { address: formatAddress(link.hop.target), via: kind.via };
    // Sizes are tried up to the port's own, whatever the kernel's route remembers.
    const mtu = { bytes: computeOwnMtu(link.hop, link.facts).portBytes, announced: null, cost: FREE };
    const path = describePath(link, { kind, trace: null, cost: FREE, silent: [], messages: [] }, { target, mtu });
    const schedule = planSchedule(sequence);
    // The port is too small for this kind: it cannot be the way.
    if ((schedule.sizeBytes[0] ?? 0) > path.mtuBytes) return createUnsentTrace(sequence.id, schedule);
    const before = { openingCost: FREE, farEnd: null, justTried };
    const prober = createProber(link, { ...kind, close: () => undefined }, path, before);
    try {
      return await prober.run(sequence, options);
    } finally {
      justTried = true;
      await prober.close();
    }
  };
}

function addCosts(a: Cost, b: Cost): Cost {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
