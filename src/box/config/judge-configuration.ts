// What of the configuration file somebody should do something about. Pure.
import type { HealthConcern } from '../../model/box-health.js';

/** `refused` says why the file does not count; null where it does. */
export function judgeConfiguration(path: string, refused: string | null): readonly HealthConcern[] {
  if (refused === null) return [];
  return [
    {
      subject: 'configuration',
      severity: 'warning',
      text: `${path} does not count as it is now: ${refused}`,
      advice: 'What counted before goes on, nothing after a start. "apparenet config check" tells when it is sound.',
    },
  ];
}
