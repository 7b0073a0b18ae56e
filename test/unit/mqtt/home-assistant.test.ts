// What Home Assistant is told of a box: a message that it takes, the same as before, and what goes when targets go.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseConfiguration } from '../../../src/box/config/parse-configuration.js';
import { EVENT_KINDS } from '../../../src/model/incident.js';
import { DEFAULT_REQUESTS, REQUEST_VERBS } from '../../../src/model/mqtt-request.js';
import type { RequestVerb } from '../../../src/model/mqtt-request.js';
import { composeDiscovery } from '../../../src/mqtt/home-assistant/discovery.js';
import { computeTopics } from '../../../src/mqtt/message.js';
import { parseRequest } from '../../../src/mqtt/requests/parse-request.js';
import { renderCommand } from './home-assistant-commands.js';
import { findFaults } from './home-assistant-schema.js';
import type { Message } from './home-assistant-schema.js';

const IDENTITY = { id: 'hall-4f2c', name: 'hall', version: '0.1.0', startedMs: 0 };

function announce(
  targets: readonly string[],
  before = {},
  ports: readonly string[] = ['eth0'],
  verbs: readonly RequestVerb[] = REQUEST_VERBS,
) {
  const topics = computeTopics(parseConfiguration('').mqtt, IDENTITY.id);
  const { payload, announced } = composeDiscovery(IDENTITY, { id: IDENTITY.id, topics, targets, ports, verbs }, before);
  const message = JSON.parse(payload) as Message & { readonly cmps: Record<string, Message> };
  return { message, announced, payload };
}

/** The message with one key of one entity changed. */
function spoil(key: string, change: Message): Message {
  const { message } = announce(['office']);
  assert.ok(message.cmps[key], `there is an entity ${key}`);
  return { ...message, cmps: { ...message.cmps, [key]: { ...message.cmps[key], ...change } } };
}

describe('the discovery message', () => {
  test('is one that Home Assistant takes, with any names that the configuration allows', () => {
    const names = ['gateway', 'office', 'a-b_c', '0', 'x'.repeat(32)];
    const { message } = announce(names, {}, ['eth0', 'enp1s0', 'br-lan.20', "it's"]);
    assert.deepEqual(findFaults(message), []);
  });

  test('stays as it was: entities that people have built upon keep their names', () => {
    const golden = JSON.parse(readFileSync('test/fixtures/mqtt/discovery.json', 'utf8')) as unknown;
    assert.deepEqual(announce(['gateway', 'office-2']).message, golden);
  });

  test('names every kind of event, since others would be refused', () => {
    assert.deepEqual(announce([]).message.cmps['event']?.['evt_typ'], EVENT_KINDS);
  });

  test('two boxes have no entity in common', () => {
    const ids = (id: string): unknown[] => {
      const topics = computeTopics(parseConfiguration('').mqtt, id);
      const frame = { id, topics, targets: ['office'], ports: ['eth0'], verbs: REQUEST_VERBS };
      const { cmps } = JSON.parse(composeDiscovery({ ...IDENTITY, id }, frame, {}).payload) as {
        cmps: Record<string, Message>;
      };
      return Object.values(cmps).flatMap(({ uniq_id, def_ent_id }) => [uniq_id, def_ent_id]);
    };
    const both = [...ids('hall'), ...ids('attic')];
    assert.equal(new Set(both).size, both.length);
  });

  test('a target that is removed takes its entities along, and one that comes back has them again', () => {
    const first = announce(['office', 'gateway']);
    const second = announce(['gateway'], first.announced);
    assert.deepEqual(second.message.cmps['target_office_rtt'], { p: 'sensor' });
    assert.deepEqual(second.message.cmps['target_office_problem'], { p: 'binary_sensor' });
    assert.deepEqual(findFaults(second.message), []);
    const third = announce(['gateway', 'office'], second.announced);
    assert.deepEqual(third.message.cmps['target_office_rtt'], first.message.cmps['target_office_rtt']);
  });

  test('offers to press and to choose what the box may be asked for, and nothing else', () => {
    const list = (verbs: readonly RequestVerb[]): string[] =>
      Object.entries(announce(['office'], {}, [], verbs).message.cmps)
        .filter(([key, { cmd_t }]) => cmd_t !== undefined || key === 'last_request')
        .map(([key]) => key);
    assert.deepEqual(list([]), []);
    assert.deepEqual(list(DEFAULT_REQUESTS), ['calibrate', 'bundle', 'last_request', 'target_office_diagnose']);
    assert.deepEqual(list(['profile']), ['last_request', 'target_office_profile']);
    const { announced } = announce(['office'], {}, [], REQUEST_VERBS);
    const { message } = announce(['office'], announced, [], DEFAULT_REQUESTS);
    assert.deepEqual(message.cmps['target_office_profile'], { p: 'select' });
  });

  test('what a press sends is a request that the box takes, another one each time', () => {
    const { cmps } = announce(['office']).message;
    const press = (key: string, value = 'PRESS') => {
      const { cmd_t, cmd_tpl } = cmps[key] ?? {};
      const verb = REQUEST_VERBS.find((one) => String(cmd_t).endsWith(`/hall-4f2c/request/${one}`));
      assert.ok(verb, `${key} sends to ${String(cmd_t)}`);
      return parseRequest(verb, Buffer.from(renderCommand(String(cmd_tpl), value)));
    };
    assert.deepEqual(press('target_office_diagnose').request, { verb: 'diagnose', target: 'office' });
    assert.deepEqual(press('calibrate').request, { verb: 'calibrate' });
    assert.deepEqual(press('bundle').request, { verb: 'bundle' });
    const chosen = { verb: 'profile', target: 'office', profile: 'deep' };
    assert.deepEqual(press('target_office_profile', 'deep').request, chosen);
    assert.notEqual(press('calibrate').transaction, press('calibrate').transaction);
  });

  test('what it says of things that are gone does not grow for ever', () => {
    let before = {};
    for (let i = 0; i < 200; i += 1) before = announce([`target-${i}`], before).announced;
    assert.ok(Object.keys(before).length < 400, `${Object.keys(before).length} entities`);
  });
});

describe('the validator', () => {
  const WRONG: readonly (readonly [what: string, key: string, change: Message])[] = [
    ['a delay in Mbit/s', 'target_office_rtt', { unit_of_meas: 'Mbit/s' }],
    ['a delay without a unit', 'target_office_rtt', { unit_of_meas: undefined }],
    ['a delay in µs', 'target_office_rtt', { unit_of_meas: 'µs' }],
    ['a rate in ms', 'port_eth0_speed', { unit_of_meas: 'ms' }],
    ['a rate in Mb/s', 'port_eth0_speed', { unit_of_meas: 'Mb/s' }],
    ['a class that does not exist', 'target_office_loss', { dev_cla: 'packet_loss' }],
    ['a word with a unit', 'port_eth0_duplex', { unit_of_meas: 'ms' }],
    ['a word with a state class', 'port_eth0_duplex', { stat_cla: 'measurement' }],
    ['a choice without its words', 'last_report', { ops: [] }],
    ['a state class that does not exist', 'target_office_loss', { stat_cla: 'mean' }],
    ['a class of sensors on a binary one', 'target_office_reachable', { dev_cla: 'duration' }],
    ['a unit on a binary sensor', 'problem', { unit_of_meas: '%' }],
    ['a key that is wrongly spelt', 'problem', { dev_class: 'problem' }],
    ['an entity id of another domain', 'problem', { def_ent_id: 'sensor.x' }],
    ['a category of things that can be set', 'clock', { ent_cat: 'config' }],
    ['a state nowhere', 'problem', { stat_t: '' }],
    ['a button that sends nowhere', 'target_office_diagnose', { cmd_t: undefined }],
    ['a button that sends to several', 'target_office_diagnose', { cmd_t: 'apparenet/+/request/diagnose' }],
    ['a button with a state', 'target_office_diagnose', { stat_t: 'a' }],
    ['a button of no class', 'calibrate', { dev_cla: 'calibrate' }],
    ['a choice that cannot be told', 'target_office_profile', { cmd_t: undefined }],
    ['a choice of nothing', 'target_office_profile', { ops: [] }],
    ['a choice with a class', 'target_office_profile', { dev_cla: 'enum' }],
    ['a version with a unit', 'firmware', { unit_of_meas: 'ms' }],
    ['a version of a class that does not exist', 'firmware', { dev_cla: 'software' }],
    ['a category that does not exist', 'calibrate', { ent_cat: 'system' }],
    ['an id that another entity has', 'problem', { uniq_id: 'apparenet_hall-4f2c_event' }],
  ];
  for (const [what, key, change] of WRONG) {
    test(`refuses ${what}`, () => assert.notDeepEqual(findFaults(spoil(key, change)), []));
  }
});
