// The files of the page, and those of the model that it shares with the command line, read once at the start: nothing a request
// says can reach the file system.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvariantError } from '../model/errors.js';

const SCRIPT_TYPE = 'text/javascript; charset=utf-8';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': SCRIPT_TYPE,
  '.svg': 'image/svg+xml',
};

/** Compiled modules that import only each other, by their names in src/model; the page finds them below /model/. */
const SHARED = [
  'examination.js',
  'figures.js',
  'incident.js',
  'pattern-svg.js',
  'plot-scale.js',
  'traffic-class.js',
] as const;

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  /** Quoted, as RFC 9110 has it. */
  readonly etag: string;
}

const HOMES = { box: 'index.html', fleet: 'fleet.html' } as const;

/** By URL path; `/` is the page of `home`, and the other one is left out. @throws InvariantError when the installation lacks the page. */
export function readPageFiles(home: keyof typeof HOMES): ReadonlyMap<string, PageFile> {
  const folder = findPageFolder();
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined || (extname(name) === '.html' && name !== HOMES[home])) continue;
    files.set(name === HOMES[home] ? '/' : `/${name}`, readPageFile(join(folder, name), type));
  }
  for (const name of SHARED) {
    const path = fileURLToPath(new URL(`../model/${name}`, import.meta.url));
    files.set(`/model/${name}`, readPageFile(path, SCRIPT_TYPE));
  }
  return files;
}

function readPageFile(path: string, type: string): PageFile {
  const body = readFileSync(path);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { type, body, etag };
}

/** The compiler leaves the page in the source tree, beside which dist/ lies. */
function findPageFolder(): string {
  for (const place of ['./page/', '../../../src/ui/page/']) {
    const folder = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(join(folder, 'index.html'))) return folder;
  }
  throw new InvariantError('the files of the page are not installed');
}
