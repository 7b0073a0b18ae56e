// Where the command line writes. stdout carries results only; progress, notes and reasons go to stderr.
import { chooseInk, type Ink } from './ink.js';

export interface Channel {
  write(text: string): void;
  readonly isTty: boolean;
  /** Width to fill; a fixed one where the stream is no terminal, so that files do not depend on a window. */
  readonly columns: number;
  readonly ink: Ink;
}

export interface Terminal {
  readonly out: Channel;
  readonly err: Channel;
  /** Aborts when whoever read stdout has gone (EPIPE): what is under way then ends as if it had been asked to. */
  readonly readerGone: AbortSignal;
}

const FILE_COLUMNS = 100;
const NARROWEST_COLUMNS = 40;
const WIDEST_COLUMNS = 120;

/** The process's own streams. A write that nobody can read any more is dropped without a word. */
export function openTerminal(): Terminal {
  const gone = new AbortController();
  process.stdout.on('error', () => gone.abort());
  process.stderr.on('error', () => undefined);
  return { out: describeStream(process.stdout), err: describeStream(process.stderr), readerGone: gone.signal };
}

function describeStream(stream: NodeJS.WriteStream): Channel {
  return {
    write: (text) => void stream.write(text),
    isTty: stream.isTTY,
    get columns() {
      return stream.isTTY ? clampColumns(stream.columns) : FILE_COLUMNS;
    },
    ink: chooseInk(process.env, stream.isTTY),
  };
}

/** A terminal that does not know its width says 0. */
function clampColumns(columns: number): number {
  return columns > 0 ? Math.min(WIDEST_COLUMNS, Math.max(NARROWEST_COLUMNS, columns)) : FILE_COLUMNS;
}
