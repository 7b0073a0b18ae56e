// What differs between two configurations, as a sentence for the diary. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { Configuration, MqttSettings } from '../../model/configuration.js';

const MOST_NAMED = 6;

/** `budget.dayMb is 50 instead of 200; target office is new`; null where nothing differs. */
export function describeChange(before: Configuration, after: Configuration): string | null {
  const changes = [
    ...describeNamed('target', before.targets, after.targets),
    ...describeNamed('job', before.schedule, after.schedule),
    ...describeKeys('budget', before.budget, after.budget),
    ...describeKeys('retention', before.retention, after.retention),
    ...describeKeys('server', before.server, after.server).map((change) => `${change} from the next start on`),
    ...describeKeys('mqtt', flattenMqtt(before.mqtt), flattenMqtt(after.mqtt)),
    ...(isDeepStrictEqual(before.quietHours, after.quietHours) ? [] : ['quiet hours differ']),
    ...(before.timeZone === after.timeZone ? [] : [`the time zone is ${after.timeZone ?? "the machine's"}`]),
  ];
  if (changes.length === 0) return null;
  const more = changes.length > MOST_NAMED ? `; and ${changes.length - MOST_NAMED} more` : '';
  return changes.slice(0, MOST_NAMED).join('; ') + more;
}

interface Named {
  readonly name: string;
}

function describeNamed(what: string, before: readonly Named[], after: readonly Named[]): string[] {
  const old = new Map(before.map((one) => [one.name, one]));
  const kept = new Set(after.map(({ name }) => name));
  return [
    ...after.flatMap((one) => {
      const was = old.get(one.name);
      if (was === undefined) return [`${what} ${one.name} is new`];
      return isDeepStrictEqual(was, one) ? [] : [`${what} ${one.name} is changed`];
    }),
    ...before.filter(({ name }) => !kept.has(name)).map(({ name }) => `${what} ${name} is gone`),
  ];
}

/** Keys of one level, each with a value that can be shown. */
function flattenMqtt({ spool, requests, ...rest }: MqttSettings): object {
  return {
    ...rest,
    ...{ 'spool.maxMb': spool.maxMb, 'spool.maxDays': spool.maxDays },
    'requests.allow': requests.allow.join(', ') || 'nothing',
    'requests.anyAddress': requests.anyAddress,
  };
}

type KeysOfGroup = Readonly<Record<string, string | number | boolean | undefined>>;

function describeKeys(group: string, before: object, after: object): string[] {
  const old = before as KeysOfGroup;
  const now = after as KeysOfGroup;
  const say = (value: KeysOfGroup[string]): string => (value === undefined ? 'not set' : String(value));
  return [...new Set([...Object.keys(after), ...Object.keys(before)])].flatMap((key) =>
    old[key] === now[key] ? [] : [`${group}.${key} is ${say(now[key])} instead of ${say(old[key])}`],
  );
}
