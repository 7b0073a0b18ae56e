// One of the two stations of a replayed medium: what it sends, hears and waits for, and when it may begin (IEEE 802.3, clause 4). What becomes
// of its frames is decided in medium-replay.ts.

/** Frames are numbered as in `Tally`. */
export class Station {
  readonly queue: number[] = [];
  head = 0;
  frame = -1;
  attempts = 0;
  readyNs = -Infinity;
  /** End of the gap behind the last signal; Infinity while a carrier must be waited for. */
  clearNs = -Infinity;
  startNs = Infinity;
  sentSinceNs = 0;
  endNs = Infinity;
  isCut = false;
  /** Begin and end of the other's signals as they arrive here, in turn; heard up to `edge`. */
  readonly edgesNs: number[] = [];
  readonly heardFrames: number[] = [];
  edge = 0;
  /** That of the edge to come; a field, as it is read at each step. */
  nextEdgeNs = Infinity;
  /** Begins and ends alternate. */
  isHearing = false;
  isSpoiled = false;

  constructor(readonly isHalf: boolean) {}

  get isSending(): boolean {
    return this.endNs < Infinity;
  }

  /** Neither sends nor hears, and nothing is on its way to it. */
  get isIdle(): boolean {
    return this.frame < 0 && !this.isHearing && this.nextEdgeNs === Infinity;
  }

  addEdge(edgeNs: number): void {
    if (this.edge === this.edgesNs.length) this.nextEdgeNs = edgeNs;
    this.edgesNs.push(edgeNs);
  }

  passEdge(): void {
    this.edge += 1;
    this.isHearing = !this.isHearing;
    this.nextEdgeNs = this.edge < this.edgesNs.length ? (this.edgesNs[this.edge] as number) : Infinity;
  }
}

/** Deference (4.2.3.2.1). */
export function planStart(station: Station, nowNs: number): void {
  if (station.frame < 0 || station.isSending) {
    station.startNs = Infinity;
    return;
  }
  const readyNs = Math.max(station.readyNs, nowNs);
  if (!station.isHearing || !station.isHalf) station.startNs = Math.max(readyNs, station.clearNs);
  else station.startNs = readyNs <= station.clearNs ? station.clearNs : Infinity;
}
