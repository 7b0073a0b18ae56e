// One key of a configuration, by the name that `config set` takes. Pure.
import type { Configuration } from '../../model/configuration.js';
import { UsageError } from '../../model/errors.js';
import { suggestWord } from './suggest-word.js';

/** Of `budget.dayMb`, `targets.office`, `targets[0].via`; null for an optional one that is not set. @throws UsageError */
export function findKey(configuration: Configuration, key: string): unknown {
  let found: unknown = configuration;
  const steps = key.replace(/\[(\d+)\]/g, '.$1').split('.');
  for (const [i, step] of steps.entries()) {
    const choices = listKeys(found);
    if (!choices.has(step)) {
      const at = steps.slice(0, i).join('.');
      const names = [...choices.keys()].filter((name) => !/^\d+$/.test(name));
      const meant = suggestWord(step, names);
      const there = names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;
      const advice = meant === null ? there : `did you mean ${meant}?`;
      throw new UsageError('usage.argument', `${key} is not in the configuration${at && ` under ${at}`}: ${advice}`);
    }
    found = choices.get(step);
  }
  return found ?? null;
}

/** Members of a list go by their place and, where they have one, by their name. */
function listKeys(value: unknown): ReadonlyMap<string, unknown> {
  if (!Array.isArray(value)) return new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}));
  const members = value as readonly unknown[];
  const byPlace = members.map((one, i) => [String(i), one] as const);
  const byName = members.flatMap((one) => {
    const { name } = (one ?? {}) as { readonly name?: unknown };
    return typeof name === 'string' ? [[name, one] as const] : [];
  });
  return new Map([...byPlace, ...byName]);
}
