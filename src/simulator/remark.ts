// What a hop makes of a traffic class (DSCP · 4 + ECN, RFC 2474 and RFC 3168).
import type { RemarkModel } from './path-model.js';

const ECN_MASK = 0b11;

export function remarkClass(trafficClass: number, remark: RemarkModel): number {
  switch (remark.kind) {
    case 'map':
      return remark.to[trafficClass] ?? trafficClass;
    case 'clear-dscp':
      return trafficClass & ECN_MASK;
    case 'clear-ecn':
      return trafficClass & ~ECN_MASK;
  }
}
