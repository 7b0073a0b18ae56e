// Which requests a server of this product takes as meant for it: the same for API and page. A page from elsewhere in somebody's
// browser must not use it, neither directly (Origin) nor through a name that its owner lets point here (DNS rebinding: Host).

export interface MeantFor {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}

export interface OwnPlace {
  readonly port: number;
  /** The machine's own names in small letters; addresses need no entry, since nobody else can let one point elsewhere. */
  readonly names: readonly string[];
  readonly scheme: 'http' | 'https';
}

/** Which header, if any, shows that a request was not meant for this server. */
export function checkOwnHeaders({ host, origin }: MeantFor, place: OwnPlace): 'host' | 'origin' | null {
  // The name is what an attacker would have to change; programs often leave out the port.
  if (host === undefined || !isOwnHost(host.toLowerCase(), place)) return 'host';
  const [scheme, authority] = origin?.split('://') ?? [];
  const isForeign = scheme !== place.scheme || authority?.toLowerCase() !== host.toLowerCase();
  return origin !== undefined && isForeign ? 'origin' : null;
}

function isOwnHost(host: string, { port, names }: OwnPlace): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(\d{1,5}))?$/.exec(host);
  const [, name = '', hostPort] = match ?? [];
  if (match === null || (hostPort !== undefined && Number(hostPort) !== port)) return false;
  return name.startsWith('[') || /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || names.includes(name);
}

/** The names by which a machine called `hostName` is known on its own network: as it is, its first label, and by mDNS. */
export function listOwnNames(hostName: string): string[] {
  const whole = hostName.toLowerCase();
  const [first = whole] = whole.split('.');
  return ['localhost', whole, first, `${first}.local`];
}
