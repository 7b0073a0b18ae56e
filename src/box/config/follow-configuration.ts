// Notices that the configuration file was changed, by whoever it was: at SIGHUP at once, else within half a minute. A file that is not
// sound changes nothing.
import { unwatchFile, watchFile } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from '../../model/configuration.js';
import { ConfigError } from '../../model/errors.js';
import { readConfiguration } from './configuration-file.js';

export interface FollowOptions {
  readonly path: string;
  /** What counts until the first change. */
  readonly configuration: Configuration;
  /** Why the file that was there at the start does not count; null, or without it, where it does. */
  readonly refused?: string | null;
  /** Gets the one that counted before as well. */
  readonly onChange: (configuration: Configuration, before: Configuration) => void;
  /** Of a file that is not sound; once for each content of it. */
  readonly onRefused: (error: ConfigError) => void;
}

export interface FollowedConfiguration {
  /** Looks at the file now. */
  reload(): void;
  /** Why the file, as it was last looked at, does not count; null where it does. */
  readRefusal(): string | null;
  close(): void;
}

/** A path is looked at by its time of change: what notifies of changes does not see a file that is replaced behind a link. */
const LOOK_MS = 30_000;

export function followConfiguration(options: FollowOptions): FollowedConfiguration {
  const { path, onChange, onRefused } = options;
  let { configuration } = options;
  let refused = options.refused ?? null;
  const reload = (): void => {
    try {
      const read = readConfiguration(path, false);
      refused = null;
      if (isDeepStrictEqual(read, configuration)) return;
      const before = configuration;
      configuration = read;
      onChange(read, before);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      if (refused === error.message) return;
      refused = error.message;
      onRefused(error);
    }
  };
  watchFile(path, { interval: LOOK_MS, persistent: false }, reload);
  // On a terminal it says that the terminal is gone, which ends a program.
  const followsSignal = !process.stdin.isTTY;
  if (followsSignal) process.on('SIGHUP', reload);
  return {
    reload,
    readRefusal: () => refused,
    close: () => {
      unwatchFile(path, reload);
      if (followsSignal) process.off('SIGHUP', reload);
    },
  };
}
