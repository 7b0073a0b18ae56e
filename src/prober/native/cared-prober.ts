// A prober whose port was prepared for it: what was switched off comes back when it is closed, and its path tells what is known of
// the port.
import type { CaredPort } from '../../box/port-care.js';
import type { PathDescription, PortAbilities, Prober, RunOptions } from '../../model/path.js';
import type { Cost, Sequence } from '../../model/sequence.js';
import type { Trace } from '../../model/trace.js';

export class CaredProber implements Prober {
  readonly path: PathDescription;
  readonly openingCost: Cost;

  constructor(
    private readonly inner: Prober,
    private readonly care: Pick<CaredPort, 'notes' | 'restore'>,
    abilities: PortAbilities | null,
  ) {
    this.path = { ...inner.path, abilities, notes: [...inner.path.notes, ...care.notes] };
    this.openingCost = inner.openingCost;
  }

  run(sequence: Sequence, options: RunOptions): Promise<Trace> {
    return this.inner.run(sequence, options);
  }

  async close(): Promise<void> {
    try {
      await this.inner.close();
    } finally {
      this.care.restore();
    }
  }
}
