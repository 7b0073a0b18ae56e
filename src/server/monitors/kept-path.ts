// The open path to one target: opened where there is none, and anew from time to time and when the default route changes, since
// route, next hop and MTU may have. What is sent on it is the monitor's business.
import { setTimeout } from 'node:timers/promises';
import { ApparenetError } from '../../model/errors.js';
import type { OpenProber, PathDescription, PathRequest, Prober } from '../../model/path.js';

/** After so long it is looked again where the target is and how it is reached, ms. */
const RENEW_MS = 600_000;
/** Paths are not opened all at once: within this, ms. */
const SPREAD_MS = 2_000;

export interface KeptPathOptions {
  readonly request: PathRequest;
  readonly open: OpenProber;
  /** Of the target among all, 0-1: what is done now and then is done by each at another time. */
  readonly share: number;
  /** The default gateway of the moment; null where there is none. */
  readonly readGateway: () => string | null;
  /** Monotonic, ms. */
  readonly readElapsedMs: () => number;
  /** Hears of each path that is taken into use. */
  readonly onOpened: (path: PathDescription) => void;
}

interface OpenPath {
  readonly prober: Prober;
  readonly openedMs: number;
  readonly gateway: string | null;
}

export class KeptPath {
  #current: OpenPath | null = null;
  /** Opened beside the current one and not looked at yet. */
  #next: OpenPath | null = null;
  #isRenewing = false;
  #isFirst = true;

  constructor(private readonly options: KeptPathOptions) {}

  /**
   * The path to use now. `isSilent`: nothing has answered lately; a new path to the same place may then know less of the target than
   * the old one, and the old one stays. @throws as OpenProber
   */
  async take(isSilent: boolean, signal: AbortSignal): Promise<Prober> {
    const { readGateway, readElapsedMs, onOpened } = this.options;
    if (this.#current !== null && this.#current.gateway !== readGateway()) await this.drop();
    if (this.#current === null) {
      this.#current = await this.#openFirst(signal);
      onOpened(this.#current.prober.path);
    } else if (this.#next !== null) {
      await this.#adopt(this.#current, this.#next, isSilent);
    } else if (!this.#isRenewing && readElapsedMs() - this.#current.openedMs >= RENEW_MS) {
      void this.#renew(signal);
    }
    return this.#current.prober;
  }

  /** The next `take` opens anew. */
  async drop(): Promise<void> {
    const dropped = [this.#current, this.#next];
    this.#current = null;
    this.#next = null;
    for (const path of dropped) await path?.prober.close();
  }

  async #openFirst(signal: AbortSignal): Promise<OpenPath> {
    if (!this.#isFirst) return this.#open(signal);
    const { share } = this.options;
    await setTimeout(share * SPREAD_MS, undefined, { signal });
    const opened = await this.#open(signal);
    this.#isFirst = false;
    return { ...opened, openedMs: opened.openedMs - share * RENEW_MS };
  }

  async #open(signal: AbortSignal): Promise<OpenPath> {
    const { request, open, readGateway, readElapsedMs } = this.options;
    const gateway = readGateway();
    return { prober: await open(request, signal), openedMs: readElapsedMs(), gateway };
  }

  async #adopt(old: OpenPath, next: OpenPath, isSilent: boolean): Promise<void> {
    this.#next = null;
    if (isSilent && leadsToSamePlace(old.prober.path, next.prober.path)) {
      this.#current = { ...old, openedMs: next.openedMs };
      await next.prober.close();
      return;
    }
    this.#current = next;
    this.options.onOpened(next.prober.path);
    await old.prober.close();
  }

  /** What goes wrong shows on the old path as well, if it is more than the name server's trouble. */
  async #renew(signal: AbortSignal): Promise<void> {
    this.#isRenewing = true;
    const renewed = this.#current;
    try {
      const next = await this.#open(signal);
      if (this.#current === renewed && !signal.aborted) this.#next = next;
      else await next.prober.close();
    } catch (error) {
      if (!(error instanceof ApparenetError)) throw error;
      if (this.#current !== null) this.#current = { ...this.#current, openedMs: this.options.readElapsedMs() };
    } finally {
      this.#isRenewing = false;
    }
  }
}

function leadsToSamePlace(one: PathDescription, other: PathDescription): boolean {
  return (
    one.target.address === other.target.address &&
    one.port.name === other.port.name &&
    one.nextHop.address === other.nextHop.address
  );
}
