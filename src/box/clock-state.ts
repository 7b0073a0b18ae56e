// Whether the wall clock follows an outside source, as far as files tell. One-way figures need it; round trips do not.
import { HostFiles } from './host-files.js';

export interface ClockState {
  /** null: a time service runs that leaves no mark, or none was found. */
  readonly synchronized: boolean | null;
  /** The service that keeps the clock; null where none was found. */
  readonly service: 'systemd-timesyncd' | 'chrony' | 'ntpd' | null;
}

/** systemd-timesyncd touches `synchronized` at its first good answer; the others only show that they run. */
export function readClockState(files = new HostFiles()): ClockState {
  const timesync = files.list('run/systemd/timesync');
  if (timesync) return { synchronized: timesync.includes('synchronized'), service: 'systemd-timesyncd' };
  if (files.list('run/chrony')?.some((name) => name.startsWith('chronyd')))
    return { synchronized: null, service: 'chrony' };
  if (files.readText('run/ntpd.pid') !== null) return { synchronized: null, service: 'ntpd' };
  return { synchronized: null, service: null };
}
