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
/** Nothing that is sent to a box is larger. */
const MOST_BYTES = 64 * 1024;
/** Of MQTT 5, 2.4: topic name, packet size and payload format are wrong, and would be the next time. */
const NEVER_TAKEN = [0x90, 0x95, 0x99];

export interface BrokerSession {
  /** Resolves when the broker has taken it: false where it never will. @throws DeviceError when it did not and the session is over */
  publish(message: Message): Promise<boolean>;
  /** @throws DeviceError */
  subscribe(topic: string, options?: SubscribeOptions): Promise<void>;
  /** Aborted when the session is over; the reason says why. */
  readonly ended: AbortSignal;
  close(): Promise<void>;
}

export interface SubscribeOptions {
  /** 1 without it; what somebody sends with less comes with less. */
  readonly qos?: 0 | 1;
  /**
   * Whether what is published as retained is told as such with MQTT 5 when it comes while we listen, too; true without it. Where it is
   * false, and with MQTT 3.1.1, `isRetained` says that it was published before we came.
   */
  readonly isMarkKept?: boolean;
}

export interface SessionOptions {
  readonly settings: MqttSettings;
  readonly clientId: string;
  /** What the broker is to publish when it hears nothing of us any more; null: nothing. */
  readonly will: Message | null;
  /** For how long the broker is to keep what is sent to us while we are away, s; 0: not at all. One of MQTT 3.1.1 decides by itself. */
  readonly lastingSec: number;
  /** What a broker of MQTT 5 may send us at once; 64 kiB without it. */
  readonly mostBytes?: number;
  /**
   * What somebody else published. False: it is not acknowledged, and comes again in the next session; true: what must last is on disk.
   * Nothing else is handed out before it is told; a promise that is rejected ends the session.
   */
  readonly onMessage: (incoming: Incoming) => boolean | Promise<boolean>;
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
    const taken = onMessage(readIncoming(packet));
    if (taken === true) acknowledge();
    else if (taken !== false) acknowledgeAfter(taken, acknowledge, end);
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

function acknowledgeAfter(taken: Promise<boolean>, acknowledge: () => void, end: (reason: string) => void): void {
  taken.then(
    (isTaken) => {
      if (isTaken) acknowledge();
    },
    (error: unknown) => end(`a message could not be taken: ${String(error)}`),
  );
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
  const { settings, clientId, will, lastingSec, mostBytes = MOST_BYTES } = options;
  const { username, password } = secrets;
  const lasting = lastingSec > 0 ? { sessionExpiryInterval: lastingSec } : {};
  const properties = { maximumPacketSize: mostBytes, ...lasting };
  return {
    clientId,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(settings.version === 5 ? { protocolVersion: 5, properties } : { protocolVersion: 4 }),
    clean: lastingSec === 0,
    keepalive: KEEPALIVE_SEC,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    timerVariant: 'native',
    connectTimeout: OPEN_MS,
    ...(will === null ? {} : { will: { ...will, payload: Buffer.from(will.payload) } }),
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
    subscribe: async (topic, { qos = 1, isMarkKept = true } = {}) => {
      await orEnd(client.subscribeAsync(topic, { qos, ...(isFive ? { rap: isMarkKept } : {}) }));
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
