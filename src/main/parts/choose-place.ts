// Where API and page listen and with which certificate: what the command line says goes before what the configuration says. A file
// that is not sound opens nothing: then it is loopback, as shipped.
import { DEFAULT_PLACE, readServerPlace } from '../../box/config/read-server-place.js';
import type { ServerPlace } from '../../model/configuration.js';
import { ConfigError } from '../../model/errors.js';
import { CONFIG_PATH } from '../../model/parts.js';
import type { RunPartsOptions } from '../../model/parts.js';

/** With every place filled in. `options.note` hears of a file that does not count. */
export async function choosePlace(options: RunPartsOptions): Promise<RunPartsOptions> {
  const { configPath: path = CONFIG_PATH } = options;
  const place = await readServerPlace(path).catch((error: unknown) => {
    if (!(error instanceof ConfigError)) throw error;
    options.note(`API and page are for this machine alone until ${path} is corrected: ${error.message}`);
    return DEFAULT_PLACE;
  });
  const { listen = place.listen, asPort = place.apiPort, uiPort = place.pagePort } = options;
  const saysTls = options.tls !== undefined || options.plainHttp !== undefined;
  return { ...options, listen, asPort, uiPort, ...(saysTls ? {} : pickTls(place)) };
}

function pickTls({ tlsCertificate, tlsKey, plainHttp }: ServerPlace): Pick<RunPartsOptions, 'tls' | 'plainHttp'> {
  if (tlsCertificate === undefined || tlsKey === undefined) return { plainHttp };
  return { tls: { certPath: tlsCertificate, keyPath: tlsKey, saidBy: 'configuration' } };
}
