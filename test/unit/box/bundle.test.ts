// The support bundle: an archive that tar reads, a manifest that is true, and no secret in it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { makeBundle } from '../../../src/box/bundle/bundle.js';
import type { BundleSource } from '../../../src/box/bundle/bundle.js';
import { leaveOutSecrets } from '../../../src/box/bundle/leave-out-secrets.js';
import { listMachineSources } from '../../../src/box/bundle/machine-sources.js';
import { UsageError } from '../../../src/model/errors.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'apparenet-bundle-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));

interface Manifest {
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
}

const make = (name: string, sources: readonly BundleSource[], secrets: readonly string[] = []) =>
  makeBundle({ id: 'hall', version: '0.1.0', atMs: 1_780_000_000_000, path: join(FOLDER, name), sources, secrets });

function unpack(path: string): string {
  const folder = mkdtempSync(join(FOLDER, 'unpacked-'));
  assert.equal(spawnSync('tar', ['-xzf', path, '-C', folder]).status, 0);
  return folder;
}

describe('a support bundle', () => {
  test('is read by tar, and its manifest says what it holds', async () => {
    const sources = [
      { name: 'a.txt', read: () => 'short\n' },
      { name: 'network/b.json', read: () => Promise.resolve('ä'.repeat(512)) },
      { name: 'even.txt', read: () => 'x'.repeat(1024) },
    ];
    const made = await make('a.tar.gz', sources);
    const folder = unpack(made.path);
    const { files, missing } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    assert.deepEqual(missing, []);
    assert.deepEqual(
      files.map(({ name }) => name),
      made.files,
    );
    for (const { name, bytes, sha256 } of files) {
      const found = readFileSync(join(folder, name));
      assert.deepEqual([found.length, createHash('sha256').update(found).digest('hex')], [bytes, sha256]);
    }
    assert.equal(createHash('sha256').update(readFileSync(made.path)).digest('hex'), made.sha256);
    assert.equal(statSync(made.path).mode & 0o777, 0o600);
  });

  test('does without what cannot be read, and says why', async () => {
    const made = await make('b.tar.gz', [
      { name: 'broken', read: () => Promise.reject(new Error('no permission')) },
      { name: 'thrown', read: () => assert.fail('gone') },
      { name: 'none', read: () => null },
      { name: 'empty', read: () => '\n' },
      { name: 'there', read: () => 'x' },
    ]);
    assert.deepEqual(made.files, ['there']);
    assert.deepEqual(
      made.missing.map(({ name, reason }) => `${name}: ${reason}`),
      [
        'broken: no permission',
        'thrown: gone',
        'none: there is none that this user may read',
        'empty: there is none that this user may read',
      ],
    );
  });

  test('takes the place of no other file', async () => {
    writeFileSync(join(FOLDER, 'c.tar.gz'), 'kept');
    await assert.rejects(make('c.tar.gz', []), UsageError);
    assert.equal(readFileSync(join(FOLDER, 'c.tar.gz'), 'utf8'), 'kept');
  });

  test('holds no secret, in whatever it stands', async () => {
    const password = 'correct horse: "battery" staple';
    const made = await make(
      'd.tar.gz',
      [
        { name: 'journal.txt', read: () => `broker said ${password}\nclaim code K7QX-M2RD-9WPA\n` },
        { name: 'status.json', read: () => JSON.stringify({ deep: [password], problem: `at ${password}` }) },
        { name: 'broken', read: () => Promise.reject(new Error(`cannot log in with ${password}`)) },
      ],
      [password],
    );
    const all = spawnSync('tar', ['-xzOf', made.path], { encoding: 'utf8' }).stdout;
    assert.doesNotMatch(all, /battery|K7QX/);
    assert.doesNotMatch(JSON.stringify(made), /battery/);
    const folder = unpack(made.path);
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(join(folder, 'status.json'), 'utf8')) as object), [
      'deep',
      'problem',
    ]);
  });

  test('of this machine names every program that is not there', async () => {
    const sources = listMachineSources({ ports: ['lo'], stateFolder: FOLDER });
    const made = await make('e.tar.gz', sources);
    assert.equal(made.files.length + made.missing.length, sources.length);
    assert.ok(made.files.includes('state-files.txt'));
    assert.match(readFileSync(join(unpack(made.path), 'state-files.txt'), 'utf8'), /^ +\d+ 2\S+Z \S/);
  });
});

describe('what has the form of a secret', () => {
  const SECRETS: readonly (readonly [what: string, text: string, left: string])[] = [
    ['a token', 'Bearer apn_abcdefgh_AbC-_123', 'Bearer [left out]'],
    ['a claim code', 'yet; claim code K7QX-M2RD-9WPA', 'yet; claim code [left out]'],
    ['a password in an address', 'mqtt://me:pass@192.0.2.1/x', 'mqtt://[left out]@192.0.2.1/x'],
    ['a query of a broker', '"wss://b.example/mqtt?token=abc"', '"wss://b.example/mqtt?[left out]"'],
    ['a key', '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\nx', '[left out]\nx'],
    ['half a key', 'x\n-----BEGIN EC PRIVATE KEY-----\nabc', 'x\n[left out]'],
    ['a field', '{"password": "a b", "x": 1}', '{"password": "[left out]", "x": 1}'],
    ['an assignment', 'password=abc x\ny', 'password="[left out]"\ny'],
    ['a header', 'authorization: Bearer abc', 'authorization: "[left out]"'],
  ];
  for (const [what, text, left] of SECRETS)
    test(`${what} is left out`, () => assert.equal(leaveOutSecrets(text, []), left));

  test('all else stays as it is', () => {
    const text =
      '{"url":"mqtts://b.example:8883","credentialsFile":"/etc/x.yaml","mac":"02:00:00:00:00:01"} a@b.example';
    assert.equal(leaveOutSecrets(text, ['abc']), text);
  });
});
