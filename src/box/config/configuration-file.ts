// config.yaml on disk: read with its defaults, changed as a whole. What stands in it is decided elsewhere.
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { ApparenetError, ConfigError, PermissionError } from '../../model/errors.js';
import type { Configuration } from '../../model/configuration.js';
import { holdLockFile } from '../hold-lock-file.js';
import { replaceFile } from '../replace-file.js';
import { parseConfiguration } from './parse-configuration.js';

/** Room for all targets and schedules with much comment. */
const MOST_BYTES = 256 * 1024;

const REMEDY = 'run it with sudo; the service writes there where systemd-tmpfiles applied apparenet.tmpfiles';

export interface ConfigurationFile {
  /** Empty where the file is not there. */
  readonly text: string;
  readonly isThere: boolean;
}

/** @throws ConfigError where it is there and cannot be read. */
export function readConfigurationFile(path: string): ConfigurationFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { text: '', isThere: false };
    throw new ConfigError(path, `cannot be read: ${message}`, 'config.file');
  }
  if (text.length > MOST_BYTES) throw new ConfigError(path, `is larger than ${MOST_BYTES / 1024} KiB`, 'config.file');
  return { text, isThere: true };
}

/** Defaults where there is no file, unless it was named by a person. @throws ConfigError */
export function readConfiguration(path: string, isNamed: boolean): Configuration {
  const { text, isThere } = readConfigurationFile(path);
  if (!isThere && isNamed) throw new ConfigError(path, 'there is no such file', 'config.file');
  return parseConfiguration(text);
}

/**
 * Hands the text to `change` and keeps what it gives; nothing is written where it throws.
 * @throws what `change` throws; PermissionError where this user may not write there; ConfigError where it cannot be written, or
 * changed meanwhile.
 */
export function changeConfigurationFile(path: string, change: (text: string) => string): Configuration {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    // A link stays one.
    const place = existsSync(path) ? realpathSync(path) : path;
    const held = holdLockFile(`${place}.lock`, () => changeInPlace(path, place, change));
    if (held !== null) return held.result;
  } catch (error) {
    if (error instanceof ApparenetError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EACCES')
      throw new PermissionError('permission.file', `${path} may not be changed by this user`, REMEDY);
    throw new ConfigError(path, `cannot be written: ${message}`, 'config.file');
  }
  throw new ConfigError(path, 'somebody else is changing it; try again', 'config.file');
}

/** Of programs nobody else writes now; an editor may. */
function changeInPlace(path: string, place: string, change: (text: string) => string): Configuration {
  const { text } = readConfigurationFile(path);
  const changed = change(text);
  const configuration = parseConfiguration(changed);
  if (readConfigurationFile(path).text !== text)
    throw new ConfigError(path, 'somebody else just changed it; try again', 'config.file');
  replaceFile(place, changed);
  return configuration;
}
