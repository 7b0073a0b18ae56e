// The configuration file: what is taken, what is refused and with which words, and that changes leave the rest as people wrote it.
import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { changeConfigurationFile, readConfiguration } from '../../../src/box/config/configuration-file.js';
import { addEntry, parseValue, removeEntry, setKey, unsetKey } from '../../../src/box/config/edit-configuration.js';
import { findKey } from '../../../src/box/config/find-key.js';
import { parseConfiguration } from '../../../src/box/config/parse-configuration.js';
import { CONFIG_SCHEMA } from '../../../src/box/config/schema.js';
import type { Configuration } from '../../../src/model/configuration.js';
import { ConfigError, UsageError } from '../../../src/model/errors.js';
import { runProgram } from '../cli/run-program.js';

const SHIPPED = readFileSync('systemd/config.yaml', 'utf8');

function makeFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'apparenet-config-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('reading', () => {
  test('one key is shown with its defaults, or the one that was probably meant is named', () => {
    const configuration = parseConfiguration('targets: [{ name: office, address: 192.0.2.1, via: icmp }]');
    assert.equal(findKey(configuration, 'budget.dayMb'), 200);
    assert.equal(findKey(configuration, 'targets.office.via'), 'icmp');
    assert.equal(findKey(configuration, 'targets[0].intervalMs'), 500);
    assert.deepEqual(findKey(configuration, 'schedule'), []);
    for (const [key, why] of [
      ['budgt', /did you mean budget\?/],
      ['targets.home', /under targets: there are office$/],
      ['schedule[0]', /under schedule: there is none$/],
      ['budget.dayMb.x', /under budget\.dayMb: there is none$/],
      ['constructor', /is not in the configuration/],
      ['', /is not in the configuration/],
    ] as const)
      assert.throws(() => findKey(configuration, key), why, key);
  });

  test('nothing but comments names no target', () => {
    const { targets, schedule, quietHours, budget, timeZone } = parseConfiguration('# nothing\ntargets:\n');
    assert.deepEqual([targets, schedule, quietHours, timeZone], [[], [], [], null]);
    assert.deepEqual(budget, { dayMb: 200, monthMb: 2000, linkSharePercent: 100 });
  });

  test('user and password in the address of the broker are refused without being shown', () => {
    const text = 'mqtt: {enabled: true, url: "mqtt://somebody:s3cret@broker.example"}';
    assert.throws(
      () => parseConfiguration(text),
      ({ message }: Error) => /^mqtt\.url: .*credentialsFile/.test(message) && !/s3cret|somebody/.test(message),
    );
  });

  test('publishing is off until somebody switches it on', () => {
    const { mqtt } = parseConfiguration('');
    const { enabled, version, baseTopic, discoveryPrefix, url } = mqtt;
    assert.deepEqual(
      { enabled, version, baseTopic, discoveryPrefix, url },
      { enabled: false, version: '3.1.1', baseTopic: 'apparenet', discoveryPrefix: 'homeassistant', url: undefined },
    );
  });

  test('trouble and jobs are examined as deep as can be, unless somebody says otherwise', () => {
    const all = 'targets: [{name: a, address: a.example}, {name: b, address: b.example, depth: quick}]';
    const { targets, schedule } = parseConfiguration(`${all}\nschedule: [{name: nightly, at: "30 3 * * *"}]`);
    assert.deepEqual(
      [...targets, ...schedule].map(({ depth }) => depth),
      ['deep', 'quick', 'deep'],
    );
  });

  test('the shipped file names the default gateway alone', () => {
    const { targets, schedule } = parseConfiguration(SHIPPED);
    assert.deepEqual(
      targets.map(({ address, segment, enabled }) => [address, segment, enabled]),
      [['gateway', 'gateway', true]],
    );
    assert.deepEqual(schedule, []);
  });

  test('what the shipped file shows as comments is sound, too', () => {
    const open = SHIPPED.replaceAll(/^# ((?:schedule|quietHours|budget|server):|  .*)$/gm, '$1');
    const { schedule, quietHours, budget, server } = parseConfiguration(open);
    assert.deepEqual([schedule.length, quietHours.length, budget.dayMb, server.listen], [1, 1, 200, '0.0.0.0']);
  });

  const one = (keys: string): string => `targets: [{name: x, address: a.example, ${keys}}]`;
  const REFUSED: readonly (readonly [text: string, message: RegExp])[] = [
    ['targts: []', /^targts: is no key; did you mean targets\?$/],
    [one('adress: b'), /^targets\[0\]\.adress: is no key; did you mean address\?$/],
    ['targets: [{nam: x, address: b}]', /^targets\[0\]\.nam: is no key; did you mean name\?$/],
    ['targets: [{name: x}]', /^targets\[0\]\.address: is missing$/],
    ['targets: [{name: x, address: 192.0.2.256}]', /^targets\[0\]\.address: .* no IPv4 address/],
    ['targets: [{name: X, address: b}]', /^targets\[0\]\.name: must be 1 to 32 of a-z/],
    ['targets: [{name: x, address: b}, {name: x, address: c}]', /^targets\[1\]\.name: x is the name of targets\[0\]/],
    [one('via: ping'), /^targets\[0\]\.via: must be one of auto, .* not "ping"$/],
    [one('intervalMs: 99'), /^targets\[0\]\.intervalMs: must be >= 100, not 99$/],
    [one('intervalMs: fast'), /^targets\[0\]\.intervalMs: must be a whole number, not "fast"$/],
    [one('thresholds: auto'), /^targets\[0\]\.thresholds: must be learn/],
    [one('thresholds: {}'), /^targets\[0\]\.thresholds: must be at least one of rttMs/],
    [one('thresholds: {rtMs: 3}'), /^targets\[0\]\.thresholds\.rtMs: .*rttMs\?$/],
    ['schedule: [{name: n, at: "30 25 * * *"}]', /^schedule\[0\]\.at: .*such as "30 3 \* \* \*"/],
    ['schedule: [{name: n, at: "0 30 3 * * *"}]', /^schedule\[0\]\.at: has not five fields/],
    ['schedule: [{name: n, at: "0 0 31 2 *"}]', /^schedule\[0\]\.at: 31 2: that month has no such day;/],
    ['schedule: [{name: n, at: "61 * * * *"}]', /^schedule\[0\]\.at: 61 is no minute;/],
    [
      `${one('via: auto')}\nschedule: [{name: n, at: "0 3 * * *", targets: ["y"]}]`,
      /^schedule\[0\]\.targets\[0\]: no target/,
    ],
    ['quietHours: [{from: 22:00, to: 6:00}]', /^quietHours\[0\]\.to: must be a time of day/],
    ['quietHours: [{from: 22:00, to: 22:00}]', /^quietHours\[0\]\.to: must differ/],
    ['timeZone: Europe/Berlim', /^timeZone: .*did you mean Europe\/Berlin\?$/],
    [
      'server: {listen: localhost}',
      /^server\.listen: must be an address of this machine, 0\.0\.0\.0 or ::, not "localhost"$/,
    ],
    ['server: {apiPort: 0}', /^server\.apiPort: must be >= 1, not 0$/],
    ['server: {apiPort: 3239}', /^server\.pagePort: must differ from server\.apiPort$/],
    ['server: {tlsKey: /a}', /^server\.tlsCertificate: is missing/],
    ['server: {tlsCertificate: /a}', /^server\.tlsKey: is missing/],
    ['server: {tlsCertificate: a.pem, tlsKey: /b}', /^server\.tlsCertificate: must be the whole path of a PEM file/],
    ['server: {tlsCertificate: /a, tlsKey: /b, plainHttp: true}', /^server\.plainHttp: cannot be true beside/],
    ['server: {port: 80}', /^server\.port: is no key/],
    ['budget: {dayMb: .inf}', /^budget\.dayMb: must be .*, not Infinity$/],
    ['budget: {}\n---\nbudget: {}', /^line 2, column 1: a line of --- begins a second document/],
    [`schedule: [{name: n, at: "${'1'.repeat(101)}"}]`, /^schedule\[0\]\.at: must have 100 characters at most, not "1/],
    ['mqtt: {requests: {allow: [bundle, measure, bundle]}}', /^mqtt\.requests\.allow: must not have an entry twice/],
    [one('port: ""'), /^targets\[0\]\.port: must/],
    ['targets: 3', /^targets: must be a list, not 3$/],
    ['mqtt: {enabled: true}', /^mqtt\.url: is missing: name the broker, such as mqtt:/],
    ['mqtt: {url: "http://broker.example"}', /^mqtt\.url: must begin with mqtt:/],
    ['mqtt: {url: "mqtt://broker.example/path"}', /^mqtt\.url: must end after host and port/],
    [
      'mqtt: {url: "mqtt://b.example", caFile: /etc/ca.pem}',
      /^mqtt\.caFile: needs an mqtt\.url that begins with mqtts/,
    ],
    ['mqtt: {url: "mqtts://b.example", keyFile: /etc/key.pem}', /^mqtt\.certificateFile: is missing/],
    ['mqtt: {url: "mqtts://b.example", fingerprint: "12:34"}', /^mqtt\.fingerprint: must be the SHA-256/],
    ['mqtt: {baseTopic: "home/#"}', /^mqtt\.baseTopic: must be a topic without wildcards/],
    ['mqtt: {baseTopic: "$SYS"}', /^mqtt\.baseTopic: must be a topic/],
    ['mqtt: {baseTopic: "/home"}', /^mqtt\.baseTopic: must be a topic/],
    ['mqtt: {discoveryPrefix: apparenet}', /^mqtt\.discoveryPrefix: must differ from mqtt\.baseTopic/],
    ['mqtt: {id: Hall}', /^mqtt\.id: must be 1 to 40 of a-z/],
    ['mqtt: {version: 4}', /^mqtt\.version: must be one of 3\.1\.1, 5, not 4$/],
    ['mqtt: {pasword: x}', /^mqtt\.pasword: is no key/],
    ['- a', /^configuration: must be a group of keys/],
    ['a: b: c', /^line 1, column 4: /],
    ['budget: {}\nbudget: {}', /^line 2, column 1: .*unique/],
  ];
  for (const [text, message] of REFUSED) {
    test(JSON.stringify(text), () =>
      assert.throws(
        () => parseConfiguration(text),
        (error) => error instanceof ConfigError && message.test(error.message),
      ),
    );
  }

  test('docs/config.schema.json is the schema that files are checked with', () => {
    const documented: unknown = JSON.parse(readFileSync('docs/config.schema.json', 'utf8'));
    assert.deepEqual(documented, JSON.parse(JSON.stringify(CONFIG_SCHEMA)));
  });

  test('docs/configuration.md tells of every key', () => {
    const text = readFileSync('docs/configuration.md', 'utf8');
    const { targets, schedule, ...rest } = CONFIG_SCHEMA.properties;
    const keys = [targets.items, schedule.items, rest.budget, rest.server].flatMap(({ properties }) =>
      Object.keys(properties),
    );
    for (const key of [...keys, ...Object.keys(rest)]) assert.ok(text.includes(key), key);
  });
});

describe('changing', () => {
  test('one key changes one line', () => {
    const before = SHIPPED.split('\n');
    const after = setKey(SHIPPED, 'targets.gateway.via', 'icmp').split('\n');
    assert.deepEqual(
      after.filter((line) => !before.includes(line)),
      ['    via: icmp'],
    );
    assert.deepEqual(
      before.filter((line) => !after.includes(line)),
      [],
    );
    assert.equal(setKey(SHIPPED, 'targets[0].via', 'icmp'), after.join('\n'));
  });

  test('what was set can be unset', () => {
    const text = setKey(SHIPPED, 'budget.dayMb', 50);
    assert.equal(parseConfiguration(text).budget.dayMb, 50);
    assert.equal(parseConfiguration(unsetKey(text, 'budget.dayMb')).budget.dayMb, 200);
    assert.throws(() => unsetKey(SHIPPED, 'budget.dayMb'), UsageError);
    assert.throws(() => setKey(SHIPPED, 'targets.gateway.name.first', 1), UsageError);
  });

  test('entries come and go, also in a file of comments alone', () => {
    const added = addEntry('# mine\n', 'targets', { name: 'a', address: 'b.example' });
    assert.match(added, /^# mine\n/);
    assert.deepEqual(
      parseConfiguration(added).targets.map(({ name }) => name),
      ['a'],
    );
    const gone = removeEntry(added, 'targets', 'a');
    assert.match(gone, /^# mine\n/);
    assert.deepEqual(parseConfiguration(gone).targets, []);
    assert.throws(() => removeEntry(gone, 'targets', 'a'), UsageError);
    assert.throws(() => addEntry(added, 'targets', { name: 'a', address: 'c.example' }), /is the name of targets\[0\]/);
  });

  test('a target that a job needs stays', () => {
    const text = addEntry(SHIPPED, 'schedule', { name: 'n', at: '30 3 * * *', targets: ['gateway'] });
    assert.throws(() => removeEntry(text, 'targets', 'gateway'), /schedule\[0\]\.targets\[0\]/);
  });

  test('values are what they look like', () => {
    assert.deepEqual(['5', 'true', '[a, b]', '{rttMs: 20}', 'text'].map(parseValue), [
      5,
      true,
      ['a', 'b'],
      { rttMs: 20 },
      'text',
    ]);
    assert.throws(() => parseValue('{'), UsageError);
  });
});

describe('the first key of a group', () => {
  for (const text of ['', '# ours\n', 'budget:\n', 'budget: # ours\n', 'budget: {}\n', 'timeZone: UTC\n']) {
    test(JSON.stringify(text), () => {
      const changed = setKey(text, 'budget.dayMb', 7);
      assert.equal(parseConfiguration(changed).budget.dayMb, 7);
      assert.equal(changed.includes('# ours'), text.includes('# ours'), changed);
    });
  }
  test('also deeper', () => {
    const changed = setKey('# ours\n', 'mqtt.spool.maxMb', 5);
    assert.equal(parseConfiguration(changed).mqtt.spool.maxMb, 5);
  });
});

describe('the file', () => {
  test('a change keeps its mode and its link, and leaves nothing beside it', (context) => {
    const folder = makeFolder(context);
    const [real, link] = [join(folder, 'real.yaml'), join(folder, 'config.yaml')];
    writeFileSync(real, SHIPPED);
    chmodSync(real, 0o640);
    symlinkSync(real, link);
    changeConfigurationFile(link, (text) => setKey(text, 'budget.dayMb', 7));
    assert.equal(readConfiguration(link, true).budget.dayMb, 7);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(statSync(real).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(folder).sort(), ['config.yaml', 'real.yaml']);
  });

  test('an unsound change is not written', (context) => {
    const path = join(makeFolder(context), 'config.yaml');
    writeFileSync(path, SHIPPED);
    assert.throws(() => changeConfigurationFile(path, () => 'targets: 3'), ConfigError);
    assert.equal(readFileSync(path, 'utf8'), SHIPPED);
  });

  test('what somebody else changed meanwhile is not overwritten', (context) => {
    const path = join(makeFolder(context), 'config.yaml');
    const theirs = setKey(SHIPPED, 'budget.dayMb', 1);
    writeFileSync(path, SHIPPED);
    const change = (text: string): string => {
      writeFileSync(path, theirs);
      return setKey(text, 'budget.dayMb', 2);
    };
    assert.throws(() => changeConfigurationFile(path, change), /try again/);
    assert.equal(readFileSync(path, 'utf8'), theirs);
  });

  test('changes at the same time are all made', async (context) => {
    const path = join(makeFolder(context), 'config.yaml');
    writeFileSync(path, '# ours\ntargets: []\n');
    const names = ['a', 'b', 'c', 'd'];
    const added = names.map((name) => runProgram(['targets', 'add', name, '192.0.2.1', '--config', path]));
    for (const { exitCode, stderr } of await Promise.all(added)) assert.equal(exitCode, 0, stderr);
    assert.deepEqual(
      readConfiguration(path, true)
        .targets.map(({ name }) => name)
        .sort(),
      names,
    );
  });

  test('who made the lock and is gone holds nobody up; who changes it now does', (context) => {
    const path = join(makeFolder(context), 'config.yaml');
    writeFileSync(`${path}.lock`, '');
    const change = (): Configuration => changeConfigurationFile(path, (text) => setKey(text, 'budget.dayMb', 7));
    assert.throws(change, /somebody else is changing it; try again/);
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(`${path}.lock`, longAgo, longAgo);
    assert.equal(change().budget.dayMb, 7);
  });

  test('the commands work on it and name what is wrong', async (context) => {
    const path = join(makeFolder(context), 'new', 'config.yaml');
    const run = (...words: string[]) => runProgram([...words, '--config', path]);
    assert.equal((await run('config', 'check')).exitCode, 78);
    const added = await run('targets', 'add', 'office', '192.0.2.1', '--interval', '250', '--json');
    assert.deepEqual(added.exitCode, 0, added.stderr);
    assert.equal((JSON.parse(added.stdout) as { intervalMs: number }[])[0]?.intervalMs, 250);
    assert.equal((await run('schedule', 'add', 'nightly', '30 3 * * *', '--targets', 'office')).exitCode, 0);
    assert.equal((await run('targets', 'disable', 'office')).exitCode, 0);
    assert.match((await run('targets', 'list')).stdout, /office +192\.0\.2\.1 +off/);
    assert.match((await run('schedule', 'list')).stdout, /nightly +30 3 \* \* \* +on +deep +office/);
    const wrong = await run('targets', 'set', 'office', 'intervalMs', '5');
    assert.equal(wrong.exitCode, 78);
    assert.match(wrong.stderr, /^apparenet: targets\[0\]\.intervalMs: must be >= 100, not 5\n$/);
    assert.equal((await run('targets', 'remove', 'nobody')).exitCode, 64);
    const shown = await run('config', 'show', '--json');
    assert.equal((JSON.parse(shown.stdout) as { targets: { enabled: boolean }[] }).targets[0]?.enabled, false);
  });
});
