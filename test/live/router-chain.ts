// A chain of network namespaces for live tests: a probe, routers one behind the other, and a target. Nothing leads out of it.
import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';

const ip = (...words: string[]): string => execFileSync('ip', words, { encoding: 'utf8' });

export interface RouterChain {
  /** `nodes[0]` is the probe, the last one the target, those between route. */
  readonly nodes: readonly string[];
  readonly target: string;
  readonly target6: string;
  /** Address of router `hop` (1 is the first) on its side towards the probe: the one it answers from. */
  readonly address: (hop: number) => string;
  readonly address6: (hop: number) => string;
  /** Takes link `link` away and puts the ports `port` in its place, which somebody made in both nodes. */
  replaceLink(link: number, port: string): void;
  /** Runs a command in the namespace of node `index` and gives its stdout. */
  exec(index: number, ...command: string[]): string;
  start(index: number, command: readonly string[], options?: SpawnOptions): ChildProcess;
  remove(): void;
}

let made = 0;

/**
 * `routers` of them. Link `i` joins node i (port `out0`, 10.70.i.1, fd70:i::1) and node i + 1 (port `in0`, 10.70.i.2, fd70:i::2).
 * Usable at once: no port looks for doubles of its addresses.
 */
export function createRouterChain(routers: number): RouterChain {
  made += 1;
  const nodes = Array.from({ length: routers + 2 }, (_, i) => `pth-${process.pid}-${made}-${i}`);
  const last = nodes.length - 1;
  const exec = (index: number, ...command: string[]): string => ip('netns', 'exec', nodes[index] ?? '', ...command);
  for (const node of nodes) ip('netns', 'add', node);
  for (let link = 0; link < last; link += 1) joinNodes(nodes[link] ?? '', nodes[link + 1] ?? '', link);
  for (let node = 0; node <= last; node += 1) addRoutes(nodes[node] ?? '', node, last);
  return {
    nodes,
    target: `10.70.${last - 1}.2`,
    target6: `fd70:${last - 1}::2`,
    address: (hop) => `10.70.${hop - 1}.2`,
    // As RFC 5952 shortens it.
    address6: (hop) => (hop === 1 ? 'fd70::2' : `fd70:${hop - 1}::2`),
    replaceLink(link, port) {
      exec(link, 'ip', 'link', 'del', 'out0');
      addressPort(nodes[link] ?? '', port, link, 1);
      addressPort(nodes[link + 1] ?? '', port, link, 2);
      addRoutes(nodes[link] ?? '', link, last);
      addRoutes(nodes[link + 1] ?? '', link + 1, last);
    },
    exec,
    start: (index, command, options) => spawn('ip', ['netns', 'exec', nodes[index] ?? '', ...command], options ?? {}),
    remove() {
      for (const node of nodes) ip('netns', 'del', node);
    },
  };
}

function joinNodes(near: string, far: string, link: number): void {
  ip('link', 'add', 'out0', 'netns', near, 'type', 'veth', 'peer', 'name', 'in0', 'netns', far);
  for (const [node, port, host] of [
    [near, 'out0', 1],
    [far, 'in0', 2],
  ] as const) {
    addressPort(node, port, link, host);
  }
}

function addressPort(node: string, port: string, link: number, host: 1 | 2): void {
  ip('netns', 'exec', node, 'sh', '-c', `echo 0 > /proc/sys/net/ipv6/conf/${port}/accept_dad`);
  ip('-n', node, 'address', 'add', `10.70.${link}.${host}/24`, 'dev', port);
  ip('-n', node, 'address', 'add', `fd70:${link}::${host}/64`, 'dev', port);
  ip('-n', node, 'link', 'set', port, 'up');
}

/** Whatever is on no link of a node lies ahead of it, except the links before it. */
function addRoutes(node: string, index: number, last: number): void {
  ip('-n', node, 'link', 'set', 'lo', 'up');
  for (const setting of ['ipv4/ip_forward', 'ipv6/conf/all/forwarding']) {
    ip('netns', 'exec', node, 'sh', '-c', `echo 1 > /proc/sys/net/${setting}`);
  }
  if (index < last) {
    ip('-n', node, 'route', 'replace', 'default', 'via', `10.70.${index}.2`);
    ip('-n', node, '-6', 'route', 'replace', 'default', 'via', `fd70:${index}::2`);
  }
  if (index === 0) return;
  if (index === last) {
    ip('-n', node, 'route', 'replace', 'default', 'via', `10.70.${index - 1}.1`);
    ip('-n', node, '-6', 'route', 'replace', 'default', 'via', `fd70:${index - 1}::1`);
    return;
  }
  for (let link = 0; link < index - 1; link += 1) {
    ip('-n', node, 'route', 'replace', `10.70.${link}.0/24`, 'via', `10.70.${index - 1}.1`);
    ip('-n', node, '-6', 'route', 'replace', `fd70:${link}::/64`, 'via', `fd70:${index - 1}::1`);
  }
}
