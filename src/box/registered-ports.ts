// The three registered ports, what of ours lives there, and which other programs are known to meet them.

export interface RegisteredPort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly service: string;
  /** False for the halves of a registration that this product does not use. */
  readonly used: boolean;
}

/** IANA: apparenet-tps, apparenet-as, apparenet-ui, each for TCP and UDP. */
export const REGISTERED_PORTS: readonly RegisteredPort[] = [
  { port: 3237, protocol: 'udp', service: 'test packets, reflector', used: true },
  { port: 3237, protocol: 'tcp', service: 'sequencer control', used: true },
  { port: 3238, protocol: 'tcp', service: 'analysis server', used: true },
  { port: 3238, protocol: 'udp', service: 'not used', used: false },
  { port: 3239, protocol: 'tcp', service: 'page', used: true },
  { port: 3239, protocol: 'udp', service: 'not used', used: false },
];

/** `unidentified`: this user may not see which program it is. */
export type Judgement = 'ours' | 'known' | 'unexpected' | 'unidentified' | 'free' | 'silent';

/** Video conferencing by H.323 takes 3230-3237 for media and 3230-3235 for control (Polycom's fixed port range). */
const VIDEO_CONFERENCING = /^(gnugk|ekiga|gnomemeeting|simph323|polycom\w*|realpresence\w*|openmcu\w*|asterisk|yate)$/i;

/** What a program found on a registered port is, by its name and command line. */
export function judgeProgram(name: string, commandLine: readonly string[]): { judgement: Judgement; note: string } {
  if (commandLine.slice(0, 3).some((word) => OUR_PROGRAM.test(word))) return { judgement: 'ours', note: '' };
  if (VIDEO_CONFERENCING.test(name)) {
    return { judgement: 'known', note: 'video conferencing (H.323)' };
  }
  return { judgement: 'unexpected', note: '' };
}

/** The installed command, the entry of the command line, and the entries of the three parts. */
const OUR_PROGRAM = /(^|\/)apparenet(\.js)?$|\/src\/main\/(tps|as|ui)\.js$|(^|\/)apparenet-(tps|as|ui)$/;
