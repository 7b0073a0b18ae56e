// Changes single keys of the text of config.yaml and leaves the rest of it, comments and order, as people wrote it. Pure; what comes
// out is checked as a whole before it is given back.
import { isMap, isScalar, isSeq, parseDocument, YAMLMap } from 'yaml';
import type { Document } from 'yaml';
import { UsageError } from '../../model/errors.js';
import type { MonitorTarget } from '../../model/monitor.js';
import type { ScheduledJob } from '../../model/configuration.js';
import { parseConfiguration } from './parse-configuration.js';

/** What a person says of a target or a job; the rest is the default. */
export type WrittenEntry = Readonly<Record<string, unknown>> & Pick<MonitorTarget | ScheduledJob, 'name'>;
export type EntryList = 'targets' | 'schedule';

/** Sets `key`, such as `budget.dayMb`, `targets.office.intervalMs` or `targets[0].via`. @throws ConfigError, UsageError */
export function setKey(text: string, key: string, value: unknown): string {
  return change(text, (document) => {
    const path = findPath(document, key);
    fillGroups(document, path);
    try {
      document.setIn(path, document.createNode(value));
    } catch (cause) {
      throw new UsageError('usage.argument', `${key} is no key: what it stands in has no keys`, { cause });
    }
  });
}

/** A group that is not there yet, or has nothing behind it, begins with this key; lists are left to their own commands. */
function fillGroups(document: Document, path: readonly (string | number)[]): void {
  for (let i = 1; i < path.length; i += 1) {
    const group = path.slice(0, i);
    if (typeof path[i] !== 'string' || (document.getIn(group) ?? null) !== null) continue;
    const empty = document.getIn(group, true);
    const map = new YAMLMap(document.schema);
    if (isScalar(empty)) map.commentBefore = empty.comment ?? empty.commentBefore ?? null;
    document.setIn(group, map);
  }
}

/** Takes `key` out, so that its default counts. @throws ConfigError; UsageError for a key that is not there */
export function unsetKey(text: string, key: string): string {
  return change(text, (document) => {
    const path = findPath(document, key);
    if (!document.hasIn(path)) throw new UsageError('usage.argument', `${key} is not set`);
    document.deleteIn(path);
  });
}

/** @throws ConfigError, also for a name that is taken */
export function addEntry(text: string, list: EntryList, entry: WrittenEntry): string {
  return change(text, (document) => {
    const entries = document.get(list, true);
    if (isSeq(entries)) {
      // One that was written as [] goes on in lines of its own.
      if (entries.items.length === 0) entries.flow = false;
      entries.add(document.createNode(entry));
    } else document.set(list, document.createNode([entry]));
  });
}

/** Makes the entry called `entry.name` what `entry` says; what it does not say is the default again. @throws ConfigError, UsageError */
export function replaceEntry(text: string, list: EntryList, entry: WrittenEntry): string {
  return change(text, (document) => {
    const old = document.getIn([list, findNamed(document, list, entry.name)]);
    if (!isMap(old)) return;
    for (const key of old.items.map((pair) => String(pair.key))) if (!Object.hasOwn(entry, key)) old.delete(key);
    // Single keys, so that the comments beside those that stay are kept.
    for (const [key, value] of Object.entries(entry)) old.set(key, document.createNode(value));
  });
}

/**
 * RFC 7396 for the keys of `patch`: null takes a key out, so that its default counts, an object changes what it names, anything
 * else takes the place of what was there. @throws ConfigError
 */
export function mergePatch(text: string, patch: Readonly<Record<string, unknown>>): string {
  return change(text, (document) => merge(document, [], patch));
}

function merge(document: Document, path: readonly string[], patch: object): void {
  for (const [key, value] of Object.entries(patch)) {
    const inner = [...path, key];
    if (value === null) document.deleteIn(inner);
    else if (typeof value === 'object' && !Array.isArray(value)) {
      if (!isMap(document.getIn(inner, true))) document.setIn(inner, new YAMLMap(document.schema));
      merge(document, inner, value as object);
    } else document.setIn(inner, document.createNode(value));
  }
}

/** @throws UsageError for a name that is not there; ConfigError where something still needs it */
export function removeEntry(text: string, list: EntryList, name: string): string {
  return change(text, (document) => void document.deleteIn([list, findNamed(document, list, name)]));
}

function change(text: string, apply: (document: Document) => void): string {
  // What is broken already is said of the file, not of the change.
  parseConfiguration(text);
  const document = parseDocument(text);
  if (!isMap(document.contents)) startMap(document);
  apply(document);
  const changed = document.toString({ lineWidth: 0 });
  parseConfiguration(changed);
  return changed;
}

/** A file of comments alone keeps them above its first key. */
function startMap(document: Document): void {
  const { commentBefore, comment } = document;
  document.contents = new YAMLMap(document.schema);
  document.commentBefore = commentBefore ?? comment;
  document.comment = null;
}

/** Each step is a key, `[n]`, or behind `targets` and `schedule` a name. @throws UsageError */
function findPath(document: Document, key: string): (string | number)[] {
  const steps = key.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  if (steps.some((step) => step === ''))
    throw new UsageError('usage.argument', `"${key}" is no key: it looks like budget.dayMb`);
  return steps.map((step, i) => {
    const [list] = steps;
    if (i === 1 && (list === 'targets' || list === 'schedule') && !/^\d+$/.test(step))
      return findNamed(document, list, step);
    return /^\d+$/.test(step) ? Number(step) : step;
  });
}

function findNamed(document: Document, list: EntryList, name: string): number {
  const entries = document.get(list, true);
  const at = isSeq(entries) ? entries.items.findIndex((entry) => isMap(entry) && readName(entry) === name) : -1;
  if (at >= 0) return at;
  const what = list === 'targets' ? 'target' : 'job of the schedule';
  throw new UsageError('usage.argument', `no ${what} is called ${name}; see apparenet ${list} list`);
}

function readName(entry: YAMLMap): unknown {
  const name = entry.get('name', true);
  return isScalar(name) ? name.value : name;
}

/** The text of a value as a person types it: YAML, so that 5, true, [a, b] and {rttMs: 20} are what they look like. @throws UsageError */
export function parseValue(text: string): unknown {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken) throw new UsageError('usage.argument', `"${text}" is no value: ${broken.message.split('\n')[0] ?? ''}`);
  return document.toJS() as unknown;
}
