// Frames over one socket, for both ends of the control protocol. A sender waits for its reader, so that a slow reader holds
// at most one slice in memory beside the trace itself, and one that stops reading is cut off.
import type { Socket } from 'node:net';
import { ControlFrameReader, encodeControlFrame } from '../../packet/control-frame.js';
import type { ControlFrame } from '../../packet/control-frame.js';
import { CONTROL_LIMITS } from './messages.js';

const SLICE_BYTES = 256 * 1024;

export class ControlChannel {
  readonly #socket: Socket;
  readonly #maxFrameBytes: number;
  /** Ends when everything handed to `send` so far has left or was dropped. */
  #lastSend: Promise<void> = Promise.resolve();
  #unsent = 0;

  /** `maxFrameBytes` bounds what the other side may send. */
  constructor(socket: Socket, maxFrameBytes: number) {
    this.#socket = socket;
    this.#maxFrameBytes = maxFrameBytes;
    // The end of the connection shows in frames(); without a listener a reset would end the process.
    socket.on('error', () => undefined);
  }

  /** True when nothing waits to be sent. */
  get idle(): boolean {
    return this.#unsent === 0 && this.#socket.writableLength === 0 && this.#socket.writable;
  }

  /**
   * Ends when the other side closes; leaving the loop closes the connection. @throws ProtocolError for bytes that are no
   * frame or a frame above the bound; the system error of a connection that was reset.
   */
  async *frames(): AsyncGenerator<ControlFrame, void, void> {
    const reader = new ControlFrameReader(this.#maxFrameBytes);
    for await (const chunk of this.#socket.iterator({ destroyOnReturn: false })) {
      for (const frame of reader.push(chunk as Buffer)) yield frame;
    }
  }

  /** Resolves when the frame was taken off our hands or the connection is gone: then it is dropped. Never rejects. */
  send(header: object, columns: readonly Uint8Array[] = []): Promise<void> {
    this.#unsent += 1;
    this.#lastSend = this.#lastSend
      .then(() => this.#write(encodeControlFrame(header, columns)))
      .finally(() => {
        this.#unsent -= 1;
      });
    return this.#lastSend;
  }

  /** Sends what is pending, then closes our half. */
  async end(): Promise<void> {
    await this.#lastSend;
    if (!this.#socket.writable) return;
    await new Promise<void>((resolve) => {
      this.#socket.once('close', resolve);
      this.#socket.end(resolve);
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** A trace has 18 columns: corked, those of a short one cost one write here and one read there. */
  async #write(parts: readonly Uint8Array[]): Promise<void> {
    this.#socket.cork();
    for (const slice of parts.flatMap(listSlices)) {
      if (!this.#socket.writable) break;
      if (this.#socket.write(slice)) continue;
      this.#socket.uncork();
      await this.#drained();
      this.#socket.cork();
    }
    this.#socket.uncork();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(deadline);
        this.#socket.off('drain', settle);
        this.#socket.off('close', settle);
        resolve();
      };
      const deadline = setTimeout(() => this.#socket.destroy(), CONTROL_LIMITS.drainMs);
      this.#socket.on('drain', settle);
      this.#socket.on('close', settle);
    });
  }
}

function listSlices(part: Uint8Array): Uint8Array[] {
  const count = Math.ceil(part.length / SLICE_BYTES);
  return Array.from({ length: count }, (_, i) => part.subarray(i * SLICE_BYTES, (i + 1) * SLICE_BYTES));
}
