// What every analysis of a recording must say of its origin, in sentences. Pure.
import type { Recording } from './read-recording.js';

/** Stacks begin with one of these. */
const FIRST_TTLS = [32, 64, 128, 255] as const;
/** A packet that passed more routers than this began with a smaller TTL than supposed. */
const MOST_ROUTERS = 30;

export function describeOrigin({ notes }: Recording): string[] {
  return [
    'From a recording: nothing was sent, and what its stamps are worth depends on the machine that recorded',
    ...notes,
  ];
}

/** By the TTL of the first request. Times are differences at the recording point, wherever that was. */
export function describePlace(probe: string, ttl: number): string[] {
  const first = FIRST_TTLS.find((each) => each >= ttl && each - ttl <= MOST_ROUTERS);
  if (first === undefined) return ['Times are those between the recording point and the target'];
  const routers = first - ttl;
  return routers === 0
    ? [`Times are those between the recording point, in front of the first router of ${probe}, and the target`]
    : [
        `Times are those between the recording point and the target: about ${routers} routers lie between ${probe} and it, ` +
          'and what happens there does not show',
      ];
}

export function describeRest(others: number, names: string): string[] {
  return others <= 0
    ? []
    : [`The recording holds ${others} more exchanges; --target and --probe choose among ${names}`];
}
