// The port runs slower, or in a poorer duplex, than both ends of its cable can. Needs no packet, only what the port tells.
import type { LinkMode, PortFacts } from '../../model/path.js';
import type { Evidence, Finding } from '../../model/report.js';
import type { Judgement, Observations } from './observations.js';

/** Both ends were heard to offer the better mode: what is left is a driver that reports wrongly. */
const SEEN_AT_BOTH_ENDS = 0.97;
/** Only our end is known. Most slow ports hang on a partner that can do no more; slower than 1 Gb/s is rarer and less so. */
const SEEN_HERE_ONLY = 0.4;

/** Virtual ports name a speed without a link behind it and list no modes; they are left alone. */
export function judgeLowNegotiation({ path }: Observations): Judgement | null {
  const { port } = path;
  if (!port.linkUp || port.speedBitsPerSec === null || port.supportedModes.length === 0) return null;
  const { partnerModes } = port;
  const common = port.supportedModes.filter((mode) => partnerModes?.some((other) => isSameMode(mode, other)) ?? true);
  const best = selectBestMode(common);
  if (best === null || !isBetter(best, port)) return null;
  const probability = partnerModes === null ? SEEN_HERE_ONLY : SEEN_AT_BOTH_ENDS;
  return { condition: 'low-negotiation', probability, finding: describe(port, best, probability) };
}

function describe(port: PortFacts, best: LinkMode, probability: number): Finding {
  const ends = port.partnerModes === null ? 'the port can do' : 'both ends can do';
  const evidence: Evidence[] = [
    {
      text: `Port ${port.name} runs at ${nameSpeed(port.speedBitsPerSec ?? 0)} ${port.duplex}; ${ends} ${nameMode(best)}`,
      metric: 'port.speedBitsPerSec',
      value: port.speedBitsPerSec,
      expected: best.speedBitsPerSec,
    },
  ];
  if (port.partnerModes === null) {
    evidence.push({
      text: 'What the other end of the cable can do was not visible from here',
      metric: 'port.partnerModes',
      value: null,
      expected: nameMode(best),
    });
  }
  const isForced = port.autoNegotiation === false;
  return {
    condition: 'low-negotiation',
    probability,
    severity: port.partnerModes === null ? 'info' : 'warning',
    where: { kind: 'probe' },
    direction: 'both',
    evidence,
    advice: isForced
      ? `Auto-negotiation is off on port ${port.name}: switch it on at both ends of the cable.`
      : `Try another cable (${nameSpeed(best.speedBitsPerSec)} needs all its pairs) and look at the settings of the switch port.`,
  };
}

function isBetter(mode: LinkMode, port: PortFacts): boolean {
  const speed = port.speedBitsPerSec ?? 0;
  return (
    mode.speedBitsPerSec > speed || (mode.speedBitsPerSec === speed && mode.duplex === 'full' && port.duplex === 'half')
  );
}

function isSameMode(a: LinkMode, b: LinkMode): boolean {
  return a.speedBitsPerSec === b.speedBitsPerSec && a.duplex === b.duplex;
}

/** Fastest, and full before half. */
function selectBestMode(modes: readonly LinkMode[]): LinkMode | null {
  return modes.reduce<LinkMode | null>((best, mode) => {
    if (best === null || mode.speedBitsPerSec > best.speedBitsPerSec) return mode;
    return mode.speedBitsPerSec === best.speedBitsPerSec && mode.duplex === 'full' ? mode : best;
  }, null);
}

function nameSpeed(bitsPerSec: number): string {
  return bitsPerSec >= 1e9 ? `${bitsPerSec / 1e9} Gb/s` : `${bitsPerSec / 1e6} Mb/s`;
}

function nameMode(mode: LinkMode): string {
  return `${nameSpeed(mode.speedBitsPerSec)} ${mode.duplex}`;
}
