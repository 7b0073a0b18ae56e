// The error counters of the probe's own port: what its driver would have counted in a run.
import type { PortErrors } from '../model/trace.js';
import type { Hop } from './hop.js';
import type { SharedLink } from './shared-link.js';

export class PortCounters {
  #last: PortErrors;

  /** `lastHop` of the way back, which arrives at the port; `link` counts where the port is its near station. */
  constructor(
    private readonly lastHop: Hop | undefined,
    private readonly link: SharedLink | null,
  ) {
    this.#last = this.#readTotals();
  }

  /** Since it was read last; `receiveMissed` is what its ring had no room for meanwhile. */
  readRise(receiveMissed: number): PortErrors {
    const now = this.#readTotals();
    const rise = (of: (errors: PortErrors) => number | null): number => (of(now) ?? 0) - (of(this.#last) ?? 0);
    const errors = {
      ...now,
      fcsErrors: rise(({ fcsErrors }) => fcsErrors),
      collisions: rise(({ collisions }) => collisions),
      lateCollisions: rise(({ lateCollisions }) => lateCollisions),
      excessiveCollisions: rise(({ excessiveCollisions }) => excessiveCollisions),
      receiveMissed,
    };
    this.#last = now;
    return errors;
  }

  #readTotals(): PortErrors {
    const station = this.link?.model.forwardHop === 0 ? this.link.nearCounters : null;
    return {
      fcsErrors: (this.lastHop?.frameErrors ?? 0) + (station?.fcsErrors ?? 0),
      alignmentErrors: 0,
      collisions: station?.collisions ?? 0,
      lateCollisions: station?.lateCollisions ?? 0,
      excessiveCollisions: station?.excessiveCollisions ?? 0,
      carrierErrors: 0,
      receiveOverruns: 0,
      receiveMissed: 0,
    };
  }
}
