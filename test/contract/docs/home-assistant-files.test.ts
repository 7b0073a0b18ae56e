// docs/home-ops for Home Assistant: the blueprint by its documented schema, and that both files ask for topics, fields and entities
// that the product makes. That its templates say what they should cannot be shown here: this has no Home Assistant.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { parseConfiguration } from '../../../src/box/config/parse-configuration.js';
import { DEFAULT_REQUESTS } from '../../../src/model/mqtt-request.js';
import { composeEntities } from '../../../src/mqtt/home-assistant/entities.js';
import { computeTopics } from '../../../src/mqtt/message.js';
import { encodeEvent } from '../../../src/mqtt/payloads.js';
import { buildEvent, buildIncident } from '../../unit/history/built-records.js';

type Tree = Readonly<Record<string, unknown>>;

const INPUT_KEYS = ['name', 'description', 'default', 'selector'];
const SECTION_KEYS = ['name', 'icon', 'description', 'collapsed', 'input'];
const BLUEPRINT_KEYS = ['name', 'description', 'domain', 'source_url', 'author', 'homeassistant', 'input'];
const AUTOMATION_KEYS = ['blueprint', 'mode', 'max', 'triggers', 'variables', 'conditions', 'actions'];
const SELECTORS = ['action', 'boolean', 'entity', 'number', 'select', 'text', 'time'];

const used: string[] = [];
const readInput = (name: string): string => {
  used.push(name);
  return name;
};
const BLUEPRINT_TEXT = readFileSync('docs/home-ops/alert-blueprint.yaml', 'utf8');
const AUTOMATION = parse(BLUEPRINT_TEXT, { customTags: [{ tag: '!input', resolve: readInput }] }) as Tree;
const BLUEPRINT = AUTOMATION['blueprint'] as Tree;

function listInputs(inputs: Tree): [string, Tree][] {
  return Object.entries(inputs as Readonly<Record<string, Tree>>).flatMap(([name, input]) =>
    'input' in input ? listInputs(input['input'] as Tree) : [[name, input]],
  );
}

function assertKeys(what: string, tree: Tree, known: readonly string[]): void {
  for (const key of Object.keys(tree)) assert.ok(known.includes(key), `${what} has no key ${key}`);
}

describe('the alert blueprint', () => {
  test('is an automation that Home Assistant takes', () => {
    assertKeys('a blueprint', BLUEPRINT, BLUEPRINT_KEYS);
    assertKeys('an automation', AUTOMATION, AUTOMATION_KEYS);
    assert.equal(BLUEPRINT['domain'], 'automation');
    assert.match((BLUEPRINT['homeassistant'] as { min_version: string }).min_version, /^\d+\.\d+\.\d+$/);
    for (const [name, input] of Object.entries(BLUEPRINT['input'] as Readonly<Record<string, Tree>>))
      assertKeys(name, input, 'input' in input ? SECTION_KEYS : INPUT_KEYS);
    for (const [name, input] of listInputs(BLUEPRINT['input'] as Tree)) {
      assertKeys(name, input, INPUT_KEYS);
      assert.ok('default' in input, `${name} has to be filled in`);
      const kinds = Object.keys(input['selector'] as Tree);
      assert.ok(kinds.length === 1 && SELECTORS.includes(String(kinds[0])), `${name} has no selector`);
    }
  });

  test('uses every input, and only those that there are', () => {
    const declared = listInputs(BLUEPRINT['input'] as Tree).map(([name]) => name);
    assert.equal(new Set(declared).size, declared.length, 'an input of each name');
    assert.deepEqual([...new Set(used)].sort(), [...declared].sort());
  });

  test('listens where the box publishes, and reads fields that are there', () => {
    const { event } = computeTopics(parseConfiguration('').mqtt, 'hall-4f2c');
    const { topic } = Object.fromEntries(listInputs(BLUEPRINT['input'] as Tree));
    assert.equal(topic?.['default'], event.replace('hall-4f2c', '+'));
    const incident = buildIncident('i1', 0, 0);
    const told = JSON.parse(encodeEvent({ ...buildEvent(0, 'office'), kind: 'opened' }, incident)) as Tree;
    const read = { event: told, incident: told['incident'] as Tree };
    const fields = [...BLUEPRINT_TEXT.matchAll(/\b(event|incident)(?:\.get\('(\w+)'\)|\.(\w+))/g)];
    assert.ok(fields.length > 10);
    for (const [, of = 'event', asked, named] of fields) {
      const field = asked ?? named ?? '';
      assert.ok(field in read[of as 'event' | 'incident'], `${of} has no ${field}`);
    }
  });
});

const DASHBOARD_TEXT = readFileSync('docs/home-ops/dashboard.yaml', 'utf8');
const ENTITY = /\b(?:sensor|binary_sensor|event|update|button|select)\.apparenet_hall_4f2c_\w+/g;

/** Ids of the entities that are there without anybody switching them on. */
function listEntityIds(): string[] {
  const id = 'hall-4f2c';
  const topics = computeTopics(parseConfiguration('').mqtt, id);
  const entities = composeEntities({
    id,
    topics,
    targets: ['gateway', 'provider'],
    ports: ['eth0'],
    verbs: DEFAULT_REQUESTS,
  });
  return Object.values(entities).flatMap(({ en, def_ent_id }) => (en === false ? [] : [def_ent_id as string]));
}

describe('the dashboard for Home Assistant', () => {
  test('shows entities that the box of its example announces, and all of its targets', () => {
    const { views } = parse(DASHBOARD_TEXT) as { views: readonly { type: string; sections: readonly unknown[] }[] };
    assert.ok(views.length > 1 && views.every(({ type, sections }) => type === 'sections' && sections.length > 0));
    const shown = new Set([...DASHBOARD_TEXT.matchAll(ENTITY)].map(([id]) => id));
    const announced = listEntityIds();
    for (const id of shown) assert.ok(announced.includes(id), `there is no ${id}`);
    for (const id of announced) assert.ok(!id.includes('_target_') || shown.has(id), `${id} is not shown`);
  });

  test('finds boxes, targets and events by the names that a box gives them', () => {
    const announced = listEntityIds();
    const count = (text: string): number[] =>
      [...text.matchAll(/'match', '([^']+)'/g)].map(
        ([, pattern = '']) => announced.filter((id) => new RegExp(`^${pattern}`).test(id)).length,
      );
    assert.deepEqual(count(DASHBOARD_TEXT), [1, 2, 2, 1]);
    // The problem of the box and those of its two targets, of which only the former has a summary.
    assert.deepEqual(count(BLUEPRINT_TEXT), [3]);
    for (const suffix of ['_open_incidents', '_last_report', '_rtt', '_loss', '_jitter', '_reachable', '_problem']) {
      assert.ok(DASHBOARD_TEXT.includes(`'${suffix}'`));
      assert.ok(announced.some((id) => id.endsWith(suffix)));
    }
  });
});
