// TLS of API and page: an own certificate made once, those of the administrator, what is wrong with them in words, and cookies that
// never travel in the clear.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request as startRequest } from 'node:https';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startExamination } from '../../../src/analysis/examination/start-examination.js';
import { readHealth } from '../../../src/box/part-health.js';
import { openOwnCertificate } from '../../../src/box/tls/own-certificate.js';
import { judgeCertificate } from '../../../src/box/tls/judge-certificate.js';
import { readTlsFiles, type TlsFiles } from '../../../src/box/tls/tls-files.js';
import { followTls } from '../../../src/main/parts/follow-tls.js';
import { chooseTls } from '../../../src/main/parts/choose-tls.js';
import { UsageError } from '../../../src/model/errors.js';
import { startAnalysisServer } from '../../../src/server/server.js';
import { startPageServer } from '../../../src/ui/server.js';
import { makeFolder } from './simulated-parts.js';

const NOW_MS = Date.parse('2026-06-01T00:00:00Z');
const noOpenssl = spawnSync('openssl', ['version']).error ? 'needs openssl (apt-get install openssl)' : false;
const names = ['box', 'box.local', 'localhost', '127.0.0.1', 'fd00::1'];

interface Reply {
  readonly status: number;
  readonly cookie: string;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

/** Trusts `cert` alone, as somebody does who has taken it over from the box; each time over a connection of its own. */
function ask(
  url: string,
  cert: string,
  method: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const type = body ? { 'content-type': 'application/json' } : {};
  return new Promise((resolve, reject) => {
    const request = startRequest(
      url,
      { method, agent: false, ca: cert, headers: { ...type, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          const [cookie = ''] = response.headers['set-cookie'] ?? [];
          const document = text.startsWith('{') ? (JSON.parse(text) as Reply['body']) : {};
          resolve({ status: response.statusCode ?? 0, cookie, body: document, text });
        });
      },
    );
    request.on('error', reject);
    request.end(body ? JSON.stringify(body) : undefined);
  });
}

async function startBox(context: TestContext, tls: TlsFiles, folder = makeFolder()) {
  const server = await startAnalysisServer({
    port: 0,
    tls,
    socketPath: join(folder, 'tps.sock'),
    localSocketPath: join(folder, 'as.sock'),
    accessPath: join(folder, 'access.json'),
    loadExamination: () => Promise.resolve(startExamination),
    onDefect: (error) => assert.fail(String(error)),
  });
  const place = { asPort: Number(new URL(server.url).port), asSocketPath: join(folder, 'as.sock') };
  const ui = await startPageServer({ port: 0, tls, ...place });
  context.after(async () => {
    await ui.close();
    await server.close();
  });
  return { server, ui };
}

test('a box makes one certificate, for its names, and keeps it for itself', async () => {
  const folder = makeFolder();
  const made = await Promise.all([1, 2, 3].map(() => openOwnCertificate({ folder, names, nowMs: NOW_MS })));
  assert.equal(new Set(made.map(({ cert }) => new X509Certificate(cert).fingerprint256)).size, 1);
  const [first] = made;
  assert.ok(first);
  const certificate = new X509Certificate(first.cert);
  for (const name of ['box', 'box.local']) assert.equal(certificate.checkHost(name), name);
  assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
  assert.ok(certificate.checkIP('fd00::1'));
  const path = join(folder, 'tls.pem');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const later = { folder, nowMs: NOW_MS + 1e9 };
  const again = await openOwnCertificate({ ...later, names: ['box', '127.0.0.1'], passingNames: ['fd00::2'] });
  assert.equal(again.cert, readFileSync(path, 'utf8'), 'a browser that has learnt it is not asked again');
  const moved = new X509Certificate((await openOwnCertificate({ ...later, names: ['box', '192.0.2.7'] })).cert);
  for (const address of ['192.0.2.7', '127.0.0.1']) assert.equal(moved.checkIP(address), address);
  assert.equal((await openOwnCertificate({ ...later, names })).cert, readFileSync(path, 'utf8'), 'and back again');
  writeFileSync(path, 'damaged');
  const renewed = await openOwnCertificate({ folder, names, nowMs: NOW_MS });
  assert.notEqual(new X509Certificate(renewed.cert).fingerprint256, certificate.fingerprint256);
  const late = await openOwnCertificate({ folder, names, nowMs: NOW_MS + 4e11 });
  assert.ok(Date.parse(new X509Certificate(late.cert).validTo) > NOW_MS + 4e11, 'one that has expired is no use');
});

test('API and page speak TLS, and the cookie of a session is for TLS alone', async (context) => {
  const tls = await openOwnCertificate({ folder: makeFolder(), names, nowMs: Date.now() });
  const { server, ui } = await startBox(context, tls);
  assert.match(`${server.url} ${ui.url}`, /^https:\/\/127\.0\.0\.1:\d+ https:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await ask(ui.url, tls.cert, 'GET')).status, 200);
  const user = { code: server.claimCode, name: 'ann', password: 'many small words' };
  // A browser sends its origin with what changes something.
  const claimed = await ask(`${ui.url}/api/v1/claim`, tls.cert, 'POST', user, { origin: ui.url });
  assert.equal(claimed.status, 200, JSON.stringify(claimed.body));
  assert.match(claimed.cookie, /; Secure$/);
  const cookie = claimed.cookie.split(';', 1)[0] ?? '';
  assert.equal((await ask(`${server.url}/api/v1/reports`, tls.cert, 'GET', undefined, { cookie })).status, 200);
  const direct = await ask(`${server.url}/api/v1/session`, tls.cert, 'POST', { name: 'ann', password: user.password });
  assert.match(direct.cookie, /; Secure$/);
  const foreign = await ask(`${ui.url}/api/v1/session`, tls.cert, 'POST', user, {
    origin: ui.url.replace('https', 'http'),
  });
  assert.equal(foreign.status, 421, 'a page without TLS is another origin');
  await assert.rejects(fetch(ui.url.replace('https', 'http')));
  const { port } = new URL(server.url);
  assert.equal((await readHealth('127.0.0.1', Number(port), 5000))?.status, 'degraded', 'found with TLS as well');
});

test('health and metrics tell until when the certificate counts', async (context) => {
  const tls = await openOwnCertificate({ folder: makeFolder(), names, nowMs: Date.now() });
  const { server } = await startBox(context, tls);
  const expiresMs = Date.parse(new X509Certificate(tls.cert).validTo);
  const { body } = await ask(`${server.url}/api/v1/health`, tls.cert, 'GET');
  assert.deepEqual(body['certificate'], { expiresMs, isOwn: true });
  const metrics = await ask(`${server.url}/metrics`, tls.cert, 'GET');
  assert.equal(metrics.status, 200);
  assert.match(metrics.text, new RegExp(`^apparenet_certificate_expiry_timestamp_seconds ${expiresMs / 1000}$`, 'm'));
});

test('a certificate is worth a word four weeks before its end, and more in the last one', () => {
  const expiresMs = NOW_MS + 3_650 * 86_400_000;
  const judge = (daysBefore: number, isOwn = false) =>
    judgeCertificate({ expiresMs, isOwn }, expiresMs - daysBefore * 86_400_000)[0];
  assert.equal(judge(28.5), undefined);
  assert.equal(judge(27.5)?.severity, 'warning');
  assert.match(String(judge(27.5)?.text), /expires on 2036-05-29, in 27 days/);
  assert.equal(judge(6.5)?.severity, 'critical');
  assert.match(String(judge(-1)?.text), /expired on 2036-05-29/);
  assert.notEqual(judge(3)?.advice, judge(3, true)?.advice);
});

test('beyond loopback there is TLS unless somebody says otherwise', async () => {
  const stateDir = makeFolder();
  const beyond = await chooseTls({ listen: '0.0.0.0', stateDir });
  assert.match(String(beyond.notes), /SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}/);
  assert.ok(beyond.tls);
  for (const choice of [{}, { listen: '127.0.0.1' }, { listen: '::1' }, { listen: '0.0.0.0', plainHttp: true }])
    assert.equal((await chooseTls({ ...choice, stateDir })).tls, null, JSON.stringify(choice));
});

test('a certificate that was renewed is shown from then on; one that is no use changes nothing', async (context) => {
  const [folder, other] = [makeFolder(), makeFolder()];
  const first = await openOwnCertificate({ folder, names, nowMs: Date.now() });
  const pem = join(folder, 'tls.pem');
  const chosen = await chooseTls({ tls: { certPath: pem, keyPath: pem, saidBy: 'configuration' } });
  const { server, ui } = await startBox(context, first);
  const told: string[] = [];
  const renew = (tls: TlsFiles): void => {
    server.renewCertificate(tls);
    ui.renewCertificate(tls);
  };
  const followed = followTls({ chosen, renew, tell: (sentence) => told.push(sentence) });
  context.after(() => followed.close());
  await followed.look();
  const second = await openOwnCertificate({ folder: other, names, nowMs: Date.now() });
  writeFileSync(pem, 'half written');
  await followed.look();
  await followed.look();
  for (const url of [`${server.url}/health`, ui.url]) assert.equal((await ask(url, first.cert, 'GET')).status, 200);
  writeFileSync(pem, second.cert);
  await followed.look();
  for (const url of [`${server.url}/health`, ui.url]) {
    assert.equal((await ask(url, second.cert, 'GET')).status, 200);
    await assert.rejects(ask(url, first.cert, 'GET'), /self-signed/);
  }
  assert.equal(told.length, 2);
  assert.match(String(told[0]), /goes on: server\.tlsCertificate: .* holds no certificate/);
  assert.match(String(told[1]), /a new certificate is shown/);
});

test('its own certificate names the addresses of the machine', async () => {
  const { tls } = await chooseTls({ listen: '0.0.0.0', stateDir: makeFolder() });
  assert.ok(tls);
  const certificate = new X509Certificate(tls.cert);
  const addresses = Object.values(networkInterfaces()).flatMap((all = []) =>
    all.filter(({ family }) => family === 'IPv4'),
  );
  assert.ok(addresses.length > 0);
  for (const { address } of addresses) assert.equal(certificate.checkIP(address), address);
});

test('what is wrong with a certificate or key is said, with its file', { skip: noOpenssl }, () => {
  const folder = makeFolder();
  const make = (name: string, days: string) =>
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=box',
        '-days',
        days,
      ].concat(['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`)]),
      { stdio: 'ignore' },
    );
  for (const name of ['a', 'b']) make(name, '30');
  const [certPath, keyPath] = [join(folder, 'a.pem'), join(folder, 'a.key')];
  const nowMs = Date.now();
  assert.match(readTlsFiles({ certPath, keyPath }, nowMs + 1000).cert, /BEGIN CERTIFICATE/);
  const locked = join(folder, 'locked.key');
  execFileSync('openssl', ['pkcs8', '-topk8', '-in', keyPath, '-out', locked, '-passout', 'pass:secret']);
  const cases: readonly [string, string, number, RegExp][] = [
    [certPath, join(folder, 'b.key'), nowMs, /--tls-key: .*b\.key is not the key of .*a\.pem/],
    [certPath, keyPath, nowMs + 40 * 86_400_000, /--tls-cert: .*a\.pem expired on /],
    [certPath, keyPath, nowMs - 40 * 86_400_000, /is valid from .* clock/],
    [join(folder, 'none.pem'), keyPath, nowMs, /--tls-cert: .*none\.pem is not there/],
    [keyPath, keyPath, nowMs, /--tls-cert: .*a\.key holds no certificate/],
    [certPath, certPath, nowMs, /--tls-key: .*a\.pem holds no private key/],
    [certPath, locked, nowMs, /--tls-key: .*locked\.key is locked by a pass phrase/],
  ];
  for (const [cert, key, atMs, words] of cases)
    assert.throws(
      () => readTlsFiles({ certPath: cert, keyPath: key }, atMs),
      (error) => error instanceof UsageError && words.test(error.message),
      String(words),
    );
  if (process.getuid?.() === 0) return;
  chmodSync(keyPath, 0);
  assert.throws(() => readTlsFiles({ certPath, keyPath }, nowMs), /may not be read by this user/);
});
