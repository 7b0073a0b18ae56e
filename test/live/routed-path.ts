// A test path whose far end is a router with a network behind it: near - far - beyond.
import { execFileSync } from 'node:child_process';
import { createTestPath, type TestPath } from './test-path.js';

export interface RoutedPath {
  readonly path: TestPath;
  /** The namespace behind the router, on its port `bp`; the router's port there is `rp`. */
  readonly beyond: string;
  readonly beyondAddress: string;
  readonly beyondAddress6: string;
  /** Runs a command in `beyond` and gives its stdout. */
  execBeyond(...command: string[]): string;
  remove(): void;
}

const ip = (...words: string[]): string => execFileSync('ip', words, { encoding: 'utf8' });

/** Beyond is 10.67.0.2/24 and fd67::2/64; the router is .1 and ::1 there. Both ends know the way. */
export function createRoutedPath(): RoutedPath {
  const path = createTestPath();
  const beyond = `${path.far}b`;
  const execBeyond = (...command: string[]): string => ip('netns', 'exec', beyond, ...command);
  ip('netns', 'add', beyond);
  ip('link', 'add', 'rp', 'netns', path.far, 'type', 'veth', 'peer', 'name', 'bp', 'netns', beyond);
  for (const [namespace, port, host] of [
    [path.far, 'rp', 1],
    [beyond, 'bp', 2],
  ] as const) {
    ip('netns', 'exec', namespace, 'sh', '-c', `echo 0 > /proc/sys/net/ipv6/conf/${port}/accept_dad`);
    ip('-n', namespace, 'address', 'add', `10.67.0.${host}/24`, 'dev', port);
    ip('-n', namespace, 'address', 'add', `fd67::${host}/64`, 'dev', port);
    ip('-n', namespace, 'link', 'set', port, 'up');
  }
  ip('-n', path.near, 'route', 'add', 'default', 'via', path.farAddress);
  ip('-n', path.near, '-6', 'route', 'add', 'default', 'via', path.farAddress6);
  ip('-n', beyond, 'route', 'add', 'default', 'via', '10.67.0.1');
  ip('-n', beyond, '-6', 'route', 'add', 'default', 'via', 'fd67::1');
  for (const setting of ['ipv4/ip_forward', 'ipv6/conf/all/forwarding']) {
    path.exec('far', 'sh', '-c', `echo 1 > /proc/sys/net/${setting}`);
  }
  return {
    path,
    beyond,
    beyondAddress: '10.67.0.2',
    beyondAddress6: 'fd67::2',
    execBeyond,
    remove() {
      ip('netns', 'del', beyond);
      path.remove();
    },
  };
}
