// What the keys of `server` must be to each other and to the machine. Whether the files that it names can be used shows when they are
// read (box/tls).
import { isIP } from 'node:net';
import type { ServerPlace } from '../../model/configuration.js';
import { ConfigError } from '../../model/errors.js';

/** @throws ConfigError */
export function checkServer({ listen, apiPort, pagePort, tlsCertificate, tlsKey, plainHttp }: ServerPlace): void {
  if (isIP(listen) === 0)
    throw new ConfigError('server.listen', `must be an address of this machine, 0.0.0.0 or ::, not "${listen}"`);
  if (apiPort === pagePort) throw new ConfigError('server.pagePort', 'must differ from server.apiPort');
  if (tlsCertificate !== undefined && tlsKey === undefined)
    throw new ConfigError('server.tlsKey', 'is missing: it comes together with server.tlsCertificate');
  if (tlsCertificate === undefined && tlsKey !== undefined)
    throw new ConfigError('server.tlsCertificate', 'is missing: it comes together with server.tlsKey');
  if (plainHttp && tlsCertificate !== undefined)
    throw new ConfigError('server.plainHttp', 'cannot be true beside server.tlsCertificate');
}
