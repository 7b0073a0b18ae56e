// Figures of the box's health -> what somebody should do something about. Pure.
import type { BoxHealth, HealthConcern } from '../../model/box-health.js';
import { formatFigure, VOLUME } from '../../model/figures.js';

type Figures = Omit<BoxHealth, 'concerns'>;

/** Usual limits of boards without a fan; where the driver names a critical temperature, this much below it. */
const WARM_CELSIUS = 80;
const HOT_CELSIUS = 90;
const BELOW_CRITICAL = { warm: 15, hot: 5 } as const;
const LITTLE_MEMORY = { warning: 0.1, critical: 0.04 } as const;
const LITTLE_ROOM = { warning: 0.1, critical: 0.03 } as const;
/** Of the life of the flash. */
const WORN = { warning: 0.8, critical: 1 } as const;
/** Programs in the queue for each processor over 15 minutes, and share of a minute spent waiting for one. */
const CROWDED = 1.5;
const STALLED = 0.5;
/** Counters behind slow buses: reading the time then costs a microsecond or more. */
const SLOW_CLOCKS = ['acpi_pm', 'hpet', 'jiffies', 'refined-jiffies'];

/** The worst first. */
export function judgeHealth(figures: Figures): readonly HealthConcern[] {
  const concerns = [
    ...judgeTemperature(figures),
    ...judgeStorage(figures),
    ...judgeMemory(figures),
    ...judgeLoad(figures),
    ...judgeClock(figures),
  ];
  return sortConcerns(concerns);
}

/** With what others found, each in its place. */
export function addConcerns(health: BoxHealth, concerns: readonly HealthConcern[]): BoxHealth {
  return { ...health, concerns: sortConcerns([...health.concerns, ...concerns]) };
}

function sortConcerns(concerns: readonly HealthConcern[]): readonly HealthConcern[] {
  const order = ['critical', 'warning', 'info'];
  return [...concerns].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

function judgeTemperature({ temperatures }: Figures): HealthConcern[] {
  return temperatures.flatMap(({ sensor, celsius, criticalCelsius }) => {
    const warm = criticalCelsius === null ? WARM_CELSIUS : criticalCelsius - BELOW_CRITICAL.warm;
    const hot = criticalCelsius === null ? HOT_CELSIUS : criticalCelsius - BELOW_CRITICAL.hot;
    if (celsius < warm) return [];
    const limit = criticalCelsius === null ? '' : `, and ${Math.round(criticalCelsius)} °C is its limit`;
    return [
      {
        subject: 'temperature' as const,
        severity: celsius >= hot ? ('critical' as const) : ('warning' as const),
        text: `${sensor} is at ${Math.round(celsius)} °C${limit}`,
        advice:
          'Give the box air. A processor that slows itself down sends late, and results are limited by the probe.',
      },
    ];
  });
}

function judgeStorage({ storage }: Figures): HealthConcern[] {
  if (storage === null) return [];
  const { folder, availableBytes, totalBytes, readOnly, wear } = storage;
  const concerns: HealthConcern[] = [];
  if (readOnly) {
    concerns.push({
      subject: 'storage',
      severity: 'critical',
      text: `${folder} can only be read: nothing is remembered`,
      advice: 'Worn or damaged flash is often switched to read-only. Look at the kernel log, and replace it.',
    });
  }
  const share = totalBytes > 0 ? availableBytes / totalBytes : 1;
  const room = chooseSeverity(LITTLE_ROOM, (limit) => share < limit);
  if (room !== null) {
    concerns.push({
      subject: 'storage',
      severity: room,
      text: `${formatFigure(availableBytes, VOLUME)} of ${formatFigure(totalBytes, VOLUME)} are left for ${folder}`,
      advice: 'Delete what is not needed there, or let less history be kept.',
    });
  }
  const worn = wear === null ? null : chooseSeverity(WORN, (limit) => wear >= limit);
  if (worn !== null) {
    concerns.push({
      subject: 'storage',
      severity: worn,
      text: `${Math.round((wear ?? 0) * 100)} % of the life of the flash under ${folder} is used`,
      advice: 'Save the configuration and the history, and replace the card or the board.',
    });
  }
  return concerns;
}

function judgeMemory({ memory }: Figures): HealthConcern[] {
  if (memory === null) return [];
  const severity = chooseSeverity(LITTLE_MEMORY, (limit) => memory.availableBytes < limit * memory.totalBytes);
  if (severity === null) return [];
  const left = formatFigure(memory.availableBytes, VOLUME);
  return [
    {
      subject: 'memory',
      severity,
      text: `${left} of ${formatFigure(memory.totalBytes, VOLUME)} of memory are left`,
      advice: 'Stop other programs on this machine: the kernel ends one when there is none left.',
    },
  ];
}

function judgeLoad({ load }: Figures): HealthConcern[] {
  if (load === null) return [];
  const isCrowded = load.load15 > CROWDED * load.processors;
  const isStalled = load.stalled !== null && load.stalled.processor > STALLED;
  if (!isCrowded && !isStalled) return [];
  const waiting =
    load.stalled === null ? '' : `, some waited in ${Math.round(load.stalled.processor * 100)} % of the last minute`;
  return [
    {
      subject: 'load',
      severity: 'warning',
      text: `${load.load15.toFixed(1)} programs wanted the ${load.processors} processors in the last 15 minutes${waiting}`,
      advice: 'Let the probe have the machine for itself: late sends make results less exact, and reports say so.',
    },
  ];
}

function judgeClock({ clock }: Figures): HealthConcern[] {
  const concerns: HealthConcern[] = [];
  if (clock.synchronized === false || (clock.synchronized === null && clock.service === null)) {
    concerns.push({
      subject: 'clock',
      severity: clock.service === null ? 'info' : 'warning',
      text:
        clock.service === null ? 'no service keeps the clock' : `${clock.service} has not synchronized the clock yet`,
      advice: 'Times in the history may be wrong and calendar work waits. Check that a time server can be reached.',
    });
  }
  if (clock.source !== null && SLOW_CLOCKS.includes(clock.source)) {
    concerns.push({
      subject: 'clock',
      severity: 'warning',
      text: `the kernel reads its time from ${clock.source}, which is slow`,
      advice: 'Kernel and user stamps are less exact than they could be: look for "clocksource" in the kernel log.',
    });
  }
  return concerns;
}

function chooseSeverity(
  limits: { readonly warning: number; readonly critical: number },
  isBeyond: (limit: number) => boolean,
): 'warning' | 'critical' | null {
  if (isBeyond(limits.critical)) return 'critical';
  return isBeyond(limits.warning) ? 'warning' : null;
}
