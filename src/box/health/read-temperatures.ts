// Temperatures as the kernel's thermal zones and hardware monitors tell them, the hottest first.
// https://docs.kernel.org/driver-api/thermal/sysfs-api.html and hwmon/sysfs-interface.html: thousandths of a degree Celsius.
import type { Temperature } from '../../model/box-health.js';
import type { HostFiles } from '../host-files.js';

const PER_DEGREE = 1000;
/** Sensors that are not there, or sleep, tell such things. */
const COLDEST = -40;
const HOTTEST = 150;

export function readTemperatures(files: HostFiles): readonly Temperature[] {
  const zones = (files.list('sys/class/thermal') ?? []).filter((name) => name.startsWith('thermal_zone'));
  const monitors = files.list('sys/class/hwmon') ?? [];
  const found = [
    ...zones.flatMap((zone) => readZone(files, `sys/class/thermal/${zone}`)),
    ...monitors.flatMap((monitor) => readMonitor(files, `sys/class/hwmon/${monitor}`)),
  ];
  return found.filter(({ celsius }) => celsius > COLDEST && celsius < HOTTEST).sort((a, b) => b.celsius - a.celsius);
}

function readZone(files: HostFiles, zone: string): Temperature[] {
  const value = files.readInteger(`${zone}/temp`);
  if (value === null) return [];
  const names = files.list(zone) ?? [];
  const critical = names
    .filter((name) => /^trip_point_\d+_type$/.test(name) && files.readText(`${zone}/${name}`) === 'critical')
    .map((name) => files.readInteger(`${zone}/${name.replace('_type', '_temp')}`))
    .find((limit) => limit !== null && limit > 0);
  const sensor = files.readText(`${zone}/type`) ?? 'thermal zone';
  return [{ sensor, celsius: value / PER_DEGREE, criticalCelsius: toDegrees(critical) }];
}

function readMonitor(files: HostFiles, monitor: string): Temperature[] {
  const name = files.readText(`${monitor}/name`) ?? 'sensor';
  const inputs = (files.list(monitor) ?? []).filter((file) => /^temp\d+_input$/.test(file));
  return inputs.flatMap((input) => {
    const value = files.readInteger(`${monitor}/${input}`);
    if (value === null) return [];
    const label = files.readText(`${monitor}/${input.replace('_input', '_label')}`);
    const critical = files.readInteger(`${monitor}/${input.replace('_input', '_crit')}`);
    return [
      {
        sensor: label === null ? name : `${name} ${label}`,
        celsius: value / PER_DEGREE,
        criticalCelsius: toDegrees(critical),
      },
    ];
  });
}

function toDegrees(value: number | null | undefined): number | null {
  return value === null || value === undefined || value <= 0 ? null : value / PER_DEGREE;
}
