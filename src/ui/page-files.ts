// The files of the page, read once at the start: nothing a request says can reach the file system.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvariantError } from '../model/errors.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  /** Quoted, as RFC 9110 has it. */
  readonly etag: string;
}

/** By URL path; `/` is index.html. @throws InvariantError when the installation lacks the page. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const folder = findPageFolder();
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const body = readFileSync(join(folder, name));
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    files.set(name === 'index.html' ? '/' : `/${name}`, { type, body, etag });
  }
  return files;
}

/** The compiler leaves the page in the source tree, beside which dist/ lies. */
function findPageFolder(): string {
  for (const place of ['./page/', '../../../src/ui/page/']) {
    const folder = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(join(folder, 'index.html'))) return folder;
  }
  throw new InvariantError('the files of the page are not installed');
}
