// How a path ends: at its target, at somebody who refuses, in a circle, or in silence; and what each of them means.
import { DIRECT_TTL, type HopSample, type RouteEnd } from '../../model/route.js';
import { findLastTtl, findLoop, findRefusal, findTargetTtl, type Refusal } from './hop-table.js';
import { explainUnreachable } from './unreachable-codes.js';

export interface EndFacts {
  /** Our own address: the kernel here speaks for a next hop that does not exist. */
  readonly ownAddress: string;
  readonly maxHops: number;
  readonly interrupted: boolean;
}

export function judgeEnd(samples: readonly HopSample[], facts: EndFacts): RouteEnd {
  const lastTtl = findLastTtl(samples);
  if (findTargetTtl(samples) !== null) return { kind: 'target', lastTtl, text: `The target is hop ${lastTtl}` };
  const refusal = findRefusal(samples);
  if (refusal !== null) return describeRefusal(refusal, samples, facts);
  const loop = findLoop(samples);
  if (loop !== null) {
    const text =
      `Packets go in a circle: ${loop.address} is hop ${loop.first} and hop ${loop.again}; ` +
      'two routers point at each other for this target';
    return { kind: 'loop', lastTtl, text };
  }
  if (facts.interrupted) return { kind: 'interrupted', lastTtl, text: 'Stopped before the target was found' };
  const isReachable = samples.some((sample) => sample.ttl === DIRECT_TTL && sample.answer?.kind === 'target');
  if (isReachable || lastTtl >= facts.maxHops) {
    const text = `${isReachable ? 'The target answers, but it' : 'The target'} is more than ${facts.maxHops} hops away`;
    return { kind: 'max-hops', lastTtl, text };
  }
  return { kind: 'silent', lastTtl, text: describeSilence(lastTtl) };
}

function describeSilence(lastTtl: number): string {
  if (lastTtl === 0) return 'Nobody answered: the next hop is down, or everything is filtered';
  return (
    `Hop ${lastTtl} is the last that answers; whatever is behind it is down, drops these probes, or its answers do not ` +
    'come back'
  );
}

function describeRefusal(refusal: Refusal, samples: readonly HopSample[], { ownAddress }: EndFacts): RouteEnd {
  const { from, code, ttl } = refusal;
  const lastTtl = findLastTtl(samples);
  if (from === ownAddress) {
    const text = 'The next hop does not answer on the link: no packet could leave this machine';
    return { kind: 'refused', lastTtl, text };
  }
  const place = ttl === DIRECT_TTL ? from : `Hop ${ttl} (${from})`;
  const text = `${place} sends no further: ${explainUnreachable(code, from).text}`;
  return { kind: 'refused', lastTtl: ttl === DIRECT_TTL ? lastTtl : Math.max(lastTtl, ttl), text };
}
