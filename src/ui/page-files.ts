// The files of the page, and those of the model that it shares with the command line, read once at the start: nothing a request
// says can reach the file system.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvariantError } from '../model/errors.js';

const SCRIPT_TYPE = 'text/javascript; charset=utf-8';
const PAGE_TYPE = 'text/html; charset=utf-8';
const FILE_TYPES: Readonly<Record<string, string>> = {
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

/** What is the same on both pages lies in page/both; a page names where it goes by this line. */
const INSERT = /^ *<!-- insert (\S+) -->\n/gmu;

interface Home {
  readonly page: string;
  /** HTML for the `{{names}}` in what is inserted. */
  readonly words: Readonly<Record<string, string>>;
}

const HOMES = {
  box: {
    page: 'index.html',
    words: {
      place: 'box',
      lostPassword: 'On the box itself: <code>sudo apparenet access users passwd NAME</code>',
      claimCode:
        'It was printed where the box started; on the box itself: <code>sudo apparenet access claim-code</code>',
    },
  },
  fleet: {
    page: 'fleet.html',
    words: {
      place: 'console',
      lostPassword: 'Where the console runs: <code>apparenet access users passwd NAME --state-dir FOLDER</code>',
      claimCode: 'It was printed where the console started.',
    },
  },
} as const satisfies Record<string, Home>;

/** By URL path; `/` is the page of `home`, and the other one is left out. @throws InvariantError when the installation lacks the page. */
export function readPageFiles(home: keyof typeof HOMES): ReadonlyMap<string, PageFile> {
  const folder = findPageFolder();
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const type = FILE_TYPES[extname(name)];
    if (type === undefined) continue;
    files.set(`/${name}`, describeFile(readFileSync(join(folder, name)), type));
  }
  files.set('/', describeFile(composePage(folder, HOMES[home]), PAGE_TYPE));
  for (const name of SHARED) {
    const path = fileURLToPath(new URL(`../model/${name}`, import.meta.url));
    files.set(`/model/${name}`, describeFile(readFileSync(path), SCRIPT_TYPE));
  }
  return files;
}

function composePage(folder: string, { page, words }: Home): Buffer {
  const insert = (_line: string, name: string): string => {
    const html = readFileSync(join(folder, 'both', name), 'utf8');
    return html.replace(/\{\{(\w+)\}\}/gu, (_name, word: string) => {
      const text = words[word];
      if (text === undefined) throw new InvariantError(`page/both/${name} asks for a word "${word}" that no page has`);
      return text;
    });
  };
  return Buffer.from(readFileSync(join(folder, page), 'utf8').replace(INSERT, insert));
}

function describeFile(body: Buffer, type: string): PageFile {
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
