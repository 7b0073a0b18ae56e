// Which process sends other people's packets on a hop.
import type { Random } from '../model/random.js';
import type { CrossTraffic } from './cross-traffic.js';
import { OnOffTraffic } from './on-off-traffic.js';
import { PacketMix } from './packet-mix.js';
import type { CrossTrafficModel } from './path-model.js';
import { PoissonTraffic } from './poisson-traffic.js';

/** Null where nothing else is sent. `rateBitsPerSec` is what the hop carries in the long run. */
export function createCrossTraffic(
  model: CrossTrafficModel | undefined,
  { rateBitsPerSec, overheadBytes }: { readonly rateBitsPerSec: number; readonly overheadBytes: number },
  random: Random,
): CrossTraffic | null {
  if (model === undefined || model.share <= 0) return null;
  const mix = new PacketMix(model.sizeBytes, overheadBytes, random);
  return model.kind === 'on-off'
    ? new OnOffTraffic(model, mix, rateBitsPerSec, random)
    : new PoissonTraffic(model.share, mix, rateBitsPerSec, random);
}
