// Nothing answers: 100 % loss is a measured value and this is its name. Says where packets got to, as far as it shows.
import { TRACE_FLAG } from '../../model/trace.js';
import type { PathMessage, Trace } from '../../model/trace.js';
import type { PathDescription } from '../../model/path.js';
import type { Evidence, Finding } from '../../model/report.js';
import { countLoss } from '../estimators/loss/loss-ratio.js';
import { countFlag } from '../estimators/packet-fate.js';
import { explainUnreachable } from '../route/unreachable-codes.js';
import { formatCount } from './observations.js';
import type { Judgement, Observations } from './observations.js';

/** Prior odds that a target asked for by name is unreachable rather than on a path that loses very much: 1 to 1. */
const HEAVY_LOSS_PRIOR_MEAN = 0.5;

export function judgeUnreachable({ path, light }: Observations): Judgement | null {
  const { sent, lost } = countLoss(light);
  if (sent === 0 || lost < sent) return null;
  // A path with uniformly unknown loss loses all of n packets with probability 1/(n + 1).
  const lossyPath = HEAVY_LOSS_PRIOR_MEAN / (sent + 1);
  const probability = 1 - lossyPath;
  const messages = gatherMessages(path, light);
  const finding: Finding = {
    condition: 'unreachable',
    probability,
    severity: 'critical',
    ...locate(path, light, messages),
    direction: 'unknown',
    evidence: [
      { text: describeFate(path, light, sent), metric: 'loss.roundTrip', value: 1, expected: 0 },
      ...messages.map(describeMessage),
    ],
  };
  return { condition: 'unreachable', probability, finding };
}

/** Those of the path's opening, too: a router that limits its messages may have none left for the packets that come next. */
function gatherMessages(path: PathDescription, light: readonly Trace[]): PathMessage[] {
  const messages = new Map<string, PathMessage>();
  for (const message of [...(path.messages ?? []), ...light.flatMap((trace) => trace.messages)]) {
    const key = `${message.kind} ${message.code} ${message.from}`;
    messages.set(key, { ...message, count: message.count + (messages.get(key)?.count ?? 0) });
  }
  return [...messages.values()].sort((a, b) => b.count - a.count);
}

/** Packets without a link address to go to never left; to say that they were not answered would be half the truth. */
function describeFate(path: PathDescription, light: readonly Trace[], sent: number): string {
  const unaddressed = light.reduce((sum, trace) => sum + countFlag(trace, TRACE_FLAG.noNeighbour), 0);
  return unaddressed === sent
    ? `None of ${formatCount(sent, 'packet')} could leave: ${path.nextHop.address} did not answer address resolution`
    : `None of ${formatCount(sent, 'packet')} was answered`;
}

/** Nearest place where it can be seen that packets end. */
function locate(
  path: PathDescription,
  light: readonly Trace[],
  [message]: readonly PathMessage[],
): Pick<Finding, 'where' | 'advice'> {
  if (!path.port.linkUp) {
    return {
      where: { kind: 'probe' },
      advice: `Port ${path.port.name} has no link: check its cable and the switch port it leads to. Then run this again.`,
    };
  }
  if (!path.nextHop.resolved || light.some((trace) => countFlag(trace, TRACE_FLAG.noNeighbour) > 0)) {
    return {
      where: { kind: 'first-hop', address: path.nextHop.address },
      advice:
        `${path.nextHop.address} does not answer address resolution: check that it is on, that the cable leads to it, ` +
        'and that address, prefix length and VLAN of both sides match.',
    };
  }
  if (message !== undefined) {
    return {
      where: { kind: message.from === path.target.address ? 'target' : 'hop', address: message.from },
      advice: adviseOnMessage(message, path.target.address),
    };
  }
  return {
    where: { kind: 'path' },
    advice:
      `The next hop ${path.nextHop.address} answers but nothing behind it does: check that ${path.target.address} is on, ` +
      'that there is a route there and back, and that no filter drops this kind of probe: another kind may pass ' +
      '(on the command line, --via tcp).',
  };
}

function adviseOnMessage(message: PathMessage, target: string): string {
  const { from } = message;
  if (message.kind === 'time-exceeded') {
    return `Packets go in a circle, or further than their hops allow: check the routes of ${from} towards ${target}; \`apparenet path\` shows the way.`;
  }
  if (message.kind !== 'unreachable') return `Check at ${from} what it says of the packets to ${target}.`;
  switch (explainUnreachable(message.code, from).cause) {
    case 'route':
      return `Check the routes of ${from} towards ${target}.`;
    case 'host':
      return `Check that ${target} is on, that it has this address, and that its cable leads to the network of ${from}.`;
    case 'filter':
      return `Check the filters of ${from} towards ${target}: another kind of probe may pass (on the command line, --via tcp).`;
    case 'service':
      return `${from} is there and has no answer for this kind of probe: another kind may be answered (on the command line, --via icmp).`;
    case 'other':
      return `Check the routes and filters of ${from} towards ${target}.`;
  }
}

function describeMessage({ kind, code, from, count }: PathMessage): Evidence {
  const meaning = kind === 'unreachable' ? `: ${explainUnreachable(code, from).text}` : '';
  return {
    text: `${from} answered "${kind}" (code ${code}) ${formatCount(count, 'time')}${meaning}`,
    metric: 'messages',
    value: count,
    expected: 0,
  };
}
