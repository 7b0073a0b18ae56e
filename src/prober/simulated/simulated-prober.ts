// A prober whose path is a model and whose time is virtual: an examination of seconds takes milliseconds. The physics is the
// simulator's; here are the promises that every prober keeps.
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import { InvariantError } from '../../model/errors.js';
import type { PathDescription, Prober, RunOptions } from '../../model/path.js';
import type { Cost, Schedule, Sequence } from '../../model/sequence.js';
import type { Trace } from '../../model/trace.js';
import { checkBudget } from '../../sequencer/budget.js';
import { planSchedule } from '../../sequencer/schedule.js';
import type { PathModel } from '../../simulator/path-model.js';
import type { PlayedTraffic } from '../../simulator/hop.js';
import { createSimulation } from '../../simulator/simulation.js';
import type { Simulation } from '../../simulator/simulation.js';
import { checkSizes } from '../check-sizes.js';

export interface SimulatedProber extends Prober {
  /** Virtual time since it was opened: the clock of an examination that uses it. */
  elapsedNs(): number;
  /** What really came of other people's traffic since then up to now, one entry for each hop forward. */
  readPlayedTraffic(): readonly PlayedTraffic[];
  /** The same up to our last packet there. */
  readMetTraffic(): readonly PlayedTraffic[];
}

/** TEST-NET-1 (RFC 5737): an address that belongs to nobody. */
const TARGET_ADDRESS = '192.0.2.1';
const NEXT_HOP_ADDRESS = '192.0.2.254';

/** IPv4 and ICMP headers with an 8-byte payload; IPv4, UDP and STAMP (RFC 8762). */
const MIN_ECHO_BYTES = 36;
const MIN_STAMP_BYTES = 72;

/** Progress is told, and a cancel request seen, about this often in a run. */
const PROGRESS_STEPS = 20;

/** Opens at virtual time 0. The same path, seed and sequences give the same traces. Takes a scenario as well. */
export function openSimulated(path: PathModel & { readonly name?: string }, seed: number): SimulatedProber {
  return new PathModelProber(path, seed);
}

class PathModelProber implements SimulatedProber {
  readonly path: PathDescription;
  readonly openingCost: Cost = { packets: 0, bytes: 0 };
  readonly #simulation: Simulation;
  #nowNs = 0;
  #running = false;
  #closed = false;

  constructor(path: PathModel & { readonly name?: string }, seed: number) {
    this.path = describePath(path);
    this.#simulation = createSimulation(path, seed);
  }

  elapsedNs(): number {
    return this.#nowNs;
  }

  readPlayedTraffic(): readonly PlayedTraffic[] {
    return this.#simulation.readPlayedTraffic(this.#nowNs);
  }

  readMetTraffic(): readonly PlayedTraffic[] {
    return this.#simulation.readPlayedTraffic(-Infinity);
  }

  async run(sequence: Sequence, options: RunOptions): Promise<Trace> {
    if (this.#closed) throw new InvariantError('a sequence was started on a closed prober');
    if (this.#running) throw new InvariantError('a sequence was started while another one runs');
    checkBudget(sequence, options.budget);
    const schedule = planSchedule(sequence);
    checkSizes(schedule, this.path, sequence.dontFragment);
    const farSchedule = planFarSchedule(sequence, this.path);
    this.#running = true;
    try {
      const stopBeforeRow = await this.#countRowsUntilStop(schedule, options);
      const run = { sequence, schedule, startNs: this.#nowNs, stopBeforeRow, ...(farSchedule && { farSchedule }) };
      const { trace, endNs } = this.#simulation.run(run);
      this.#nowNs = endNs;
      return trace;
    } finally {
      this.#running = false;
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  /**
   * Tells progress step by step and lets other work in between ask for an end. Replies to rows sent before it still come: in
   * virtual time waiting for them costs nothing.
   */
  async #countRowsUntilStop({ count }: Schedule, { signal, onProgress }: RunOptions): Promise<number> {
    const rowsPerStep = Math.ceil(count / PROGRESS_STEPS);
    let sent = 0;
    while (sent < count && !signal.aborted && !this.#closed) {
      sent = Math.min(count, sent + rowsPerStep);
      onProgress?.({ sent, total: count });
      await yieldToEvents();
    }
    return sent;
  }
}

/** null where nothing is asked for, or nobody there could be asked. @throws UsageError for what the path cannot carry whole. */
function planFarSchedule(sequence: Sequence, path: PathDescription): Schedule | null {
  const { farPattern } = sequence;
  if (farPattern === undefined || !path.farSends) return null;
  const schedule = planSchedule({ ...sequence, pattern: farPattern });
  // The least size is that of our own probes.
  checkSizes(schedule, { ...path, minSizeBytes: 0 }, true);
  return schedule;
}

function describePath({ name, probe, far }: PathModel & { readonly name?: string }): PathDescription {
  return {
    target: { address: TARGET_ADDRESS, ...(name === undefined ? {} : { name }), via: 'simulated' },
    port: probe.port,
    stamps: { tx: probe.stampSource, rx: probe.stampSource, far: far.kind === 'stamp' ? far.stampSource : null },
    nextHop: { address: NEXT_HOP_ADDRESS, resolved: probe.hasNoNextHop !== true },
    mtuBytes: probe.port.mtuBytes,
    minSizeBytes: far.kind === 'stamp' ? MIN_STAMP_BYTES : MIN_ECHO_BYTES,
    replySize: far.kind === 'small-reply' ? 'small' : 'same',
    maxProbesPerSec: null,
    farSends: far.kind === 'stamp' && far.sends === true,
    abilities: probe.abilities ?? null,
    neighbour: probe.neighbour ?? null,
    taggedVlanIds: probe.taggedVlanIds ?? [],
    addressConflict: probe.addressConflict ?? null,
    notes: ['The path is simulated: no packet left this machine.'],
  };
}
