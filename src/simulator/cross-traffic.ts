// Other people's packets as a hop sees them: one after the other, and a fresh start after a long silence.

export interface CrossTraffic {
  /** Arrival of the next packet, −Infinity before the first `startAfresh`. */
  readonly nextNs: number;
  readonly nextBytes: number;
  readonly meanFrameBytes: number;
  /** Share of the hop's lasting rate that it offers. */
  readonly share: number;
  /** After a silence of this length the hop's backlog tells nothing more of what was before. */
  readonly settleNs: number;
  advance(): void;
  /** Begins at `nowNs` in the stationary state; the bytes that then wait in a queue that holds up to `limitBytes`. */
  startAfresh(nowNs: number, limitBytes: number): number;
}
