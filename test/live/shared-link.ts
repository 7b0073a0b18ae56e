// A path over a router, with a neighbour whose traffic shares the narrow link: four network namespaces that nothing leads out of.
//   near ── router ══ far          ══ is shaped towards far
//   side ──┘
// Needs root.
import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { availableParallelism } from 'node:os';

const ip = (...words: string[]): string => execFileSync('ip', words, { encoding: 'utf8' });

export type SharedLinkPlace = 'near' | 'side' | 'router' | 'far';

export interface SharedLink {
  readonly namespaces: Readonly<Record<SharedLinkPlace, string>>;
  readonly nearAddress: string;
  readonly farAddress: string;
  /** Replaces what shapes the link from the router towards far; the words follow `tc qdisc replace dev PORT root`. */
  shape(...words: string[]): void;
  /** The same for the link from the router back to near. */
  shapeBack(...words: string[]): void;
  exec(where: SharedLinkPlace, ...command: string[]): string;
  /**
   * Has a processor of its own forward for as long as `isApart`; what sends at near is to run behind these words, and what runs
   * at far keeps to that processor, too. Without it the kernel
   * forwards and shapes on the processor of the program that sends: at 500 Mb/s that is the rest of its time, and a sender that is to be
   * faster than the link keeps pace with it. No words on a machine of one processor.
   */
  forwardApart(isApart: boolean, atFar: readonly ChildProcess[]): readonly string[];
  /** Starts one that goes on; the caller ends it. */
  start(where: SharedLinkPlace, command: readonly string[], options?: SpawnOptions): ChildProcess;
  remove(): void;
}

const LINKS = [
  { host: 'near', subnet: 1 },
  { host: 'side', subnet: 2 },
  { host: 'far', subnet: 3 },
] as const;

let made = 0;

export function createSharedLink(): SharedLink {
  made += 1;
  const name = (place: string): string => `anr-${process.pid}-${made}${place[0] ?? ''}`;
  const namespaces = { near: name('near'), side: name('side'), router: name('router'), far: name('far') };
  const exec = (where: SharedLinkPlace, ...command: string[]): string =>
    ip('netns', 'exec', namespaces[where], ...command);
  for (const namespace of Object.values(namespaces)) ip('netns', 'add', namespace);
  exec('router', 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  exec('router', 'ip', 'link', 'set', 'lo', 'up');
  for (const { host, subnet } of LINKS) {
    const port = `to-${host}`;
    ip(
      'link',
      'add',
      'up0',
      'netns',
      namespaces[host],
      'type',
      'veth',
      'peer',
      'name',
      port,
      'netns',
      namespaces.router,
    );
    exec('router', 'ip', 'address', 'add', `10.67.${subnet}.1/24`, 'dev', port);
    exec('router', 'ip', 'link', 'set', port, 'up');
    exec(host, 'ip', 'link', 'set', 'lo', 'up');
    exec(host, 'ip', 'address', 'add', `10.67.${subnet}.2/24`, 'dev', 'up0');
    exec(host, 'ip', 'link', 'set', 'up0', 'up');
    exec(host, 'ip', 'route', 'add', 'default', 'via', `10.67.${subnet}.1`);
  }
  const shapePort = (port: string, words: readonly string[]): string =>
    exec('router', 'tc', 'qdisc', 'replace', 'dev', port, 'root', ...words);
  return {
    namespaces,
    nearAddress: '10.67.1.2',
    farAddress: '10.67.3.2',
    shape: (...words) => void shapePort('to-far', words),
    shapeBack: (...words) => void shapePort('to-near', words),
    exec,
    forwardApart(isApart, atFar) {
      const last = availableParallelism() - 1;
      if (last < 1) return [];
      const mask = isApart ? 1n << BigInt(last) : 0n;
      // Receive packet steering: what a port receives is handed to that processor before it is forwarded.
      for (const { host } of LINKS) {
        const file = `/sys/class/net/to-${host}/queues/rx-0/rps_cpus`;
        exec('router', 'sh', '-c', `echo ${mask.toString(16)} > ${file}`);
      }
      for (const { pid } of atFar)
        execFileSync('taskset', ['-a', '-c', '-p', isApart ? `${last}` : `0-${last}`, `${pid}`]);
      return isApart ? ['taskset', '-c', `0-${last - 1}`] : [];
    },
    start: (where, command, options) => spawn('ip', ['netns', 'exec', namespaces[where], ...command], options ?? {}),
    remove() {
      for (const namespace of Object.values(namespaces)) ip('netns', 'del', namespace);
    },
  };
}
