// The client's end of the control protocol: connects, says hello, asks one thing at a time. What is asked is up to the callers.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { ApparenetError, CanceledError, DeviceError, PermissionError, ProtocolError } from '../../model/errors.js';
import { VERSION } from '../../model/parts.js';
import type { ControlFrame } from '../../packet/control-frame.js';
import { ControlChannel } from '../../sequencer/control/channel.js';
import { parseError } from '../../sequencer/control/errors-on-the-wire.js';
import { CONTROL_LIMITS, CONTROL_PROTOCOL, parseObject, parseText } from '../../sequencer/control/messages.js';
import type { ControlRequest } from '../../sequencer/control/messages.js';

/** How long a canceled request may take to answer before the connection is given up, ms. */
const CANCEL_GRACE_MS = 5_000;
const INTERIM = new Set<unknown>(['working', 'waiting', 'progress']);

type Fields = Readonly<Record<string, unknown>>;

export interface Reply {
  readonly header: Fields;
  readonly body: Uint8Array;
}

interface Pending {
  /** The type of the reply that ends the request; `error` always may. */
  readonly expects: string;
  readonly onInterim: (header: Fields) => void;
  resolve(reply: Reply): void;
  reject(error: unknown): void;
}

export interface RequestOptions {
  readonly expects: string;
  /** Sends `cancel` when it aborts; the reply then comes soon, or the connection is given up. */
  readonly signal?: AbortSignal;
  readonly onInterim?: (header: Fields) => void;
}

export class ControlClient {
  readonly #channel: ControlChannel;
  readonly #socketPath: string;
  #pending: Pending | null = null;
  #silence: NodeJS.Timeout | undefined;
  /** Why nothing can be asked any more. */
  #ended: Error | null = null;

  private constructor(socket: Socket, socketPath: string) {
    this.#channel = new ControlChannel(socket, CONTROL_LIMITS.replyBytes);
    this.#socketPath = socketPath;
    void this.#read();
  }

  /**
   * @throws DeviceError `peer.unreachable` when nobody listens there, PermissionError when this user may not,
   * ProtocolError `protocol.version` when the sequencer speaks another protocol, CanceledError.
   */
  static async connect(socketPath: string, signal?: AbortSignal): Promise<ControlClient> {
    const client = new ControlClient(await connectSocket(socketPath, signal), socketPath);
    const giveUp = () => client.destroy();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await client.request({ type: 'hello', protocol: CONTROL_PROTOCOL, version: VERSION }, { expects: 'hello' });
    } catch (error) {
      client.destroy();
      throw error;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
    return client;
  }

  /** One at a time. @throws what the sequencer answered, or DeviceError `peer.unreachable` when it went away. */
  async request(message: ControlRequest, options: RequestOptions): Promise<Reply> {
    const reply = this.#awaitReply(options);
    void this.#channel.send(message);
    const { signal } = options;
    let grace: NodeJS.Timeout | undefined;
    const cancel = () => {
      void this.#channel.send({ type: 'cancel' } satisfies ControlRequest);
      grace = setTimeout(() => this.#end(new CanceledError()), CANCEL_GRACE_MS);
    };
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await reply;
    } finally {
      clearTimeout(grace);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Lets the sequencer release the path, then closes. Never rejects. */
  async close(): Promise<void> {
    if (!this.#ended) {
      const released = this.#pending
        ? Promise.resolve()
        : this.request({ type: 'close' }, { expects: 'closed', signal: AbortSignal.timeout(CANCEL_GRACE_MS) });
      await released.catch(() => undefined);
    }
    this.destroy();
  }

  destroy(): void {
    this.#end(new CanceledError('the connection was closed'));
  }

  #awaitReply(options: RequestOptions): Promise<Reply> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise<Reply>((resolve, reject) => {
      this.#pending = { expects: options.expects, onInterim: options.onInterim ?? (() => undefined), resolve, reject };
      this.#listenForSilence();
    });
  }

  async #read(): Promise<void> {
    try {
      for await (const frame of this.#channel.frames()) this.#take(frame);
      this.#end(this.#createGoneError('closed the connection'));
    } catch (error) {
      this.#end(error instanceof ApparenetError ? error : this.#createGoneError('went away'));
    }
  }

  #take(frame: ControlFrame): void {
    const header = parseObject(frame.header, 'reply');
    const pending = this.#pending;
    this.#listenForSilence();
    if (INTERIM.has(header['type'])) {
      pending?.onInterim(header);
      return;
    }
    if (!pending) {
      // An error may come unasked: the sequencer has no room for us, or our bytes were wrong.
      throw header['type'] === 'error' ? parseError(header) : new ProtocolError('a reply that nobody asked for');
    }
    this.#pending = null;
    clearTimeout(this.#silence);
    if (header['type'] === pending.expects) pending.resolve({ header, body: frame.body });
    else if (header['type'] === 'error') pending.reject(parseError(header));
    else pending.reject(new ProtocolError(`${pending.expects} was expected from the sequencer`));
  }

  #listenForSilence(): void {
    clearTimeout(this.#silence);
    if (!this.#pending) return;
    this.#silence = setTimeout(() => this.#end(this.#createGoneError('fell silent')), CONTROL_LIMITS.silenceMs);
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    clearTimeout(this.#silence);
    this.#channel.destroy();
    this.#pending?.reject(reason);
    this.#pending = null;
  }

  #createGoneError(what: string): DeviceError {
    return new DeviceError('peer.unreachable', `the sequencer at ${this.#socketPath} ${what}`);
  }
}

/** The text of a hello or status field. @throws ProtocolError */
export function readReplyText(fields: Fields, name: string): string {
  return parseText(fields[name], name, 128);
}

function connectSocket(path: string, signal: AbortSignal | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new CanceledError());
      return;
    }
    const socket = connect(path);
    const cancel = () => socket.destroy(new CanceledError());
    signal?.addEventListener('abort', cancel, { once: true });
    const fail = (error: Error) => {
      signal?.removeEventListener('abort', cancel);
      reject(explainConnect(error, path));
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      signal?.removeEventListener('abort', cancel);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function explainConnect(error: NodeJS.ErrnoException, path: string): ApparenetError {
  if (error instanceof ApparenetError) return error;
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return new PermissionError(
      'permission.socket',
      `the sequencer's socket ${path} may not be opened by this user`,
      'sudo usermod -aG apparenet "$USER"   (then log in again)',
      { cause: error },
    );
  }
  return new DeviceError(
    'peer.unreachable',
    `the sequencer does not answer at ${path}: start it with "apparenet run" or "systemctl start apparenet-tps"`,
    { errno: error.code ?? null, syscall: 'connect', port: null },
    { cause: error },
  );
}
