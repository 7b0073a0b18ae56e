// The reflector's counters in one line; what never happened is left out.
import type { ReflectorCounters } from './services.js';

export function renderCounters(counters: ReflectorCounters): string {
  const { received, reflected, sessions, foreign, notAllowed, rateLimited, sendFailures } = counters;
  const stamped = counters.stampsKernel + counters.stampsHardware;
  const source = counters.stampsHardware > 0 ? 'hardware' : 'kernel';
  const rare: readonly (readonly [number, string])[] = [
    [counters.trains, counters.trains === 1 ? 'train sent' : 'trains sent'],
    [counters.trainsRefused, 'trains refused'],
    [foreign, 'foreign'],
    [notAllowed, 'from sources not allowed'],
    [rateLimited, 'over the rate limit'],
    [sendFailures, 'could not be sent'],
    [counters.stampsMissing, 'without a stamp'],
  ];
  return [
    `${received} received`,
    `${reflected} reflected`,
    `${sessions} ${sessions === 1 ? 'session' : 'sessions'}`,
    ...(stamped > 0 ? [`${stamped} ${source} stamps`] : []),
    ...rare.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`),
  ].join(' · ');
}
