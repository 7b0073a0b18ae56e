// The file that `--save-capture` writes: the frames of an examination in the order of their instants. A disk that fills up ends the
// file behind its last whole frame, not the examination.
import { closeSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { UsageError } from '../../model/errors.js';
import { encodePcapFileHeader, encodePcapRecord, type WrittenLinkType } from '../../packet/pcap-file.js';
import { concatOctets } from '../../packet/octets.js';

export interface FrameToRecord {
  readonly wallNs: bigint;
  readonly bytes: Uint8Array;
  /** Length on the wire, at least that of `bytes`. */
  readonly wireBytes: number;
}

export class CaptureFile {
  /** Why the file ends before the examination does; null while it does not. */
  failure: string | null = null;
  #frames = 0;
  #endsAt = 0;
  /** Runs that began at the same time, as tries do, are not yet in order. */
  #pending: FrameToRecord[] = [];
  #linkType: WrittenLinkType = 'ethernet';

  private constructor(
    readonly path: string,
    private readonly file: number,
  ) {}

  /** Before anything is sent. @throws UsageError `usage.argument` for a file that is there, or that cannot be written. */
  static open(path: string): CaptureFile {
    try {
      return new CaptureFile(path, openSync(path, 'wx'));
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
      const why =
        code === 'EEXIST' ? 'there is such a file: name another, or remove it' : `cannot be written (${code})`;
      throw new UsageError('usage.argument', `--save-capture ${path}: ${why}`, { cause });
    }
  }

  /** The frames of one run on a port of this link type; all runs of a file are of one port. */
  record(frames: readonly FrameToRecord[], linkType: WrittenLinkType): void {
    this.#linkType = linkType;
    const first = frames.reduce<bigint | null>(
      (least, { wallNs }) => (least === null || wallNs < least ? wallNs : least),
      null,
    );
    if (first === null) return;
    if (this.#pending.every(({ wallNs }) => wallNs <= first)) this.#flush();
    this.#pending.push(...frames);
  }

  /** A file without a single frame is taken away again. */
  close(): void {
    this.#flush();
    closeSync(this.file);
    if (this.#frames === 0) unlinkSync(this.path);
  }

  #flush(): void {
    const frames = this.#pending.sort((a, b) => (a.wallNs < b.wallNs ? -1 : a.wallNs > b.wallNs ? 1 : 0));
    this.#pending = [];
    if (this.failure !== null || frames.length === 0) return;
    const header = this.#endsAt === 0 ? [encodePcapFileHeader(this.#linkType)] : [];
    const records = frames.map(({ wallNs, bytes, wireBytes }) => encodePcapRecord(wallNs, bytes, wireBytes));
    if (this.#write(concatOctets([...header, ...records]))) this.#frames += frames.length;
  }

  /** All of it or nothing. */
  #write(bytes: Uint8Array): boolean {
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.file, bytes, at, bytes.length - at, this.#endsAt + at);
      this.#endsAt += bytes.length;
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.failure = `The capture file ${this.path} ends before the examination does, after ${this.#frames} frames: ${reason}`;
      ftruncateSync(this.file, this.#endsAt);
      return false;
    }
  }
}
