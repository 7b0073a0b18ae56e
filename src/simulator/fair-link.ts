// A queue for each flow and one link, shared by deficit round robin (Shreedhar and Varghese 1995): a flow that sends little waits
// for at most one turn of each other flow, however long their queues are.
import { InvariantError } from '../model/errors.js';
import { BITS_PER_BYTE, NS_PER_SEC } from '../model/units.js';
import type { Packet } from './packet.js';
import type { HopModel } from './path-model.js';
import type { Server, ServerSink } from './server.js';

/** At least the longest common frame, so that each turn sends one. */
const QUANTUM_BYTES = 1_538;
/** Other people's packets are one flow. */
const OTHERS = -1;

interface Waiting {
  readonly bytes: number;
  readonly packet: Packet | null;
}

class FlowQueue {
  readonly waiting: Waiting[] = [];
  bytes = 0;
  deficitBytes = 0;
}

export class FairLink implements Server {
  pending = 0;
  readonly #nsPerByte: number;
  readonly #limitBytes: number;
  readonly #flows = new Map<number, FlowQueue>();
  /** Flows that wait, whose turn it is first. */
  readonly #turns: FlowQueue[] = [];
  #waitingBytes = 0;
  #freeNs = -Infinity;

  constructor(
    { rateBitsPerSec, queueBytes }: HopModel,
    private readonly sink: ServerSink,
  ) {
    this.#nsPerByte = (BITS_PER_BYTE * NS_PER_SEC) / rateBitsPerSec;
    this.#limitBytes = queueBytes;
  }

  get busyUntilNs(): number {
    return this.#freeNs + this.#waitingBytes * this.#nsPerByte;
  }

  get nextServiceNs(): number {
    return this.#turns.length > 0 ? this.#freeNs : Infinity;
  }

  /** What comes before the end of services that an earlier run has already settled is served behind them. */
  offer(atNs: number, frameBytes: number, packet: Packet | null): void {
    this.runUntil(atNs);
    if (packet !== null) this.pending += 1;
    if (this.#turns.length === 0 && this.#freeNs <= atNs) {
      this.#serve(atNs, { bytes: frameBytes, packet });
      return;
    }
    const flow = this.#flowOf(packet?.flow ?? OTHERS);
    if (flow.waiting.length === 0) {
      flow.deficitBytes = QUANTUM_BYTES;
      this.#turns.push(flow);
    }
    flow.waiting.push({ bytes: frameBytes, packet });
    flow.bytes += frameBytes;
    this.#waitingBytes += frameBytes;
    while (this.#waitingBytes > this.#limitBytes) this.#dropFromLongest();
  }

  runUntil(nowNs: number): void {
    // Ends when nothing waits or the link is busy until then.
    while (this.#turns.length > 0 && this.#freeNs < nowNs) this.#serve(this.#freeNs, this.#takeNext());
  }

  #takeNext(): Waiting {
    for (;;) {
      // Ends since each turn adds a quantum to what one of the flows may send.
      const flow = this.#turns[0];
      const head = flow?.waiting[0];
      if (flow === undefined || head === undefined) throw new InvariantError('a flow has its turn and nothing to send');
      if (head.bytes <= flow.deficitBytes) {
        flow.waiting.shift();
        flow.deficitBytes -= head.bytes;
        this.#countOut(flow, head);
        return head;
      }
      flow.deficitBytes += QUANTUM_BYTES;
      this.#turns.shift();
      this.#turns.push(flow);
    }
  }

  #countOut(flow: FlowQueue, { bytes }: Waiting): void {
    flow.bytes -= bytes;
    this.#waitingBytes -= bytes;
    if (flow.waiting.length === 0) this.#turns.splice(this.#turns.indexOf(flow), 1);
  }

  #dropFromLongest(): void {
    const longest = this.#turns.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    const dropped = longest.waiting.pop();
    if (dropped === undefined) return;
    this.#countOut(longest, dropped);
    if (dropped.packet === null) return;
    this.pending -= 1;
    this.sink.refused(dropped.packet);
  }

  #serve(startNs: number, { bytes, packet }: Waiting): void {
    this.#freeNs = startNs + bytes * this.#nsPerByte;
    if (packet === null) return;
    this.pending -= 1;
    this.sink.served(packet, startNs, this.#freeNs);
  }

  #flowOf(id: number): FlowQueue {
    const known = this.#flows.get(id);
    if (known !== undefined) return known;
    const flow = new FlowQueue();
    this.#flows.set(id, flow);
    return flow;
  }
}
