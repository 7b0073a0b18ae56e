// The parts of log-in by themselves: hashes, the limit of attempts, sessions, accounts on disk, and whom the policy lets do what.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { checkOwnHeaders, listOwnNames } from '../../../src/model/own-headers.js';
import { drawToken, encodeToken, parseToken } from '../../../src/server/access/access-token.js';
import { Accounts } from '../../../src/server/access/accounts.js';
import { AttemptLimit } from '../../../src/server/access/attempt-limit.js';
import { LocalConnections, nameSource, readCaller } from '../../../src/server/access/caller.js';
import { drawClaimCode, isClaimCode } from '../../../src/server/access/claim-code.js';
import { hashSecret, isSecretHash, verifySecret } from '../../../src/server/access/password-hash.js';
import { decide, isOpenTo, NEEDS } from '../../../src/server/access/principal.js';
import { SESSION_IDLE_MS, SESSION_LIFE_MS, Sessions } from '../../../src/server/access/sessions.js';

const folder = mkdtempSync(join(tmpdir(), 'access-'));
after(() => rmSync(folder, { recursive: true }));
const PASSWORD = 'many small words';

test('a hash is that of its secret only, and tells how it was made', async () => {
  const phc = await hashSecret(PASSWORD);
  assert.match(phc, /^\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(phc, await hashSecret(PASSWORD));
  assert.equal(await verifySecret(PASSWORD, phc), true);
  assert.equal(await verifySecret(`${PASSWORD} `, phc), false);
  // RFC 7914, 12: P "pleaseletmein", S "SodiumChloride", N 16384, r 8, p 1.
  const known =
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
  const encode = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  const vector = `$scrypt$ln=14,r=8,p=1$${encode(Buffer.from('SodiumChloride'))}$${encode(Buffer.from(known, 'hex'))}`;
  assert.equal(await verifySecret('pleaseletmein', vector), true);
  for (const bad of ['', '$scrypt$ln=30,r=8,p=1$YQ$YWFhYWFhYWFhYWFhYWFhYWFh', phc.replace('scrypt', 'argon2id'), null])
    assert.equal(isSecretHash(bad), false);
});

test('a source has its attempts, all together have theirs, and time brings them back', () => {
  const rates = { perSource: { burst: 2, perMinute: 1 }, altogether: { burst: 3, perMinute: 6 } };
  const limit = new AttemptLimit(rates, 0);
  assert.deepEqual([limit.take('a', 0), limit.take('a', 0), limit.take('a', 0)], [null, null, 60]);
  assert.equal(limit.take('b', 0), null);
  assert.equal(limit.take('c', 0), 10, 'the limit of all together');
  assert.equal(limit.take('a', 30_000), 30);
  assert.equal(limit.take('a', 60_000), null);
  limit.giveBack('a');
  assert.equal(limit.take('a', 60_000), null, 'a right one does not count');
});

test('no sequence of attempts gets more than the rate allows', () => {
  const rates = { perSource: { burst: 5, perMinute: 2 }, altogether: { burst: 12, perMinute: 9 } };
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.constantFrom('a', 'b', 'c', 'd')), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(steps, (drawn) => {
      const limit = new AttemptLimit(rates, 0);
      const taken = new Map<string, number>();
      let nowMs = 0;
      for (const [pauseMs, source] of drawn) {
        nowMs += pauseMs;
        if (limit.take(source, nowMs) === null) taken.set(source, (taken.get(source) ?? 0) + 1);
      }
      const minutes = nowMs / 60_000;
      for (const count of taken.values()) assert.ok(count <= 5 + 2 * minutes + 1e-6);
      const all = [...taken.values()].reduce((sum, count) => sum + count, 0);
      assert.ok(all <= 12 + 9 * minutes + 1e-6);
    }),
  );
});

test('a session ends when it is not used, when it is old, when it is ended and when it is one too many', () => {
  const sessions = new Sessions();
  const { secret, session } = sessions.start('ann', 0);
  assert.equal(sessions.find(secret, SESSION_IDLE_MS - 1), session);
  assert.equal(sessions.find(secret, 2 * SESSION_IDLE_MS - 2), session, 'it was used in between');
  assert.equal(sessions.find(secret, 3 * SESSION_IDLE_MS), null);
  const old = sessions.start('ann', 0).secret;
  for (let atMs = 0; atMs < SESSION_LIFE_MS; atMs += SESSION_IDLE_MS / 2) assert.ok(sessions.find(old, atMs));
  assert.equal(sessions.find(old, SESSION_LIFE_MS), null);
  const [first, second] = [sessions.start('ann', 0).secret, sessions.start('bob', 0).secret];
  sessions.endAllOf('ann');
  assert.equal(sessions.find(first, 1), null);
  assert.ok(sessions.find(second, 1));
  for (let count = 0; count < 64; count += 1) sessions.start('eve', 2);
  assert.equal(sessions.find(second, 3), null);
});

test('accounts outlive the process, for the eyes of the service only, and never end with nobody in charge', async () => {
  const path = join(folder, 'kept', 'access.json');
  const accounts = new Accounts(path);
  assert.equal(accounts.isClaimed, false);
  for (const password of ['short', `ann${'x'.repeat(20)}`, 'x'.repeat(257)])
    await assert.rejects(accounts.claim({ name: 'ann', password }, 0), { name: 'UsageError' });
  const claims = [
    accounts.claim({ name: 'ann', password: PASSWORD }, 0),
    accounts.claim({ name: 'eve', password: PASSWORD }, 0),
  ];
  const outcomes = await Promise.allSettled(claims);
  assert.deepEqual(
    outcomes.map(({ status }) => status).sort(),
    ['fulfilled', 'rejected'],
    'of two claims at once one wins',
  );
  const [admin = ''] = accounts.listUsers().map(({ name }) => name);
  await accounts.addUser({ name: 'bob', role: 'viewer', password: PASSWORD }, 0);
  const { text, id } = await accounts.createToken('prometheus', 'viewer', 0);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const kept = readFileSync(path, 'utf8');
  assert.ok(!kept.includes(PASSWORD) && !kept.includes(text.slice(-43)));

  const again = new Accounts(path);
  assert.deepEqual(again.listUsers(), accounts.listUsers());
  assert.equal((await again.verifyPassword('bob', PASSWORD))?.role, 'viewer');
  assert.equal(await again.verifyPassword('bob', 'many small wordz'), null);
  assert.equal(await again.verifyPassword('nobody', PASSWORD), null);
  assert.equal(again.recallToken(text), null);
  assert.equal((await again.verifyToken(text))?.name, 'prometheus');
  assert.equal(again.recallToken(text)?.id, id);
  again.removeToken(id);
  assert.equal(again.recallToken(text), null);
  assert.equal(await again.verifyToken(text), null);
  assert.throws(() => again.removeUser(admin), /only admin/);
});

test('a damaged file lets nobody in and is never read as an unclaimed box', async () => {
  for (const text of ['', '{', '{"schema":"apparenet.access/1","users":[],"tokens":[{}]}', '[]']) {
    const path = join(folder, 'damaged.json');
    writeFileSync(path, text);
    const accounts = new Accounts(path);
    assert.equal(accounts.isClaimed, true, text);
    assert.match(accounts.problem ?? '', /nobody can log in/);
    await assert.rejects(accounts.claim({ name: 'eve', password: PASSWORD }, 0), { code: 'access.claim' });
    await accounts.addUser({ name: 'ann', role: 'admin', password: PASSWORD }, 0);
    assert.equal(accounts.problem, null);
    assert.equal(readFileSync(`${path}.damaged`, 'utf8'), text);
    assert.equal((await new Accounts(path).verifyPassword('ann', PASSWORD))?.name, 'ann');
  }
});

test('tokens and claim codes are read in their own form only', () => {
  const token = drawToken();
  assert.deepEqual(parseToken(encodeToken(token)), token);
  fc.assert(fc.property(fc.string(), (text) => parseToken(text) === null));
  const code = drawClaimCode();
  assert.match(code, /^[2-9A-Z]{4}(-[2-9A-Z]{4}){2}$/);
  assert.ok(isClaimCode(code, code) && isClaimCode(code.toLowerCase().replaceAll('-', ' '), code));
  assert.ok(!isClaimCode(code.slice(1), code) && !isClaimCode('', code) && !isClaimCode(drawClaimCode(), code));
});

test('who may do what', () => {
  const admin = { kind: 'session', role: 'admin', name: 'ann' } as const;
  const table = [
    [null, 'welcome log-in log-in log-in log-in'],
    [{ kind: 'open', role: 'admin', name: null }, 'welcome welcome welcome forbidden forbidden'],
    [{ kind: 'local', role: 'admin', name: null }, 'welcome welcome welcome welcome forbidden'],
    [admin, 'welcome welcome welcome welcome welcome'],
    [{ ...admin, role: 'viewer' }, 'welcome welcome forbidden forbidden welcome'],
    [{ ...admin, kind: 'token' }, 'welcome welcome welcome welcome forbidden'],
    [{ ...admin, kind: 'token', role: 'viewer' }, 'welcome welcome forbidden forbidden forbidden'],
  ] as const;
  for (const [principal, words] of table)
    assert.equal(NEEDS.map((need) => decide(principal, need)).join(' '), words, JSON.stringify(principal));
  const here = { onLoopbackOnly: true, claimed: false, callerIsHere: true };
  assert.equal(isOpenTo(here), true);
  for (const change of [{ onLoopbackOnly: false }, { claimed: true }, { callerIsHere: false }])
    assert.equal(isOpenTo({ ...here, ...change }), false);
});

test('a caller can name somebody else to lose rights, never to gain them', () => {
  const local = new LocalConnections();
  const ask = (remoteAddress: string, headers: Record<string, string>) =>
    readCaller({ socket: { remoteAddress }, headers } as unknown as IncomingMessage, local);
  assert.equal(ask('192.0.2.1', { 'x-forwarded-for': '127.0.0.1' }).isHere, false);
  assert.equal(ask('127.0.0.1', { 'x-forwarded-for': '192.0.2.1' }).isHere, false);
  assert.equal(ask('127.0.0.1', { 'x-forwarded-for': 'nonsense' }).isHere, false);
  assert.equal(ask('127.0.0.1', { 'x-forwarded-for': '127.0.0.1, 192.0.2.7' }).isHere, false);
  assert.equal(ask('::ffff:127.0.0.1', {}).isHere, true);
  const source = (address: string) => nameSource({ address, isHere: false, isEncrypted: false });
  assert.equal(source('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(source('2001:db8:1:2:3:4:5:6'), source('2001:db8:1:2::9'));
  assert.notEqual(source('2001:db8:1:2::1'), source('2001:db8:1:3::1'));
});

test('only requests that were meant for this machine are taken', () => {
  const place = { port: 3238, names: listOwnNames('Box.example.org'), scheme: 'http' } as const;
  for (const host of ['127.0.0.1', '192.0.2.7:3238', '[::1]:3238', 'localhost:3238', 'BOX.local', 'box.example.org'])
    assert.equal(checkOwnHeaders({ host, origin: `http://${host}` }, place), null, host);
  for (const host of [
    undefined,
    '',
    'evil.example',
    'box.evil.example',
    '127.0.0.1:80',
    '127.0.0.1.evil.example',
    'box:3238:1',
  ])
    assert.equal(checkOwnHeaders({ host }, place), 'host', host);
  for (const origin of ['null', 'https://box.local', 'http://box.local:3239', 'http://evil.example', ''])
    assert.equal(checkOwnHeaders({ host: 'box.local', origin }, place), 'origin', origin);
});
