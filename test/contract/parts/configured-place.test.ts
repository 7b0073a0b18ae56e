// Where API and page listen by the configuration file, in their real processes: the command line goes before it, a broken file opens
// nothing, and what is wrong with a certificate is told by its field.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openOwnCertificate } from '../../../src/box/tls/own-certificate.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { startChild } from './child.js';
import { makeFolder } from './simulated-parts.js';

/** Loopback as well, and another address than where they listen without a word. */
const ELSEWHERE = '127.0.0.2';

interface Box {
  readonly path: string;
  readonly startAs: (...more: readonly string[]) => ReturnType<typeof startChild>;
  readonly startUi: (...more: readonly string[]) => ReturnType<typeof startChild>;
}

function makeBox(context: TestContext, text: string): Box {
  const folder = makeFolder();
  const path = join(folder, 'config.yaml');
  writeFileSync(path, text);
  const as = ['--tps-socket', join(folder, 'tps.sock'), '--as-port', '0', '--config', path];
  const ui = ['--ui-port', '0', '--state-dir', folder, '--config', path];
  return {
    path,
    startAs: (...more) => startChild(context, '../../../src/main/as.js', [...as, ...more]),
    startUi: (...more) => startChild(context, '../../../src/main/ui.js', [...ui, ...more]),
  };
}

test('API and page listen where the configuration says; the command line goes before it', async (context) => {
  const { startAs, startUi } = makeBox(context, `server: { listen: ${ELSEWHERE} }\n`);
  assert.match(await startAs().waitForLine(/^analysis server +http/), /http:\/\/127\.0\.0\.2:\d+$/);
  assert.match(await startUi().waitForLine(/^page +http/), /http:\/\/127\.0\.0\.2:\d+$/);
  assert.match(await startUi('--listen', '127.0.0.1').waitForLine(/^page +http/), /http:\/\/127\.0\.0\.1:\d+$/);
});

test('they show the certificate of the configuration, unless the command line asks for plain HTTP', async (context) => {
  const folder = makeFolder();
  await openOwnCertificate({ folder, names: ['localhost'], nowMs: Date.now() });
  const pem = join(folder, 'tls.pem');
  const { path, startAs, startUi } = makeBox(context, `server: { tlsCertificate: ${pem}, tlsKey: ${pem} }\n`);
  assert.match(await startAs().waitForLine(/^analysis server +http/), /https:\/\/127\.0\.0\.1:\d+$/);
  assert.match(await startUi().waitForLine(/^page +http/), /https:\/\/127\.0\.0\.1:\d+$/);
  assert.match(await startUi('--plain-http').waitForLine(/^page +http/), /http:\/\/127\.0\.0\.1:\d+$/);
  const check = () => runProgram(['config', 'check', '--config', path]);
  assert.equal((await check()).exitCode, 0);
  writeFileSync(pem, 'damaged');
  for (const { code, output } of [await startAs().ended, await startUi().ended]) {
    assert.equal(code, 78, output);
    assert.match(output, /server\.tlsCertificate: .*tls\.pem holds no certificate/);
  }
  const checked = await check();
  assert.equal(checked.exitCode, 78);
  assert.match(checked.stderr, /server\.tlsCertificate: .*tls\.pem holds no certificate/);
});

test('a file that is not sound opens nothing and is told', async (context) => {
  const { startAs, startUi } = makeBox(context, `server: { listen: ${ELSEWHERE} }\nbudget: { dayMb: much }\n`);
  for (const child of [startAs(), startUi()]) {
    await child.waitForLine(/for this machine alone until .*config\.yaml is corrected: budget\.dayMb/);
    assert.match(await child.waitForLine(/^(analysis server|page) +http/), /http:\/\/127\.0\.0\.1:\d+$/);
  }
});
