// One client of the control server: hello, then at most one open path and one run at a time. When the client goes, whatever
// it started ends. What the messages look like is messages.ts; what is sent on a port is the prober's business.
import { CanceledError, ProtocolError, UsageError } from '../../model/errors.js';
import type { OpenProber, PathRequest, Prober, RunOptions } from '../../model/path.js';
import type { Sequence } from '../../model/sequence.js';
import type { Trace } from '../../model/trace.js';
import { NS_PER_MS } from '../../model/units.js';
import { checkBeside } from '../budget.js';
import { parseSequence } from '../parse-sequence.js';
import type { Beat } from './beat.js';
import type { ControlChannel } from './channel.js';
import { encodeError } from './errors-on-the-wire.js';
import { CONTROL_LIMITS, CONTROL_PROTOCOL, parseRequest } from './messages.js';
import type { ControlReply, ControlRequest, ControlStatus } from './messages.js';
import { withProgress } from './progress-sender.js';
import type { ShowProgress } from './progress-sender.js';
import { encodeTrace } from './trace-message.js';
import type { EndTurn, OnAhead, Turns } from './turns.js';

/** What all connections of a server share. */
export interface ConnectionServices {
  readonly open: OpenProber;
  readonly turns: Turns;
  readonly counters: RunCounters;
  /** On which all runs beside others show life. */
  readonly besideBeat: Beat;
  readonly version: string;
  readonly networkNamespace: string;
  readStatus(): ControlStatus;
  /** Hears of errors that are no ApparenetError: defects, which the client is told only in short. */
  onDefect(error: unknown): void;
}

export interface RunCounters {
  active: number;
  waiting: number;
  completed: number;
  interrupted: number;
  failed: number;
  malformed: number;
}

interface Work {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

type RunRequest = Extract<ControlRequest, { type: 'run' }>;

export class ControlConnection {
  readonly #channel: ControlChannel;
  readonly #services: ConnectionServices;
  #greeted = false;
  #prober: Prober | null = null;
  #work: Work | null = null;

  constructor(channel: ControlChannel, services: ConnectionServices) {
    this.#channel = channel;
    this.#services = services;
  }

  /** Resolves when the client has gone (or was cut off) and nothing of it is left. Never rejects. */
  async serve(): Promise<void> {
    const hello = setTimeout(() => {
      if (!this.#greeted) this.#channel.destroy();
    }, CONTROL_LIMITS.helloMs);
    try {
      for await (const frame of this.#channel.frames()) {
        if (frame.body.length > 0) throw new ProtocolError('a request carries no columns');
        if (!(await this.#handle(parseRequest(frame.header)))) break;
      }
    } catch (error) {
      await this.#cutOff(error);
    } finally {
      clearTimeout(hello);
      await this.#release();
      this.#channel.destroy();
    }
  }

  /** Ends the connection from our side; `serve` then resolves. */
  stop(): void {
    this.#work?.controller.abort();
    this.#channel.destroy();
  }

  /** False when the connection is to end. */
  async #handle(request: ControlRequest): Promise<boolean> {
    if (request.type !== 'hello' && !this.#greeted) throw new ProtocolError('hello must come first');
    switch (request.type) {
      case 'hello':
        await this.#greet(request.protocol);
        return true;
      case 'open':
        this.#begin((signal) => this.#open(request, signal));
        return true;
      case 'run':
        this.#begin((signal) => this.#run(request, signal));
        if (request.canceled) this.#work?.controller.abort();
        return true;
      case 'cancel':
        this.#work?.controller.abort();
        return true;
      case 'status':
        await this.#send({ type: 'status', status: this.#services.readStatus() });
        return true;
      case 'close':
        await this.#release();
        await this.#send({ type: 'closed' });
        return false;
    }
  }

  async #greet(protocol: number): Promise<void> {
    if (this.#greeted) throw new ProtocolError('hello came twice');
    if (protocol !== CONTROL_PROTOCOL) {
      throw new ProtocolError(
        `the peer speaks control protocol ${protocol}, this sequencer ${CONTROL_PROTOCOL}`,
        'protocol.version',
      );
    }
    this.#greeted = true;
    const { version, networkNamespace } = this.#services;
    await this.#send({ type: 'hello', protocol: CONTROL_PROTOCOL, version, networkNamespace });
  }

  #begin(job: (signal: AbortSignal) => Promise<void>): void {
    if (this.#work) throw new ProtocolError('one request at a time: the last one is still worked on');
    const controller = new AbortController();
    const done = job(controller.signal).catch((error: unknown) => this.#fail(error));
    this.#work = { controller, done };
  }

  async #open(request: PathRequest, signal: AbortSignal): Promise<void> {
    if (this.#prober) throw new UsageError('usage.unsupported', 'this connection already has an open path');
    const { target, via, port } = request;
    const prober = await withProgress(this.#channel, () =>
      this.#services.open(port === undefined ? { target, via } : { target, via, port }, signal),
    );
    if (signal.aborted) {
      await prober.close();
      throw new CanceledError();
    }
    this.#prober = prober;
    this.#finish();
    await this.#send({ type: 'opened', path: prober.path, openingCost: prober.openingCost });
  }

  async #run(request: RunRequest, signal: AbortSignal): Promise<void> {
    const prober = this.#prober;
    if (!prober) throw new UsageError('usage.unsupported', 'no path is open on this connection');
    const sequence = parseSequence(request.sequence);
    const { maxPackets, maxBytes } = request.budget;
    const budget = { maxPackets: Math.min(maxPackets, CONTROL_LIMITS.runPackets), maxBytes };
    const { counters } = this.#services;
    const trace = await (sequence.runsBeside === true
      ? this.#runBeside(prober, sequence, { signal, budget })
      : this.#runInTurn(prober, sequence, { signal, budget }));
    counters[trace.interrupted ? 'interrupted' : 'completed'] += 1;
    const { header, columns } = encodeTrace(trace);
    this.#finish();
    await this.#channel.send(header, columns);
  }

  #runInTurn(prober: Prober, sequence: Sequence, options: RunOptions): Promise<Trace> {
    const { counters } = this.#services;
    return withProgress(this.#channel, async (show) => {
      const endTurn = await this.#takeTurn(prober, options.signal, show);
      counters.active += 1;
      try {
        return await prober.run(sequence, {
          ...options,
          onProgress: ({ sent, total }) => show({ type: 'progress', sent, total }),
        });
      } finally {
        counters.active -= 1;
        endTurn();
      }
    });
  }

  /** Neither waits nor tells how far it is: there are many such runs, and they last. */
  async #runBeside(prober: Prober, sequence: Sequence, options: RunOptions): Promise<Trace> {
    checkBeside(sequence);
    const { counters, turns, besideBeat } = this.#services;
    const port = prober.path.port.name;
    const heldMs = turns.readHeldMs(port);
    counters.active += 1;
    try {
      const run = (): Promise<Trace> => prober.run(sequence, options);
      const trace = await withProgress(this.#channel, run, besideBeat);
      return { ...trace, portTakenNs: (turns.readHeldMs(port) - heldMs) * NS_PER_MS };
    } finally {
      counters.active -= 1;
    }
  }

  /** Canceled while it waits: no turn is needed then, since an aborted run gives its trace without sending anything. */
  async #takeTurn({ path }: Prober, signal: AbortSignal, show: ShowProgress): Promise<EndTurn> {
    const { counters, turns } = this.#services;
    counters.waiting += 1;
    try {
      const onAhead: OnAhead = (ahead, behind) =>
        show({ type: 'waiting', ahead, ...(behind === null ? {} : { behind }) });
      return await turns.take(path.port.name, signal, onAhead, path.target.address);
    } catch (error) {
      if (error instanceof CanceledError) return () => undefined;
      throw error;
    } finally {
      counters.waiting -= 1;
    }
  }

  /** The final reply is about to be sent: from the moment the client has it, it may ask for the next thing. */
  #finish(): void {
    this.#work = null;
  }

  async #fail(error: unknown): Promise<void> {
    const message = encodeError(error);
    if (message.code === 'invariant') this.#services.onDefect(error);
    if (message.code !== 'canceled') this.#services.counters.failed += 1;
    this.#finish();
    await this.#send(message);
  }

  async #cutOff(error: unknown): Promise<void> {
    // Anything else is the socket's own end (reset, broken pipe): nobody is left to be told.
    if (!(error instanceof ProtocolError)) return;
    this.#services.counters.malformed += 1;
    await this.#send(encodeError(error));
    await this.#channel.end();
  }

  async #release(): Promise<void> {
    const work = this.#work;
    work?.controller.abort();
    await work?.done;
    const prober = this.#prober;
    this.#prober = null;
    try {
      await prober?.close();
    } catch (error) {
      this.#services.onDefect(error);
    }
  }

  #send(reply: ControlReply): Promise<void> {
    return this.#channel.send(reply);
  }
}
