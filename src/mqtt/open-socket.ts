// A connection to the broker on which the handshake is over and its certificate is the right one, before a password is sent over it.
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { MqttSettings } from '../model/configuration.js';
import { DeviceError } from '../model/errors.js';
import type { BrokerSecrets } from './broker-secrets.js';

const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

export interface SocketOptions {
  readonly url: URL;
  readonly fingerprint?: MqttSettings['fingerprint'];
  readonly secrets: BrokerSecrets;
  readonly signal: AbortSignal;
}

/** @throws DeviceError `peer.unreachable` */
export async function openSocket({ url, fingerprint, secrets, signal }: SocketOptions): Promise<Socket> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const place = { host, port: url.port === '' ? (PORTS[url.protocol] ?? 0) : Number(url.port) };
  const isTls = url.protocol === 'mqtts:' || url.protocol === 'wss:';
  const { ca, cert, key } = secrets;
  const socket = isTls
    ? connectTls({
        ...place,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...({ ca, cert, key } as ConnectionOptions),
        // A pinned certificate is compared below, before a byte is sent.
        rejectUnauthorized: fingerprint === undefined,
        minVersion: 'TLSv1.2',
      })
    : connectTcp(place);
  try {
    await waitUntilOpen(socket, isTls ? 'secureConnect' : 'connect', signal);
    if (isTls && fingerprint !== undefined) checkFingerprint(socket as TLSSocket, fingerprint);
    return socket.setNoDelay(true);
  } catch (cause) {
    socket.destroy();
    if (cause instanceof DeviceError) throw cause;
    // Of several addresses that were tried, Node's error has no words.
    const { message, code } = cause as NodeJS.ErrnoException;
    const reason = message === '' ? (code ?? 'unknown error') : message;
    throw new DeviceError('peer.unreachable', `the MQTT broker at ${url.host} does not answer: ${reason}`, undefined, {
      cause,
    });
  }
}

function waitUntilOpen(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new DeviceError('peer.unreachable', 'the MQTT broker did not answer in time'));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    socket.once('error', reject);
    socket.once('close', () => reject(new DeviceError('peer.unreachable', 'the MQTT broker closed the connection')));
    socket.once(event, () => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    });
  });
}

function checkFingerprint(socket: TLSSocket, fingerprint: string): void {
  const shown = bareHex(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
  if (shown === bareHex(fingerprint)) return;
  throw new DeviceError('peer.unreachable', 'the MQTT broker shows another certificate than that of mqtt.fingerprint');
}

function bareHex(text: string): string {
  return text.replaceAll(':', '').toLowerCase();
}
