// How a console is asked to run: what the command line parses and main starts must agree on this.
import type { ExitCode } from './errors.js';
import type { MqttSettings } from './configuration.js';
import type { Retention } from './configuration.js';
import type { RunPartsOptions } from './parts.js';

export interface RunConsoleOptions extends Pick<
  RunPartsOptions,
  'stateDir' | 'listen' | 'tls' | 'plainHttp' | 'asPort' | 'uiPort' | 'signal' | 'note'
> {
  /** With a URL; checked. */
  readonly broker: MqttSettings;
  readonly retention: Retention;
}

/** Resolves with 0 when `signal` has ended it. @throws as `RunParts` */
export type RunConsole = (options: RunConsoleOptions) => Promise<ExitCode>;

/** What the options of the command line are called where the box's configuration has a key. */
export const BROKER_OPTIONS: Readonly<Record<string, string>> = {
  'mqtt.url': '--broker',
  'mqtt.credentialsFile': '--credentials',
  'mqtt.caFile': '--ca',
  'mqtt.fingerprint': '--fingerprint',
  'mqtt.certificateFile': '--client-cert',
  'mqtt.keyFile': '--client-key',
  'mqtt.version': '--mqtt-version',
  'mqtt.baseTopic': '--base-topic',
};

/** A sentence about keys of the configuration in the words of the command line. */
export function nameBrokerOptions(text: string): string {
  return text.replace(/\bmqtt\.[a-zA-Z]+/g, (key) => BROKER_OPTIONS[key] ?? key);
}
