// What Home Assistant takes in a discovery message of a device, written from its documentation (integrations MQTT, sensor.mqtt,
// binary_sensor.mqtt, event.mqtt, update.mqtt, button.mqtt, select.mqtt; device classes of each): for tests of what this box announces.

/** Units by device class; only classes whose units are known here can be checked, and no other may be used. */
const SENSOR_UNITS: Readonly<Record<string, readonly string[]>> = {
  data_rate: ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'B/s', 'kB/s', 'MB/s', 'GB/s', 'KiB/s', 'MiB/s', 'GiB/s'],
  data_size: ['bit', 'kbit', 'Mbit', 'Gbit', 'B', 'kB', 'MB', 'GB', 'TB', 'KiB', 'MiB', 'GiB', 'TiB'],
  duration: ['d', 'h', 'min', 's', 'ms'],
  frequency: ['Hz', 'kHz', 'MHz', 'GHz'],
  signal_strength: ['dB', 'dBm'],
  temperature: ['°C', '°F', 'K'],
};
/** These have neither unit nor state class. */
const SENSOR_WORDS = ['date', 'enum', 'timestamp'];
const BINARY_CLASSES = [
  'battery',
  'cold',
  'connectivity',
  'heat',
  'plug',
  'power',
  'presence',
  'problem',
  'running',
  'safety',
  'update',
];
const BUTTON_CLASSES = ['identify', 'restart', 'update'];
const UPDATE_CLASSES = ['firmware'];
const STATE_CLASSES = ['measurement', 'total', 'total_increasing'];

const ANYWHERE = ['p', 'name', 'uniq_id', 'def_ent_id', 'ent_cat', 'en', 'avty_t', 'json_attr_t', 'json_attr_tpl'];
const EVERYWHERE = [...ANYWHERE, 'dev_cla'];
const KEYS: Readonly<Record<string, readonly string[]>> = {
  sensor: [...EVERYWHERE, 'stat_t', 'val_tpl', 'unit_of_meas', 'stat_cla', 'sug_dsp_prc', 'exp_aft', 'ops'],
  binary_sensor: [...EVERYWHERE, 'stat_t', 'val_tpl', 'pl_on', 'pl_off', 'exp_aft'],
  event: [...EVERYWHERE, 'stat_t', 'val_tpl', 'evt_typ'],
  update: [
    ...EVERYWHERE,
    'stat_t',
    'val_tpl',
    'l_ver_t',
    'l_ver_tpl',
    'cmd_t',
    'pl_inst',
    'rel_s',
    'rel_u',
    'tit',
    'ret',
  ],
  button: [...EVERYWHERE, 'cmd_t', 'cmd_tpl', 'pl_prs', 'ret'],
  select: [...ANYWHERE, 'stat_t', 'val_tpl', 'cmd_t', 'cmd_tpl', 'ops', 'opt', 'ret'],
};
/** Of these nothing can be set. */
const READ_ONLY = ['sensor', 'binary_sensor'];
const COMMANDED = ['button', 'select'];
const DEVICE_KEYS = ['ids', 'cns', 'name', 'mf', 'mdl', 'mdl_id', 'sn', 'sw', 'hw', 'cu', 'sa'];
const ROOT_KEYS = ['dev', 'o', 'cmps', 'qos', 'avty_t', 'stat_t', 'cmd_t', 'e'];

export type Message = Readonly<Record<string, unknown>>;

/** Every sentence is a reason why Home Assistant would refuse the message, or an entity of it. */
export function findFaults(message: Message): string[] {
  const device = (message['dev'] ?? {}) as Message;
  const origin = (message['o'] ?? {}) as Message;
  const components = Object.entries((message['cmps'] ?? {}) as Readonly<Record<string, Message>>);
  const ids = components.map(([, component]) => component['uniq_id']).filter((id) => id !== undefined);
  return [
    ...findUnknown('message', message, ROOT_KEYS),
    ...findUnknown('dev', device, DEVICE_KEYS),
    ...(Array.isArray(device['ids']) && device['ids'].length > 0 ? [] : ['dev has no ids']),
    ...(typeof origin['name'] === 'string' ? [] : ['o has no name']),
    ...(new Set(ids).size === ids.length ? [] : ['two entities have one uniq_id']),
    ...components.flatMap(([key, component]) => findComponentFaults(component).map((fault) => `${key}: ${fault}`)),
  ];
}

function findUnknown(what: string, object: Message, known: readonly string[]): string[] {
  return Object.keys(object).flatMap((key) => (known.includes(key) ? [] : [`${what} has no key ${key}`]));
}

function findComponentFaults(component: Message): string[] {
  const platform = String(component['p']);
  const known = KEYS[platform];
  if (known === undefined) return [`there is no platform ${platform}`];
  // By its platform alone it is removed.
  if (Object.keys(component).length === 1) return [];
  return [
    ...findUnknown('it', component, known),
    ...(typeof component['uniq_id'] === 'string' ? [] : ['no uniq_id: a device needs it']),
    ...(platform === 'button' || isFilter(component['stat_t']) ? [] : ['no stat_t that can be listened to']),
    ...(!COMMANDED.includes(platform) || isTopic(component['cmd_t']) ? [] : ['no cmd_t that is a topic']),
    ...(new RegExp(`^${platform}\\.[a-z0-9_]+$`).test(String(component['def_ent_id']))
      ? []
      : ['no def_ent_id of its domain']),
    ...(['diagnostic', ...(READ_ONLY.includes(platform) ? [] : ['config']), undefined].includes(
      readWord(component['ent_cat']),
    )
      ? []
      : ['no such ent_cat for it']),
    ...('json_attr_tpl' in component && !('json_attr_t' in component) ? ['json_attr_tpl without json_attr_t'] : []),
    ...(platform === 'sensor' ? findSensorFaults(component) : []),
    ...(platform === 'binary_sensor' ? findClassFaults(component, BINARY_CLASSES) : []),
    ...(platform === 'button' ? findClassFaults(component, BUTTON_CLASSES) : []),
    ...(platform === 'update' ? findClassFaults(component, UPDATE_CLASSES) : []),
    ...(platform === 'select' && !hasChoice(component) ? ['nothing to choose'] : []),
    ...(platform === 'event' && !Array.isArray(component['evt_typ']) ? ['evt_typ is missing'] : []),
  ];
}

function isFilter(value: unknown): boolean {
  return typeof value === 'string' && /^[^#~]+$/.test(value);
}

function hasChoice({ ops }: Message): boolean {
  return Array.isArray(ops) && ops.length > 0;
}

function isTopic(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !/[#+~]/.test(value);
}

function findSensorFaults(component: Message): string[] {
  const { dev_cla: deviceClass, unit_of_meas, ops, sug_dsp_prc } = component;
  const stat_cla = readWord(component['stat_cla']);
  const faults: string[] = [];
  if (stat_cla !== undefined && !STATE_CLASSES.includes(stat_cla)) faults.push(`no stat_cla ${stat_cla}`);
  const name = readWord(deviceClass);
  if (name === undefined) {
    if (ops !== undefined) faults.push('ops without dev_cla enum');
    return faults;
  }
  if (SENSOR_WORDS.includes(name)) {
    if (unit_of_meas !== undefined) faults.push(`${name} has no unit`);
    if (stat_cla !== undefined || sug_dsp_prc !== undefined) faults.push(`${name} is no number`);
    if (name === 'enum' && !(Array.isArray(ops) && ops.length > 0)) faults.push('enum without ops');
    return faults;
  }
  const units = SENSOR_UNITS[name];
  if (units === undefined) faults.push(`dev_cla ${name} is not known`);
  else if (!units.includes(String(unit_of_meas))) faults.push(`${name} is not measured in ${String(unit_of_meas)}`);
  return faults;
}

function findClassFaults(component: Message, classes: readonly string[]): string[] {
  const name = readWord(component['dev_cla']);
  return name === undefined || classes.includes(name) ? [] : [`dev_cla ${name} is not known`];
}

function readWord(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}
