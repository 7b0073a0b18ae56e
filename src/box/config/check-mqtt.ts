// What the keys of `mqtt` must be to each other and to their broker's address. Reads none of the files that they name. Pure.
import { ConfigError } from '../../model/errors.js';
import type { MqttSettings } from '../../model/configuration.js';

const SCHEMES = ['mqtt:', 'mqtts:', 'ws:', 'wss:'];
const TLS_SCHEMES = ['mqtts:', 'wss:'];
const TLS_KEYS = ['caFile', 'fingerprint', 'certificateFile', 'keyFile'] as const;
const EXAMPLE = 'such as mqtt://192.0.2.10 or mqtts://broker.example:8883';

/** @throws ConfigError that names the key */
export function checkMqtt(mqtt: MqttSettings): void {
  if (mqtt.url === undefined) {
    if (mqtt.enabled) throw new ConfigError('mqtt.url', `is missing: name the broker, ${EXAMPLE}`);
  } else checkBrokerUrl('mqtt.url', mqtt.url);
  const usesTls = TLS_SCHEMES.some((scheme) => mqtt.url?.startsWith(scheme));
  for (const key of TLS_KEYS) {
    if (mqtt[key] !== undefined && mqtt.url !== undefined && !usesTls)
      throw new ConfigError(`mqtt.${key}`, 'needs an mqtt.url that begins with mqtts:// or wss://');
  }
  if (mqtt.caFile !== undefined && mqtt.fingerprint !== undefined)
    throw new ConfigError('mqtt.fingerprint', 'names one certificate already; leave out mqtt.caFile');
  if ((mqtt.certificateFile === undefined) !== (mqtt.keyFile === undefined)) {
    const missing = mqtt.keyFile === undefined ? 'keyFile' : 'certificateFile';
    throw new ConfigError(`mqtt.${missing}`, 'is missing: a certificate and its key are named together');
  }
  if (mqtt.discoveryPrefix === mqtt.baseTopic)
    throw new ConfigError('mqtt.discoveryPrefix', 'must differ from mqtt.baseTopic');
}

/** `field` names it in the error. @throws ConfigError */
export function checkBrokerUrl(field: string, text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !SCHEMES.includes(url.protocol) || url.hostname === '')
    throw new ConfigError(field, `must begin with mqtt://, mqtts://, ws:// or wss:// and name a host, ${EXAMPLE}`);
  // Not shown: it is a secret.
  if (url.username !== '' || url.password !== '')
    throw new ConfigError(field, 'must be without user and password: they belong in mqtt.credentialsFile');
  const isWebSocket = url.protocol.startsWith('ws');
  if (url.hash !== '' || (!isWebSocket && (url.search !== '' || !['', '/'].includes(url.pathname))))
    throw new ConfigError(field, `must end after host and port, ${EXAMPLE}`);
}
