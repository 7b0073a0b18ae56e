// A packet on its way through the simulated network. What happens to it is decided by hops and ends.

/** What a reflector notes of a request. */
export interface Answer {
  /** T2 and T3 on its clock, less `FarEnd.baseShiftNs`. */
  readonly farRxNs: number;
  readonly farTxNs: number;
  readonly farSequence: number;
  readonly farClass: number;
}

/** Lists of packets are in ascending order of `atNs`. */
export interface Packet {
  /** Whose schedule `row` counts in. */
  readonly sender: 'probe' | 'far';
  readonly row: number;
  readonly flow: number;
  readonly dontFragment: boolean;
  /** Made by the network from another one. */
  readonly isCopy: boolean;
  /** What the far end noted when it answered; null on the way there. */
  readonly answer: Answer | null;
  /** IP length. */
  readonly sizeBytes: number;
  /** Traffic class with which it, or the request that it answers, was sent. */
  readonly plannedClass: number;
  /** As the last hop left it: DSCP · 4 + ECN. */
  trafficClass: number;
  /** Length of the largest of the packets in which it travels: less than `sizeBytes` if it was fragmented. */
  partBytes: number;
  /** Routers passed beside those of the model. */
  extraHops: number;
  /** Due at the next node. */
  atNs: number;
}
