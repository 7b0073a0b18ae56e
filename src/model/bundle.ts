// What becomes of making a support bundle.

export interface MissingSource {
  readonly name: string;
  /** One sentence. */
  readonly reason: string;
}

export interface MadeBundle {
  readonly path: string;
  readonly bytes: number;
  /** Of the archive, hexadecimal. */
  readonly sha256: string;
  /** Names in the archive, without its manifest. */
  readonly files: readonly string[];
  readonly missing: readonly MissingSource[];
}
