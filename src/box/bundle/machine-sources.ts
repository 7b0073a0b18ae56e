// What the machine tells for a support bundle: addresses, routes, neighbours, ports, the journal of the parts, and what lies in the state
// folder. Programs are asked that every Debian has; one that is missing leaves a gap and a reason. Sends nothing.
import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DeviceError } from '../../model/errors.js';
import { PART_NAMES } from '../../model/parts.js';
import type { BundleSource } from './bundle.js';

const PROGRAM_MS = 8_000;
const MOST_BYTES = 8 * 1024 * 1024;
/** ip and ethtool live where an ordinary user does not look. */
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const UNITS = PART_NAMES.flatMap((name) => ['-u', `apparenet-${name}`]);
const JOURNAL_LINES = 5_000;
const KERNEL_LINES = 1_000;
/** Of the listing of a folder. */
const MOST_FILES = 5_000;

export interface Machine {
  /** Names of network ports. */
  readonly ports: readonly string[];
  readonly stateFolder: string;
}

export function listMachineSources({ ports, stateFolder }: Machine): readonly BundleSource[] {
  const ip = (name: string, ...words: readonly string[]): BundleSource => ({
    name: `network/${name}.json`,
    read: () => runProgram('ip', words),
  });
  return [
    ip('addresses', '-s', '-d', '-j', 'address'),
    ip('routes', '-j', 'route', 'show', 'table', 'all'),
    ip('routes6', '-6', '-j', 'route', 'show', 'table', 'all'),
    ip('rules', '-j', 'rule'),
    ip('neighbours', '-s', '-j', 'neigh'),
    ...ports.map((port) => ({ name: `network/ethtool-${port}.txt`, read: () => askEthtool(port) })),
    { name: 'journal.txt', read: () => readJournal([...UNITS, '-n', String(JOURNAL_LINES)]) },
    { name: 'kernel.txt', read: () => readJournal(['-k', '-b', '-n', String(KERNEL_LINES)]) },
    { name: 'state-files.txt', read: () => listFiles(stateFolder) },
  ];
}

/** Drivers know some of these and not others. */
async function askEthtool(port: string): Promise<string> {
  const questions = [[], ['-i'], ['-T'], ['-k'], ['-a'], ['-S']];
  const answers: string[] = [];
  for (const options of questions) {
    const words = [...options, port];
    const answer = await runProgram('ethtool', words).catch((error: unknown) => {
      if (error instanceof DeviceError && error.code !== 'device.package') return `${error.message}\n`;
      throw error;
    });
    answers.push(`# ethtool ${words.join(' ')}\n${answer}`);
  }
  return answers.join('\n');
}

function readJournal(words: readonly string[]): Promise<string> {
  return runProgram('journalctl', ['--no-pager', '--quiet', '-o', 'short-iso-precise', ...words]);
}

/** What it wrote. @throws DeviceError with what it complained of */
function runProgram(program: string, words: readonly string[]): Promise<string> {
  const options = { timeout: PROGRAM_MS, maxBuffer: MOST_BYTES, env: { PATH, LC_ALL: 'C', TZ: 'UTC' } };
  return new Promise((resolve, reject) => {
    execFile(program, words, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT')
        reject(new DeviceError('device.package', `${program} is not installed`, undefined, { cause: error }));
      else {
        const [complaint = ''] = stderr.trim().split('\n');
        const reason = complaint === '' ? `ended with ${String(error.code ?? error.signal)}` : complaint;
        reject(new DeviceError('device.io', `${program}: ${reason}`, undefined, { cause: error }));
      }
    });
  });
}

/** Size in bytes, time of change, and name: what is in them stays here. */
function listFiles(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const lines = names.slice(0, MOST_FILES).flatMap((name) => {
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    return found?.isFile() ? [`${String(found.size).padStart(10)} ${found.mtime.toISOString()} ${name}\n`] : [];
  });
  return lines.join('');
}
