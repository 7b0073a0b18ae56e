// Whether the wall clock follows an outside source, as the kernel and a few files tell. One-way figures need it; round trips do not.
import type { ClockHealth } from '../model/box-health.js';
import { HostFiles } from './host-files.js';

/** What the kernel tells of the clock's discipline; null where it may not be asked. */
export type ReadDiscipline = () => { readonly synchronized: boolean; readonly maxErrorNs: number } | null;

/**
 * The kernel's word goes first. Without it the mark of systemd-timesyncd, which it touches at its first good answer; the other
 * services only show that they run.
 */
export function readClockState(files: HostFiles, readDiscipline: ReadDiscipline): ClockHealth {
  const marks = readMarks(files);
  const discipline = readDiscipline();
  return {
    synchronized: discipline?.synchronized ?? marks.synchronized,
    service: marks.service,
    maxErrorNs: discipline?.synchronized ? discipline.maxErrorNs : null,
    source: files.readText('sys/devices/system/clocksource/clocksource0/current_clocksource'),
  };
}

function readMarks(files: HostFiles): Pick<ClockHealth, 'synchronized' | 'service'> {
  const timesync = files.list('run/systemd/timesync');
  if (timesync) return { synchronized: timesync.includes('synchronized'), service: 'systemd-timesyncd' };
  if (files.list('run/chrony')?.some((name) => name.startsWith('chronyd')))
    return { synchronized: null, service: 'chrony' };
  if (files.readText('run/ntpd.pid') !== null) return { synchronized: null, service: 'ntpd' };
  return { synchronized: null, service: null };
}
