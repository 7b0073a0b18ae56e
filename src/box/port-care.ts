// Switches off, for the time of a measurement, what delays, merges or batches packets on a port, and puts it back: at the end, at
// the end of the process, and after a process that was killed, by the next one. Which settings those are is decided here.
import { HostFiles } from './host-files.js';
import {
  readPortSettings,
  writePortSetting,
  type PortSettingName,
  type PortSettings,
  type PortSettingValues,
} from './native-host.js';
import { CareLedger, type CareEntry } from './port-care-ledger.js';

export interface CaredPort {
  /** What could not be switched off and what that means, one sentence each. */
  readonly notes: readonly string[];
  /** Names of the settings that were changed. */
  readonly changed: readonly PortSettingName[];
  /** Safe to call twice. */
  restore(): void;
}

export interface PortCareOptions {
  /** A port that a person set apart for tests: settings whose change interrupts other traffic are changed there, too. */
  readonly isTestPort: boolean;
  readonly ledger?: CareLedger;
  readonly source?: PortCareSource;
}

/** Where settings come from and go to; tests record them. */
export interface PortCareSource {
  readonly read: (port: string) => PortSettings | null;
  /** @throws with an `errno` */
  readonly write: (port: string, setting: PortSettingName, value: number) => void;
}

const MACHINE: PortCareSource = { read: readPortSettings, write: writePortSetting };

/** Changed on every port: no packet of anybody is lost or late by it. */
const HARMLESS: PortSettingValues = { rxUsecs: 0, rxAdaptive: 0, gro: 0 };
/** Many drivers reset the NIC for these, EEE renegotiates the link, and without GSO other programs need more processor time. */
const INTRUSIVE: PortSettingValues = { lro: 0, tso: 0, gso: 0, eee: 0 };

const NOTHING_DONE: CaredPort = { notes: [], changed: [], restore: () => undefined };

/**
 * What a killed process left changed on any port of this network namespace is restored first. Measurements of one port at the same
 * time, in this process or another, share its settings: the last one that wants a setting puts it back.
 */
export function carePort(port: string, options: PortCareOptions): CaredPort {
  const { isTestPort, ledger = new CareLedger(), source = MACHINE } = options;
  const machine = { ledger, source };
  restoreAbandoned(machine);
  if (port === 'lo') return NOTHING_DONE;
  const before = source.read(port);
  if (before === null) return NOTHING_DONE;
  const wanted = isTestPort ? { ...HARMLESS, ...INTRUSIVE } : HARMLESS;
  const different = selectDifferent(before, wanted);
  const saved = { ...different, ...pick(ledger.readHeld(port), Object.keys(wanted)) };
  if (Object.keys(saved).length === 0) return NOTHING_DONE;
  // The ledger goes first: a kill between the two lines must not leave a changed port that nobody knows of.
  const entry = ledger.enter(port, saved);
  const toChange = pick(wanted, Object.keys(different));
  const refused = entry === null ? Object.keys(toChange) : writeAll(port, toChange, source).map(({ name }) => name);
  const notes = describeRefused(port, before, refused);
  if (entry === null) return { notes, changed: [], restore: () => undefined };
  const changed = Object.keys(different).filter((name) => !refused.includes(name)) as PortSettingName[];
  return { notes, changed, restore: createRestore({ ...entry, settings: omit(saved, refused) }, machine) };
}

interface Machine {
  readonly ledger: CareLedger;
  readonly source: PortCareSource;
}

/** Also runs when the process ends by itself, before which no close was called. */
function createRestore(entry: CareEntry, machine: Machine): () => void {
  let isRestored = false;
  const restore = (): void => {
    if (isRestored) return;
    isRestored = true;
    process.off('exit', restore);
    restoreEntry(entry, machine);
  };
  process.on('exit', restore);
  return restore;
}

/** Where this process has not the rights, the entry stays for one that has. */
function restoreAbandoned(machine: Machine): void {
  for (const entry of machine.ledger.readAbandoned()) restoreEntry(entry, machine);
}

/** What another measurement still needs changed stays: it is in that one's entry, too. */
function restoreEntry(entry: CareEntry, { ledger, source }: Machine): void {
  const port = ledger.findName(entry);
  const readFree = (): PortSettingValues => {
    return port === null ? {} : omit(entry.settings, Object.keys(ledger.readHeld(port, entry)));
  };
  const free = readFree();
  const refused = port === null ? [] : writeAll(port, free, source);
  if (refused.some(({ isForbidden }) => isForbidden)) return;
  ledger.remove(entry);
  // Two that end together each saw the other one; who looks last sees nobody any more.
  if (port !== null) writeAll(port, omit(readFree(), Object.keys(free)), source);
}

/** Settings whose value is not the wanted one, with the value they have. */
function selectDifferent(before: PortSettings, wanted: PortSettingValues): PortSettingValues {
  const entries = Object.entries(before) as [PortSettingName, number | null][];
  const different = entries.filter(([name, value]) => value !== null && name in wanted && wanted[name] !== value);
  return Object.fromEntries(different);
}

function pick(values: PortSettingValues, names: readonly string[]): PortSettingValues {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

function omit(values: PortSettingValues, names: readonly string[]): PortSettingValues {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

interface Refused {
  readonly name: string;
  /** For want of rights: another user could. */
  readonly isForbidden: boolean;
}

/** What the driver or the kernel refused; a vanished port needs nothing restored. */
function writeAll(port: string, values: PortSettingValues, source: PortCareSource): Refused[] {
  return Object.entries(values).flatMap(([name, value]) => {
    try {
      source.write(port, name as PortSettingName, value);
      return [];
    } catch (error) {
      const { errno } = error as { readonly errno?: unknown };
      return [{ name, isForbidden: errno === 'EPERM' || errno === 'EACCES' }];
    }
  });
}

/** Only what matters to a stamp, and only if it does: GRO merges packets of no kind that we send. */
function describeRefused(port: string, before: PortSettings, refused: readonly string[]): string[] {
  const waitUs = before.rxUsecs ?? 0;
  const isBatched = (refused.includes('rxUsecs') && waitUs > 0) || refused.includes('rxAdaptive');
  if (!isBatched) return [];
  const wait = before.rxAdaptive === 1 ? 'for company' : `up to ${waitUs} µs for company`;
  return [
    `Port ${port} holds received packets back ${wait} before it stamps them; to switch that off: sudo ethtool -C ${port} adaptive-rx off rx-usecs 0`,
  ];
}

/** Whether the kernel's own route to everywhere leaves by this port: then people's traffic does, too. */
export function readIsDefaultPort(port: string, files = new HostFiles()): boolean {
  const rows = (path: string): string[][] =>
    (files.readText(path) ?? '').split('\n').map((line) => line.trim().split(/\s+/));
  const by4 = rows('proc/self/net/route').some(([name, to, , , , , , mask]) => {
    return name === port && to === '00000000' && mask === '00000000';
  });
  const by6 = rows('proc/self/net/ipv6_route').some(
    (row) => row[9] === port && /^0{32}$/.test(row[0] ?? '') && row[1] === '00',
  );
  return by4 || by6;
}
