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
 * What a killed process left changed on any port of this network namespace is restored first. A port that another living process
 * prepared stays as that one wants it.
 */
export function carePort(port: string, options: PortCareOptions): CaredPort {
  const { isTestPort, ledger = new CareLedger(), source = MACHINE } = options;
  for (const left of ledger.takeAbandoned()) writeAll(left.port, left.settings, source);
  if (port === 'lo' || ledger.isHeldByOther(port)) return NOTHING_DONE;
  const before = source.read(port);
  if (before === null) return NOTHING_DONE;
  const wanted = isTestPort ? { ...HARMLESS, ...INTRUSIVE } : HARMLESS;
  const saved = selectDifferent(before, wanted);
  if (Object.keys(saved).length === 0) return NOTHING_DONE;
  // The ledger goes first: a kill between the two lines must not leave a changed port that nobody knows of.
  const entry = ledger.write(port, saved);
  const refused = entry === null ? Object.keys(saved) : writeAll(port, pick(wanted, Object.keys(saved)), source);
  const changed = Object.keys(saved).filter((name) => !refused.includes(name)) as PortSettingName[];
  const notes = describeRefused(port, before, refused);
  if (entry === null) return { notes, changed: [], restore: () => undefined };
  return { notes, changed, restore: createRestore(entry, pick(saved, changed), { ledger, source }) };
}

/** Also runs when the process ends by itself, before which no close was called. */
function createRestore(
  entry: CareEntry,
  saved: PortSettingValues,
  { ledger, source }: { readonly ledger: CareLedger; readonly source: PortCareSource },
): () => void {
  let isRestored = false;
  const restore = (): void => {
    if (isRestored) return;
    isRestored = true;
    process.off('exit', restore);
    writeAll(entry.port, saved, source);
    ledger.remove(entry);
  };
  process.on('exit', restore);
  return restore;
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

/** Names of those that the driver or the kernel refused; a vanished port needs nothing restored. */
function writeAll(port: string, values: PortSettingValues, source: PortCareSource): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    try {
      source.write(port, name as PortSettingName, value);
      return [];
    } catch {
      return [name];
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
