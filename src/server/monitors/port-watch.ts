// The ports that watched targets are reached through, and what changes about them and about the paths: link, speed, duplex, MTU.
import { compareMtu, comparePorts, rememberPort } from '../../analysis/baseline/path-events.js';
import { ApparenetError } from '../../model/errors.js';
import type { BoxEvent } from '../../model/incident.js';
import type { MonitorTarget } from '../../model/monitor.js';
import type { PathDescription, PortFacts } from '../../model/path.js';

export interface PortWatchOptions {
  /** @throws UsageError where the port is gone */
  readonly readPort: (name: string) => PortFacts;
  /** Unix ms. */
  readonly readClockMs: () => number;
  readonly onEvent: (event: BoxEvent) => void;
}

interface KnownPath {
  readonly address: string;
  readonly mtuBytes: number;
  readonly port: string;
}

export class PortWatch {
  readonly #ports = new Map<string, PortFacts>();
  /** By the target's name. */
  readonly #paths = new Map<string, KnownPath>();
  #serial = 1;

  constructor(private readonly options: PortWatchOptions) {}

  /** A path was opened to the target. */
  note({ name }: MonitorTarget, { target, port, mtuBytes }: PathDescription): void {
    const known = this.#paths.get(name);
    const before = known?.address === target.address ? known.mtuBytes : null;
    this.#paths.set(name, { address: target.address, mtuBytes, port: port.name });
    const event = compareMtu(name, { before, now: mtuBytes }, this.#stamp());
    if (event !== null) this.options.onEvent(event);
    this.#see(port);
  }

  /** Only ports of these targets matter from now on. */
  keepOnly(names: readonly string[]): void {
    for (const name of this.#paths.keys()) if (!names.includes(name)) this.#paths.delete(name);
    const used = [...this.#paths.values()].map(({ port }) => port);
    for (const name of this.#ports.keys()) if (!used.includes(name)) this.#ports.delete(name);
  }

  /** Looks at every port again. */
  look(): void {
    for (const [name, before] of this.#ports) {
      try {
        this.#see(this.options.readPort(name));
      } catch (error) {
        if (!(error instanceof ApparenetError)) throw error;
        this.#see({ ...before, linkUp: false, linkDownReason: 'it is gone' });
      }
    }
  }

  /** Of the port by its name; undefined being the one that all paths take, where they take the same. Null where it is not known. */
  isLinkUp(name: string | undefined): boolean | null {
    const [only, ...others] = this.#ports.keys();
    const port = name ?? (others.length === 0 ? only : undefined);
    return this.#ports.get(port ?? '')?.linkUp ?? null;
  }

  #see(now: PortFacts): void {
    const before = this.#ports.get(now.name);
    this.#ports.set(now.name, before === undefined ? now : rememberPort(before, now));
    if (before === undefined) return;
    for (const event of comparePorts(before, now, this.#stamp())) this.options.onEvent(event);
  }

  #stamp(): { readonly atMs: number; readonly serial: number } {
    this.#serial += 1;
    return { atMs: this.options.readClockMs(), serial: this.#serial };
  }
}
