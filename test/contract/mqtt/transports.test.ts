// The ways to a real broker: TLS with an authority, with a pinned certificate, with a certificate of our own, WebSocket, MQTT 5; and
// that nothing secret is sent to a broker that is not the right one.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Aedes } from 'aedes';
import { generate } from 'selfsigned';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { MqttSettings } from '../../../src/model/configuration.js';
import { makeFolder, PASSWORD, SKIP, startBroker } from './mosquitto.js';
import type { BrokerOptions } from './mosquitto.js';
import { startBox } from './test-box.js';

interface Pem {
  readonly cert: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** A certificate for loopback that is its own authority. */
async function writePem(folder: string, name: string): Promise<Pem> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  const [certPath, keyPath] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  writeFileSync(certPath, cert);
  writeFileSync(keyPath, key, { mode: 0o600 });
  return { cert: certPath, key: keyPath, fingerprint: new X509Certificate(cert).fingerprint256 };
}

/** Resolves when the box's state is kept by the broker. */
async function expectPublished(
  context: TestContext,
  broker: Omit<BrokerOptions, 'folder'>,
  settings: Partial<MqttSettings>,
) {
  const folder = makeFolder();
  const { url } = await startBroker(context, { folder, ...broker });
  const { box } = await startBox(context, { url, folder, settings });
  while (!box.readState().connected) {
    assert.equal(box.readState().problem, null);
    await sleep(10);
  }
}

test('TLS with an authority of its own, MQTT 5', SKIP, async (context) => {
  const { cert, key } = await writePem(makeFolder(), 'broker');
  const listener = [`certfile ${cert}`, `keyfile ${key}`];
  await expectPublished(context, { scheme: 'mqtts', listener }, { caFile: cert, version: 5 });
});

test('TLS with a pinned certificate that nobody signed', SKIP, async (context) => {
  const { cert, key, fingerprint } = await writePem(makeFolder(), 'broker');
  const listener = [`certfile ${cert}`, `keyfile ${key}`];
  await expectPublished(context, { scheme: 'mqtts', listener }, { fingerprint });
});

test('a broker that asks for a certificate gets ours', SKIP, async (context) => {
  const folder = makeFolder();
  const [broker, own] = [await writePem(folder, 'broker'), await writePem(folder, 'probe')];
  const listener = [
    `certfile ${broker.cert}`,
    `keyfile ${broker.key}`,
    `cafile ${own.cert}`,
    'require_certificate true',
  ];
  const settings = { fingerprint: broker.fingerprint, certificateFile: own.cert, keyFile: own.key };
  await expectPublished(context, { scheme: 'mqtts', listener }, settings);
});

/** Debian's mosquitto opens no WebSocket on loopback alone; this one is in the process, and takes the same password. */
async function startWebBroker(context: TestContext, server: HttpServer): Promise<number> {
  const broker = await Aedes.createBroker();
  broker.authenticate = (_client, username, password, done) =>
    done(null, username === 'probe' && password?.toString() === PASSWORD);
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => broker.handle(createWebSocketStream(socket), request));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    broker.close();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test('WebSocket, and WebSocket over TLS', async (context) => {
  const folder = makeFolder();
  const { cert, key, fingerprint } = await writePem(folder, 'broker');
  const plain = await startWebBroker(context, createHttpServer());
  const pem = { cert: readFileSync(cert), key: readFileSync(key) };
  const encrypted = await startWebBroker(context, createHttpsServer(pem));
  for (const [url, settings] of [
    [`ws://127.0.0.1:${plain}/mqtt`, {}],
    [`wss://127.0.0.1:${encrypted}/mqtt?box=1`, { fingerprint }],
  ] as const) {
    const { box } = await startBox(context, { url, folder: makeFolder(), settings });
    while (!box.readState().connected) {
      assert.equal(box.readState().problem, null);
      await sleep(10);
    }
  }
});

for (const [what, choose] of [
  ['another certificate than the pinned one', () => ({ fingerprint: 'ab'.repeat(32) })],
  ['a certificate that nobody knows', () => ({})],
] as const) {
  test(`no byte of a password goes to who shows ${what}`, async (context) => {
    const folder = makeFolder();
    const { cert, key } = await writePem(folder, 'stranger');
    let heard = '';
    const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (socket) => {
      socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
      socket.on('error', () => undefined);
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    context.after(() => server.close());
    const { port } = server.address() as { port: number };
    const { box, troubles } = await startBox(context, { url: `mqtts://127.0.0.1:${port}`, folder, settings: choose() });
    while (troubles.length === 0) await sleep(10);
    await box.close();
    assert.match(troubles[0] ?? '', /certificate/i);
    assert.equal(heard, '');
    assert.doesNotMatch(troubles.join(), new RegExp(PASSWORD.slice(0, 7)));
  });
}
