// A path on a real port: each run becomes one call of the engine and one trace. How the target is reached was decided before.
import type { NativePort, RunOptions as EngineRun, RunResult } from '../../../device/nic/nic.js';
import { DeviceError, InvariantError } from '../../model/errors.js';
import type { PathDescription, Prober, RunOptions } from '../../model/path.js';
import type { Cost, Schedule, Sequence } from '../../model/sequence.js';
import type { Trace } from '../../model/trace.js';
import { NS_PER_MS } from '../../model/units.js';
import type { EncodedProbe, ProbeLink } from '../../packet/probe-packet.js';
import { checkBudget } from '../../sequencer/budget.js';
import { planSchedule } from '../../sequencer/schedule.js';
import { createUnaddressedTrace, createUnsentTrace } from './blank-trace.js';
import { collectTrace } from './collect-trace.js';
import { resolveNeighbour } from './neighbour.js';
import type { NextHop } from './next-hop.js';
import type { ProbeKind } from './probe-kind.js';
import { openRawPort, toDeviceError } from './raw-port.js';

const TTL = 64;
/** Time for the engine's threads to start and to learn how late they wake. */
const LEAD_NS = 5 * NS_PER_MS;
/** After the last answer: long enough for a duplicate of it on any path that is not broken in a worse way. */
const DUPLICATE_GRACE_NS = 20 * NS_PER_MS;
const PROGRESS_INTERVAL_MS = 100;
/** Each packet may come back twice, and error messages beside it. */
const FRAMES_PER_PACKET = 3;
const SPARE_FRAMES = 1024;

export interface NativeProberOptions {
  readonly path: PathDescription;
  readonly openingCost: Cost;
  readonly hop: NextHop;
  readonly kind: ProbeKind;
  readonly stampPorts: readonly number[];
  /** null where the next hop did not answer; asked again before each run. */
  readonly mac: Uint8Array | null;
}

export class NativeProber implements Prober {
  readonly path: PathDescription;
  readonly openingCost: Cost;
  #mac: Uint8Array | null;
  #port: NativePort | null = null;
  #ringFrames = 0;
  #running = false;

  constructor(private readonly options: NativeProberOptions) {
    this.path = options.path;
    this.openingCost = options.openingCost;
    this.#mac = options.mac;
  }

  async run(sequence: Sequence, options: RunOptions): Promise<Trace> {
    if (this.#running) throw new InvariantError('a prober runs one sequence at a time');
    this.#running = true;
    try {
      return await this.#runOne(sequence, options);
    } finally {
      this.#running = false;
    }
  }

  async #runOne(sequence: Sequence, { signal, budget, onProgress }: RunOptions): Promise<Trace> {
    checkBudget(sequence, budget);
    const schedule = planSchedule(sequence);
    const { hop, kind } = this.options;
    if (signal.aborted) return createUnsentTrace(sequence.id, schedule);
    let resolutionCost: Cost = { packets: 0, bytes: 0 };
    if (hop.sendLayer === 'link' && !this.#mac) {
      const resolution = await resolveNeighbour(hop, 1, signal);
      this.#mac = resolution.mac;
      resolutionCost = resolution.cost;
      if (!this.#mac) return createSilentTrace(sequence.id, schedule, resolutionCost, signal);
    }
    kind.beginRun(schedule.count);
    const port = this.#openPort(schedule.count * FRAMES_PER_PACKET + SPARE_FRAMES);
    const run = planRun(schedule, sequence.lingerNs, (index) => this.#encode(sequence, schedule, index, port));
    const result = await runEngine(port, run, signal, (sent) => onProgress?.({ sent, total: schedule.count }));
    if (result.stop === 'gone' && result.counters.sent === 0) {
      throw new DeviceError('device.gone', `port ${hop.port} went away or went down`, {
        errno: String(result.stopErrno),
        syscall: 'send',
        port: hop.port,
      });
    }
    const { linkLayer } = hop;
    const { stampPorts } = this.options;
    return collectTrace({ sequenceId: sequence.id, schedule, result, kind, linkLayer, stampPorts, resolutionCost });
  }

  #encode(sequence: Sequence, schedule: Schedule, index: number, port: NativePort): EncodedProbe {
    const { hop, kind } = this.options;
    const link: ProbeLink | null =
      hop.sendLayer === 'link' && this.#mac ? { sourceMac: port.mac, destinationMac: this.#mac } : null;
    return kind.encode(
      {
        link,
        source: hop.source,
        destination: hop.target,
        ttl: TTL,
        dscp: sequence.dscp,
        dontFragment: sequence.dontFragment,
        ipId: index & 0xffff,
        sizeBytes: schedule.sizeBytes[index] ?? 0,
      },
      index,
    );
  }

  /** Opened again only for a run that needs a larger ring. */
  #openPort(ringFrames: number): NativePort {
    if (this.#port && ringFrames <= this.#ringFrames) return this.#port;
    void this.#port?.close();
    const { hop, kind } = this.options;
    this.#port = openRawPort({ port: hop.port, sendLayer: hop.sendLayer, filter: kind.filter, ringFrames });
    this.#ringFrames = ringFrames;
    return this.#port;
  }

  async close(): Promise<void> {
    const port = this.#port;
    this.#port = null;
    this.#ringFrames = 0;
    this.options.kind.close();
    await port?.close();
  }
}

/** The next hop did not answer, or was not given the time to. */
function createSilentTrace(sequenceId: string, schedule: Schedule, cost: Cost, signal: AbortSignal): Trace {
  const create = signal.aborted ? createUnsentTrace : createUnaddressedTrace;
  return create(sequenceId, schedule, cost);
}

function planRun(schedule: Schedule, lingerNs: number, encode: (index: number) => EncodedProbe): EngineRun {
  const { count } = schedule;
  const frameOffset = new Uint32Array(count);
  const frameLength = new Uint32Array(count);
  let arena = new Uint8Array(0);
  let used = 0;
  let timestampAt = -1;
  let checksumAt = -1;
  for (let i = 0; i < count; i++) {
    const probe = encode(i);
    if (used + probe.bytes.length > arena.length) {
      const larger = new Uint8Array(Math.max(2 * arena.length, used + probe.bytes.length, 65_536));
      larger.set(arena.subarray(0, used));
      arena = larger;
    }
    arena.set(probe.bytes, used);
    frameOffset[i] = used;
    frameLength[i] = probe.bytes.length;
    used += probe.bytes.length;
    ({ timestampAt, checksumAt } = probe);
  }
  return {
    arena: arena.subarray(0, used),
    frameOffset,
    frameLength,
    frameIndex: Uint32Array.from({ length: count }, (_, i) => i),
    offsetNs: schedule.offsetNs,
    txStamping: 'all',
    timestampAt,
    checksumAt,
    lingerNs,
    expectFrames: count,
    graceNs: Math.min(lingerNs, DUPLICATE_GRACE_NS),
    leadNs: LEAD_NS,
    realTime: true,
  };
}

async function runEngine(
  port: NativePort,
  run: EngineRun,
  signal: AbortSignal,
  onSent: (sent: number) => void,
): Promise<RunResult> {
  const cancel = (): void => port.cancel();
  const timer = setInterval(() => onSent(port.progress()), PROGRESS_INTERVAL_MS);
  signal.addEventListener('abort', cancel);
  try {
    const result = port.run(run);
    if (signal.aborted) cancel();
    const columns = await result;
    onSent(columns.counters.sent);
    return columns;
  } catch (cause) {
    throw toDeviceError('device.io', cause, '');
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', cancel);
  }
}
