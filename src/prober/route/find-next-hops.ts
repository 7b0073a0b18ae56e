// Looks for routers side by side with further flows: a router that spreads its load sends some of them another way.
import { findLastTtl, findTargetTtl, isHopAnswer } from '../../analysis/route/hop-table.js';
import { countFlowsNeeded } from '../../analysis/route/next-hops.js';
import type { HopSample } from '../../model/route.js';
import type { FindOptions } from './find-hops.js';
import type { Asker } from './route-session.js';

export interface FlowOptions extends FindOptions {
  readonly samples: readonly HopSample[];
  /** Called before each flow, for a pause that lets routers answer again. */
  readonly rest: () => Promise<void>;
}

/** Further flows to every hop before the target, until one more next hop than seen is ruled out with 95 %. */
export async function findNextHops(asker: Asker, options: FlowOptions): Promise<HopSample[]> {
  const samples = [...options.samples];
  const last = findTargetTtl(samples) ?? findLastTtl(samples) + 1;
  const answering = Array.from({ length: last - 1 }, (_, i) => i + 1).filter((ttl) =>
    samples.some((sample) => sample.ttl === ttl && isHopAnswer(sample)),
  );
  const needed = (ttl: number): number => {
    const here = samples.filter((sample) => sample.ttl === ttl && isHopAnswer(sample));
    return countFlowsNeeded(new Set(here.map(({ answer }) => answer?.from)).size);
  };
  for (let flow = 1; flow < Math.max(0, ...answering.map(needed)) && !options.signal.aborted; flow += 1) {
    await options.rest();
    const ttls = answering.filter((ttl) => flow < needed(ttl));
    const probes = ttls.map((ttl) => ({ ttl, sizeBytes: options.probeBytes, flow }));
    samples.push(...(await asker.ask(probes, options.signal)));
  }
  return samples.slice(options.samples.length);
}
