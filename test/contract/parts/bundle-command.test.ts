// `apparenet bundle` as a person types it, over the files of a box whose server does not run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { History } from '../../../src/history/history.js';
import type { MadeBundle } from '../../../src/model/bundle.js';
import { runProgram } from '../../unit/cli/run-program.js';
import { HEALTHY_REPORT } from '../../unit/cli/sample-reports.js';
import { buildIncident } from '../../unit/history/built-records.js';
import { makeFolder } from './simulated-parts.js';

const PASSWORD = 'rosebud-4711';

async function keep(): Promise<{ readonly folder: string; readonly config: string }> {
  const folder = makeFolder();
  const history = await History.open(join(folder, 'history'));
  await history.addReport({ ...HEALTHY_REPORT, id: 'R0001', summary: `whoever wrote ${PASSWORD} here` });
  await history.putIncident(buildIncident('i1', 0, 0));
  await history.close();
  const credentials = join(folder, 'mqtt.yaml');
  writeFileSync(credentials, `username: probe\npassword: ${PASSWORD}\n`, { mode: 0o600 });
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    `# ${PASSWORD}
targets: [{ name: office, address: 192.0.2.1 }]
mqtt: { enabled: true, url: "wss://192.0.2.2/mqtt?token=${PASSWORD}", credentialsFile: ${credentials} }
`,
  );
  return { folder, config };
}

test('a bundle holds what the box keeps, and no secret of it', async () => {
  const { folder, config } = await keep();
  const output = join(folder, 'bundle.tgz');
  const words = ['bundle', '--output', output, '--state-dir', folder, '--config', config];
  const { exitCode, stdout, stderr } = await runProgram(words);
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /bundle\.tgz {2}[\d.]+ kB, \d+ files, without passwords, tokens and keys\n/);
  const read = (name: string): string => spawnSync('tar', ['-xzOf', output, name], { encoding: 'utf8' }).stdout;
  assert.match(read('reports.json'), /"id": "R0001"/);
  assert.match(read('incidents.json'), /"id": "i1"/);
  assert.match(read('configuration.json'), /"address": "192\.0\.2\.1"/);
  assert.match(read('state-files.txt'), /history\/.*\n/);
  assert.match(read('status.json'), /"parts"/);
  const all = spawnSync('tar', ['-xzOf', output], { encoding: 'utf8' }).stdout;
  assert.doesNotMatch(all, new RegExp(PASSWORD));

  const again = await runProgram(words);
  assert.deepEqual([again.exitCode, again.stdout], [64, '']);
  assert.match(again.stderr, /bundle\.tgz is there already/);
});

test('a configuration that is not sound is missing in the bundle, and its fault is told', async () => {
  const { folder, config } = await keep();
  writeFileSync(config, 'targets: 7\n');
  const output = join(folder, 'bundle.tgz');
  const words = ['bundle', '--output', output, '--state-dir', folder, '--config', config, '--json'];
  const { exitCode, stdout, stderr } = await runProgram(words);
  assert.equal(exitCode, 0, stderr);
  const made = JSON.parse(stdout) as MadeBundle;
  assert.ok(existsSync(made.path));
  const [first] = made.missing;
  assert.equal(first?.name, 'configuration.json');
  assert.match(first.reason, /targets/);
});
