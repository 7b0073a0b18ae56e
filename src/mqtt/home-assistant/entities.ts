// The entities that a box shows in Home Assistant: what each is read from, and of which class and unit. The names of keys are Home
// Assistant's abbreviations for MQTT discovery. Pure.
import { EVENT_KINDS } from '../../model/incident.js';
import type { BoxTopics } from '../message.js';
import { composeCommands } from './commands.js';
import type { Component, EntityFrame } from './component.js';

/** A target's minute that is older says nothing of now, s: three minutes. */
const EXPIRE_SEC = 180;
const MEASUREMENT = { stat_cla: 'measurement' } as const;
const DURATION = { dev_cla: 'duration', unit_of_meas: 'ms', sug_dsp_prc: 2, ...MEASUREMENT } as const;
const SHARE = { unit_of_meas: '%', sug_dsp_prc: 1, ...MEASUREMENT } as const;
const DIAGNOSTIC = { ent_cat: 'diagnostic' } as const;
/** There for who wants them. */
const OFF = { en: false } as const;

/** By a key that stays with the entity. */
export function composeEntities(frame: EntityFrame): Record<string, Component> {
  const { topics, ports, targets } = frame;
  const bare = [
    composeBoxEntities(topics),
    ...ports.map((port) => composePortEntities(topics, port)),
    ...targets.map((name) => composeTargetEntities(topics, name)),
    composeCommands(frame),
  ].flatMap((group) => Object.entries(group));
  return Object.fromEntries(bare.map(([key, component]) => [key, identify(frame, key, component)]));
}

/** Unavailable means that the box is gone, and nothing else. */
function identify({ id, topics }: EntityFrame, key: string, component: Component): Component {
  const slug = `apparenet_${id}_${key}`.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '_');
  const availability = component['stat_t'] === topics.status ? {} : { avty_t: topics.status };
  return { ...component, uniq_id: `apparenet_${id}_${key}`, def_ent_id: `${component.p}.${slug}`, ...availability };
}

function composeBoxEntities(topics: BoxTopics): Record<string, Component> {
  const { state, health, event, status, update } = topics;
  return {
    problem: {
      ...onOff('Problem', state, "value_json.verdict in ['warning', 'critical']"),
      dev_cla: 'problem',
      json_attr_t: state,
      json_attr_tpl: "{{ {'summary': value_json.summary} | tojson }}",
    },
    open_incidents: { ...sensor('Open incidents', state, 'value_json.openIncidents'), ...MEASUREMENT },
    last_report: {
      ...sensor('Last report', state, "value_json.lastReport.verdict if value_json.lastReport else 'None'"),
      dev_cla: 'enum',
      ops: ['ok', 'warning', 'critical', 'unknown'],
      json_attr_t: state,
      json_attr_tpl: '{{ (value_json.lastReport or {}) | tojson }}',
    },
    event: { p: 'event', name: 'Event', stat_t: event, evt_typ: EVENT_KINDS },
    // Without a command topic: it tells the version and installs nothing.
    firmware: { p: 'update', name: 'Firmware', stat_t: update, dev_cla: 'firmware', ...DIAGNOSTIC },
    connected: {
      ...{ p: 'binary_sensor', name: 'Connected', stat_t: status, dev_cla: 'connectivity' },
      ...{ pl_on: 'online', pl_off: 'offline' },
      ...DIAGNOSTIC,
    },
    sequencer: {
      ...onOff('Sequencer', health, 'value_json.sequencerUp'),
      dev_cla: 'running',
      ...DIAGNOSTIC,
    },
    clock: {
      ...onOff('Clock not synchronized', health, 'not value_json.clockSynchronized', 'value_json.clockSynchronized'),
      dev_cla: 'problem',
      ...DIAGNOSTIC,
    },
    temperature: {
      ...sensor('Temperature', health, 'value_json.temperatureCelsius'),
      ...{ dev_cla: 'temperature', unit_of_meas: '°C', sug_dsp_prc: 0, ...MEASUREMENT },
      ...DIAGNOSTIC,
    },
    memory_free: { ...sensor('Memory free', health, 'value_json.memoryFreePercent'), ...SHARE, ...DIAGNOSTIC, ...OFF },
    storage_free: {
      ...sensor('Storage free', health, 'value_json.storageFreePercent'),
      ...SHARE,
      ...DIAGNOSTIC,
      ...OFF,
    },
    load: { ...sensor('Load', health, 'value_json.load'), ...MEASUREMENT, ...DIAGNOSTIC, ...OFF },
    spool_dropped: {
      ...sensor('Messages dropped', health, 'value_json.spool.dropped'),
      stat_cla: 'total_increasing',
      ...DIAGNOSTIC,
      ...OFF,
    },
  };
}

function composePortEntities({ link }: BoxTopics, port: string): Record<string, Component> {
  const at = `value_json.ports['${port.replaceAll(/['\\]/g, '')}']`;
  const key = `port_${port}`;
  return {
    [`${key}_link`]: {
      ...onOff(`${port} link`, link, `(${at} | default({})).up`),
      dev_cla: 'connectivity',
      ...DIAGNOSTIC,
    },
    [`${key}_speed`]: {
      ...sensor(`${port} speed`, link, `(${at} | default({})).speedMbps`),
      ...{ dev_cla: 'data_rate', unit_of_meas: 'Mbit/s', sug_dsp_prc: 0, ...MEASUREMENT },
      ...DIAGNOSTIC,
    },
    [`${key}_duplex`]: {
      ...sensor(`${port} duplex`, link, `(${at} | default({})).duplex | default('unknown')`),
      ...{ dev_cla: 'enum', ops: ['full', 'half', 'unknown'] },
      ...DIAGNOSTIC,
    },
  };
}

function composeTargetEntities(topics: BoxTopics, name: string): Record<string, Component> {
  const state = topics.target(name);
  const key = `target_${name}`;
  const figure = (words: string, field: string): Component => ({
    ...sensor(`${name} ${words}`, state, `value_json.${field}`),
    exp_aft: EXPIRE_SEC,
  });
  return {
    [`${key}_problem`]: {
      ...onOff(`${name} problem`, state, 'value_json.incidents'),
      dev_cla: 'problem',
      json_attr_t: state,
      json_attr_tpl: "{{ {'incidents': value_json.incidents} | tojson }}",
    },
    [`${key}_reachable`]: {
      ...onOff(`${name} reachable`, state, 'value_json.reachable', 'value_json.reachable'),
      dev_cla: 'connectivity',
    },
    [`${key}_rtt`]: { ...figure('round trip', 'rttMs'), ...DURATION },
    [`${key}_loss`]: { ...figure('loss', 'lossPercent'), ...SHARE },
    [`${key}_jitter`]: { ...figure('jitter', 'jitterMs'), ...DURATION },
    [`${key}_rtt_p95`]: { ...figure('round trip, 95th percentile', 'rttP95Ms'), ...DURATION, ...DIAGNOSTIC, ...OFF },
    [`${key}_coverage`]: { ...figure('measured share', 'coveragePercent'), ...SHARE, ...DIAGNOSTIC, ...OFF },
  };
}

/** What is null reads `None`, which Home Assistant takes for unknown. */
function sensor(name: string, topic: string, expression: string): Component {
  return { p: 'sensor', name, stat_t: topic, val_tpl: `{{ ${expression} }}` };
}

/** `known`, where it is given, is null while nobody can tell. */
function onOff(name: string, topic: string, condition: string, known?: string): Component {
  const told = `'ON' if ${condition} else 'OFF'`;
  const template = known === undefined ? told : `'None' if ${known} is none else ${told}`;
  return { p: 'binary_sensor', name, stat_t: topic, val_tpl: `{{ ${template} }}` };
}
