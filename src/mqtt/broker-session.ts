// One connection to a broker, on the mqtt package: publishing that tells when the broker has taken a message, and what it sends us.
// Neither queues nor reconnects; both are decided by the publisher, whose spool survives the process.
import type { MqttClient, IClientOptions, IPublishPacket } from 'mqtt';
import { DeviceError } from '../model/errors.js';
import type { MqttSettings } from '../model/configuration.js';
import { readBrokerSecrets } from './broker-secrets.js';
import type { BrokerSecrets } from './broker-secrets.js';
import type { Incoming, Message } from './message.js';
import { openSocket } from './open-socket.js';

/** For connection, TLS and CONNACK together. */
const OPEN_MS = 15_000;
/** A broker that says nothing for one and a half of these has gone. */
const KEEPALIVE_SEC = 30;
/** A broker that is alive takes a message within this time, ms; one that does not is left. */
const TAKE_MS = 30_000;
/** How long parting may take, ms. */
const PART_MS = 500;
/** For how long a broker of MQTT 5 keeps what is sent to us while we are away, s; one of 3.1.1 decides by itself. */
const LASTING_SEC = 86_400;
/** Nothing that is sent to a box is larger. */
const MOST_BYTES = 64 * 1024;
/** Of MQTT 5, 2.4: topic name, packet size and payload format are wrong, and would be the next time. */
const NEVER_TAKEN = [0x90, 0x95, 0x99];

export interface BrokerSession {
  /** Resolves when the broker has taken it: false where it never will. @throws DeviceError when it did not and the session is over */
  publish(message: Message): Promise<boolean>;
  /** @throws DeviceError */
  subscribe(topic: string): Promise<void>;
  /** Aborted when the session is over; the reason says why. */
  readonly ended: AbortSignal;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly settings: MqttSettings;
  readonly clientId: string;
  /** What the broker is to publish when it hears nothing of us any more. */
  readonly will: Message;
  /** Whether the broker is to keep what is sent to us while we are away. */
  readonly isLasting: boolean;
  /** What somebody else published. False: it is not acknowledged, and comes again in the next session; true: what must last is on disk. */
  readonly onMessage: (incoming: Incoming) => boolean;
  readonly signal: AbortSignal;
}

/** @throws DeviceError `peer.unreachable`, ConfigError that names a key */
export async function openBrokerSession(options: SessionOptions): Promise<BrokerSession> {
  const { settings, onMessage } = options;
  const url = new URL(settings.url ?? '');
  const secrets = await readBrokerSecrets(settings);
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(OPEN_MS)]);
  const { fingerprint } = settings;
  const socket = await openSocket({ url, secrets, signal, ...(fingerprint === undefined ? {} : { fingerprint }) });
  const client = await createClient(url, socket, composeClientOptions(options, secrets));
  // Everything that ends a session also closes it; what the package says of it is the reason.
  const over = new AbortController();
  const end = (reason: string): void => over.abort(new DeviceError('peer.unreachable', reason));
  client.on('error', (error) => end(`the MQTT broker at ${url.host}: ${error.message}`));
  client.on('disconnect', ({ reasonCode }) =>
    end(`the MQTT broker at ${url.host} ended the session (${reasonCode ?? 0})`),
  );
  client.on('close', () => end(`the connection to the MQTT broker at ${url.host} is lost`));
  client.handleMessage = (packet, acknowledge) => {
    if (onMessage(readIncoming(packet))) acknowledge();
  };
  const giveUp = (): void => {
    if (!client.connected) end('the MQTT broker did not answer in time');
  };
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  over.signal.addEventListener('abort', () => client.end(true));
  await new Promise<void>((resolve, reject) => {
    const fail = (): void => reject(over.signal.reason as DeviceError);
    client.once('connect', () => resolve());
    over.signal.addEventListener('abort', fail);
    if (over.signal.aborted) fail();
  });
  return createSession(client, over);
}

function readIncoming({ topic, payload, retain, properties }: IPublishPacket): Incoming {
  const { responseTopic, correlationData } = properties ?? {};
  return {
    topic,
    payload: Buffer.from(payload),
    isRetained: retain,
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlationData === undefined ? {} : { correlation: correlationData }),
  };
}

function composeClientOptions(options: SessionOptions, secrets: BrokerSecrets): IClientOptions {
  const { settings, clientId, will, isLasting } = options;
  const { username, password } = secrets;
  const properties = { maximumPacketSize: MOST_BYTES, ...(isLasting ? { sessionExpiryInterval: LASTING_SEC } : {}) };
  return {
    clientId,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(settings.version === 5 ? { protocolVersion: 5, properties } : { protocolVersion: 4 }),
    clean: !isLasting,
    keepalive: KEEPALIVE_SEC,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    timerVariant: 'native',
    connectTimeout: OPEN_MS,
    will: { topic: will.topic, payload: Buffer.from(will.payload), qos: will.qos, retain: will.retain },
  };
}

/** The package is loaded with the first connection: who publishes nothing does without it. */
async function createClient(
  url: URL,
  socket: Awaited<ReturnType<typeof openSocket>>,
  options: IClientOptions,
): Promise<MqttClient> {
  const { default: mqtt } = await import('mqtt');
  if (!url.protocol.startsWith('ws')) return new mqtt.MqttClient(() => socket, options);
  return mqtt.connect(url.href, { ...options, wsOptions: { createConnection: () => socket } });
}

function createSession(client: MqttClient, over: AbortController): BrokerSession {
  const isFive = client.options.protocolVersion === 5;
  const orEnd = async <Result>(work: Promise<Result>): Promise<Result> => {
    let giveUp = (): void => undefined;
    const ended = new Promise<never>((_resolve, reject) => {
      giveUp = () => reject(over.signal.reason as DeviceError);
      if (over.signal.aborted) giveUp();
      over.signal.addEventListener('abort', giveUp);
    });
    const timer = setTimeout(() => over.abort(new DeviceError('peer.unreachable', 'the MQTT broker stalls')), TAKE_MS);
    try {
      return await Promise.race([work, ended]);
    } catch (cause) {
      if (cause instanceof DeviceError) throw cause;
      throw new DeviceError('peer.unreachable', `the MQTT broker refused: ${(cause as Error).message}`);
    } finally {
      clearTimeout(timer);
      over.signal.removeEventListener('abort', giveUp);
    }
  };
  return {
    publish: async ({ topic, payload, qos, retain, correlation }) => {
      const properties = isFive && correlation !== undefined ? { properties: { correlationData: correlation } } : {};
      const taking = client.publishAsync(topic, payload, { qos, retain, ...properties }).then(
        () => true,
        (error: unknown) => {
          if (NEVER_TAKEN.includes(readReason(error))) return false;
          throw error;
        },
      );
      return orEnd(taking);
    },
    subscribe: async (topic) => {
      // What is retained stays marked so with MQTT 5 when it comes while we listen, too.
      await orEnd(client.subscribeAsync(topic, { qos: 1, ...(isFive ? { rap: true } : {}) }));
    },
    ended: over.signal,
    close: async () => {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PART_MS)));
      await Promise.race([client.endAsync().catch(() => undefined), patience]);
      clearTimeout(timer);
      over.abort(new DeviceError('peer.unreachable', 'the session was closed'));
    },
  };
}

/** MQTT 5's reason code, 0 for what has none. */
function readReason(error: unknown): number {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : 0;
}
