// What somebody can press and choose in Home Assistant: a request over MQTT each, where the box takes it; and what became of the last one.
// Pure.
import { DEPTHS } from '../../model/examination.js';
import type { RequestVerb } from '../../model/mqtt-request.js';
import type { BoxTopics } from '../message.js';
import { ANSWER_STATUSES } from '../requests/encode-answer.js';
import type { Component, EntityFrame } from './component.js';

/** Only what would not be refused. */
export function composeCommands({ topics, targets, verbs }: EntityFrame): Record<string, Component> {
  if (verbs.length === 0) return {};
  const all = [...composeBoxCommands(topics), ...targets.flatMap((name) => composeTargetCommands(topics, name))];
  return Object.fromEntries(
    all.flatMap(([verb, key, component]) => (verb === null || verbs.includes(verb) ? [[key, component]] : [])),
  );
}

/** Who asks for it, its key, and itself; null: there with any of them. */
type Command = readonly [verb: RequestVerb | null, key: string, component: Component];

function composeBoxCommands(topics: BoxTopics): readonly Command[] {
  const answers = topics.response('+');
  return [
    ['calibrate', 'calibrate', { ...button('Calibrate', topics.request('calibrate'), []), ent_cat: 'config' }],
    ['bundle', 'bundle', { ...button('Make support bundle', topics.request('bundle'), []), ent_cat: 'diagnostic' }],
    [
      null,
      'last_request',
      {
        ...{ p: 'sensor', name: 'Last request', stat_t: answers, val_tpl: '{{ value_json.status }}' },
        ...{ dev_cla: 'enum', ops: ANSWER_STATUSES },
        ...{ json_attr_t: answers, json_attr_tpl: '{{ value_json | tojson }}' },
        ent_cat: 'diagnostic',
      },
    ],
  ];
}

function composeTargetCommands(topics: BoxTopics, name: string): readonly Command[] {
  const target = ['target', `'${name}'`] as const;
  const profile: Component = {
    ...{ p: 'select', name: `${name} profile`, ops: DEPTHS },
    ...{ stat_t: topics.state, val_tpl: `{{ (value_json.profiles | default({}))['${name}'] | default('None') }}` },
    ...{ cmd_t: topics.request('profile'), cmd_tpl: composePayload([target, ['profile', 'value']]) },
    ent_cat: 'config',
  };
  return [
    ['diagnose', `target_${name}_diagnose`, button(`${name} diagnose`, topics.request('diagnose'), [target])],
    ['profile', `target_${name}_profile`, profile],
  ];
}

type Field = readonly [key: string, expression: string];

function button(name: string, topic: string, fields: readonly Field[]): Component {
  return { p: 'button', name, cmd_t: topic, cmd_tpl: composePayload(fields) };
}

/** Rendered by Home Assistant when it is pressed: to the microsecond, so that each press is a transaction of its own. */
function composePayload(fields: readonly Field[]): string {
  const all: readonly Field[] = [['transaction', "'ha-' ~ now().isoformat()"], ...fields];
  return `{{ {${all.map(([key, expression]) => `'${key}': ${expression}`).join(', ')}} | tojson }}`;
}
