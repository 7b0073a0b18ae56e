// Framing of the control protocol between the parts: a JSON header, and columns of numbers behind it as raw octets.
// What a header must hold and which columns follow is checked by those who read the message.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +---------------------------------------------------------------+
// |      length of all that follows this word, big-endian         |  0
// |      length of the header, big-endian                         |  4
// |      header, one JSON object in UTF-8 ...                     |  8
// |      body: columns one after the other, little-endian ...     |
// +---------------------------------------------------------------+
import { ProtocolError } from '../model/errors.js';
import { putUint32, uint32At } from './octets.js';

const DEFAULT_MAX_FRAME_BYTES = 64 * 1024 * 1024;

const LENGTHS_BYTES = 8;
/** The first length word does not count itself. */
const LENGTH_WORD_BYTES = 4;

export interface ControlFrame {
  /** A JSON object, its fields unchecked. */
  readonly header: object;
  /** Empty for a message without columns. Not aligned to anything: copy before reading numbers wider than an octet. */
  readonly body: Uint8Array;
}

/** The frame in parts to be written one after the other; the columns are not copied. */
export function encodeControlFrame(header: object, columns: readonly Uint8Array[] = []): readonly Uint8Array[] {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bodyBytes = columns.reduce((sum, column) => sum + column.length, 0);
  const head = new Uint8Array(LENGTHS_BYTES + text.length);
  putUint32(head, 0, LENGTH_WORD_BYTES + text.length + bodyBytes);
  putUint32(head, LENGTH_WORD_BYTES, text.length);
  head.set(text, LENGTHS_BYTES);
  return [head, ...columns];
}

/**
 * Puts frames together from chunks of a byte stream, whatever their borders. Holds at most one incomplete frame, and no more of
 * it than has arrived. After a ProtocolError the stream has lost its borders: close it.
 */
export class ControlFrameReader {
  readonly #maxFrameBytes: number;
  /** What has arrived of the next frame, in order. */
  #chunks: Uint8Array[] = [];
  #arrivedBytes = 0;

  /** A frame of more than `maxFrameBytes`, both length words included, is refused as soon as its length is known. */
  constructor(maxFrameBytes = DEFAULT_MAX_FRAME_BYTES) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /**
   * The frames that `chunk` completes. The chunk is kept until then, so it must not be reused.
   * @throws ProtocolError for a frame too large, a header length beyond the frame, or a header that is no JSON object.
   */
  push(chunk: Uint8Array): ControlFrame[] {
    const frames: ControlFrame[] = [];
    if (chunk.length > 0) this.#chunks.push(chunk);
    this.#arrivedBytes += chunk.length;
    // Ends: each round takes a frame of at least 8 octets off what has arrived.
    for (;;) {
      const frameBytes = this.#announcedBytes();
      if (frameBytes === null || this.#arrivedBytes < frameBytes) return frames;
      frames.push(parseFrame(this.#take(frameBytes)));
    }
  }

  /** Length of the frame that comes next, null before its length words are here. */
  #announcedBytes(): number | null {
    if (this.#arrivedBytes < LENGTHS_BYTES) return null;
    const lengths = this.#peek(LENGTHS_BYTES);
    const frameBytes = LENGTH_WORD_BYTES + uint32At(lengths, 0);
    const headerBytes = uint32At(lengths, LENGTH_WORD_BYTES);
    if (frameBytes > this.#maxFrameBytes) {
      throw new ProtocolError(
        `control frame of ${frameBytes} bytes, at most ${this.#maxFrameBytes} are taken`,
        'protocol.too-large',
      );
    }
    if (LENGTHS_BYTES + headerBytes > frameBytes) {
      throw new ProtocolError(`control frame: header of ${headerBytes} in a frame of ${frameBytes} bytes`);
    }
    return frameBytes;
  }

  /** The first `count` octets that have arrived, joined at the head of the list, so that joining costs each octet once. */
  #peek(count: number): Uint8Array {
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= count) return first;
    const joined = new Uint8Array(count);
    let filled = 0;
    // Ends: push() made sure that `count` octets have arrived.
    while (filled < count) {
      const part = this.#chunks.shift() ?? joined;
      const wanted = Math.min(part.length, count - filled);
      joined.set(part.subarray(0, wanted), filled);
      if (wanted < part.length) this.#chunks.unshift(part.subarray(wanted));
      filled += wanted;
    }
    this.#chunks.unshift(joined);
    return joined;
  }

  /** Takes the first `count` octets off; a view where they came in one chunk. */
  #take(count: number): Uint8Array {
    const first = this.#peek(count);
    if (first.length === count) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(count);
    this.#arrivedBytes -= count;
    return first.subarray(0, count);
  }
}

function parseFrame(frame: Uint8Array): ControlFrame {
  const bodyAt = LENGTHS_BYTES + uint32At(frame, LENGTH_WORD_BYTES);
  return { header: parseHeader(frame.subarray(LENGTHS_BYTES, bodyAt)), body: frame.subarray(bodyAt) };
}

function parseHeader(text: Uint8Array): object {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    throw new ProtocolError('control frame: header is not JSON in UTF-8');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new ProtocolError('control frame: header is not a JSON object');
  }
  return header;
}
