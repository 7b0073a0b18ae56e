// The error counters of a port, from three places: the standard ones of ethtool, those of its driver, and the kernel's own table.
// They count the same events, and drivers fill in what they like: the highest word counts, and silence is no zero.
import type { PortErrors } from '../model/trace.js';
import { ERROR_NAMES, findDriverPlaces, type DriverPlaces, type ErrorName } from './driver-counter-names.js';
import {
  readDriverCounterNames,
  readDriverCounters,
  readKernelCounters,
  readStandardCounters,
  type KernelCounters,
  type StandardCounters,
} from './native-host.js';

/** Where the counters come from; tests give recorded answers. */
export interface CounterSource {
  readonly readKernel: (port: string) => KernelCounters | null;
  readonly readStandard: (port: string) => StandardCounters;
  readonly readDriverNames: (port: string) => readonly string[];
  readonly readDriver: (port: string, count: number) => Float64Array | null;
}

const MACHINE_COUNTERS: CounterSource = {
  readKernel: readKernelCounters,
  readStandard: readStandardCounters,
  readDriverNames: readDriverCounterNames,
  readDriver: readDriverCounters,
};

/** One error's counter at one moment. */
interface Counter {
  /** By a place that exists only where it is counted; null without one. */
  readonly told: number | null;
  /** By the kernel's table, which is 0 also where nobody counts. */
  readonly kernel: number;
}

export type CounterReading = Readonly<Record<ErrorName, Counter>>;

/** Reads the counters of one port again and again. */
export class ErrorCounters {
  readonly #driverCount: number;
  readonly #places: DriverPlaces;

  constructor(
    private readonly port: string,
    private readonly source: CounterSource = MACHINE_COUNTERS,
  ) {
    const names = source.readDriverNames(port);
    this.#driverCount = names.length;
    this.#places = findDriverPlaces(names);
  }

  /** null where the port is gone or the engine is not there. */
  read(): CounterReading | null {
    const kernel = this.source.readKernel(this.port);
    if (kernel === null) return null;
    const standard = selectStandard(this.source.readStandard(this.port));
    const driver = this.#needsDriver(standard) ? this.source.readDriver(this.port, this.#driverCount) : null;
    const table = selectKernel(kernel);
    const entries = ERROR_NAMES.map((name): [ErrorName, Counter] => [
      name,
      { told: standard[name] ?? this.#sumDriver(name, driver), kernel: table[name] },
    ]);
    return Object.fromEntries(entries) as CounterReading;
  }

  /** Some drivers ask the NIC's firmware for their own counters, which takes its time. */
  #needsDriver(standard: Partial<PortErrors>): boolean {
    return ERROR_NAMES.some((name) => this.#places[name].length > 0 && standard[name] === undefined);
  }

  #sumDriver(name: ErrorName, values: Float64Array | null): number | null {
    const places = this.#places[name];
    if (values === null || places.length === 0) return null;
    return places.reduce((sum, group) => sum + Math.max(...group.map((at) => values[at] ?? 0)), 0);
  }
}

/** How much each counter rose; null for one that nobody counts, or that began anew. */
export function computeErrorRise(before: CounterReading | null, after: CounterReading | null): PortErrors | null {
  if (before === null || after === null) return null;
  return mapErrors((name) => {
    const told = rise(before[name].told, after[name].told);
    const kernel = rise(before[name].kernel, after[name].kernel);
    if (after[name].told !== null) return told === null ? null : Math.max(told, kernel ?? 0);
    return after[name].kernel > 0 ? kernel : null;
  });
}

/** The counters since the port exists; null for one that nobody counts. */
export function computeErrorTotals(reading: CounterReading | null): PortErrors | null {
  if (reading === null) return null;
  return mapErrors((name) => {
    const { told, kernel } = reading[name];
    if (told === null) return kernel > 0 ? kernel : null;
    return Math.max(told, kernel);
  });
}

function mapErrors(compute: (name: ErrorName) => number | null): PortErrors {
  const entries = ERROR_NAMES.map((name): [ErrorName, number | null] => [name, compute(name)]);
  return Object.fromEntries(entries) as Record<ErrorName, number | null>;
}

function rise(before: number | null, after: number | null): number | null {
  return before === null || after === null || after < before ? null : after - before;
}

/** Frames cut short by a collision are fragments to RMON and no FCS errors to IEEE 802.3. */
function selectStandard(counters: StandardCounters): Partial<PortErrors> {
  const { singleCollisions, multipleCollisions, fcsErrors, fragments } = counters;
  const given: Partial<Record<ErrorName, number | undefined>> = {
    fcsErrors: fcsErrors === undefined ? undefined : fcsErrors + (fragments ?? 0),
    alignmentErrors: counters.alignmentErrors,
    collisions: singleCollisions === undefined ? undefined : singleCollisions + (multipleCollisions ?? 0),
    lateCollisions: counters.lateCollisions,
    excessiveCollisions: counters.excessiveCollisions,
    carrierErrors: counters.carrierSenseErrors,
    receiveOverruns: counters.internalReceiveErrors,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** linux/if_link.h: late collisions are `tx_window_errors`, excessive ones `tx_aborted_errors`; two names for a full NIC. */
function selectKernel(counters: KernelCounters): Readonly<Record<ErrorName, number>> {
  return {
    fcsErrors: counters.rxCrcErrors,
    alignmentErrors: counters.rxFrameErrors,
    collisions: counters.collisions,
    lateCollisions: counters.txWindowErrors,
    excessiveCollisions: counters.txAbortedErrors,
    carrierErrors: counters.txCarrierErrors,
    receiveOverruns: Math.max(counters.rxOverErrors, counters.rxFifoErrors),
    receiveMissed: counters.rxMissedErrors,
  };
}
